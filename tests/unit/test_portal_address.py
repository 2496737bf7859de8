from __future__ import annotations

import json
from pathlib import Path

import pytest

from idm.portal_address import SERVER_FILE, portal_address


def address(home: Path, url: str = "", *, playful: bool = True) -> str:
    return portal_address(url, home, playful=playful)()


def test_the_setting_counts_everywhere(tmp_path: Path) -> None:
    (tmp_path / SERVER_FILE).write_text(json.dumps({"url": "http://127.0.0.1:8080"}))
    for playful in (True, False):
        assert address(tmp_path, "https://idm.example.org/", playful=playful) == "https://idm.example.org"


def test_without_it_a_demo_goes_by_its_own_server_on_this_machine(tmp_path: Path) -> None:
    assert address(tmp_path) == ""
    (tmp_path / SERVER_FILE).write_text(json.dumps({"url": "http://127.0.0.1:8080"}))
    assert address(tmp_path) == "http://127.0.0.1:8080"
    assert address(tmp_path, playful=False) == ""
    (tmp_path / SERVER_FILE).write_text(json.dumps({"url": "http://[::1]:8080"}))
    assert address(tmp_path) == "http://[::1]:8080"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"url": null}', '{"url": "http://192.0.2.1:8080"}', '{"url": "http://idm.example.org"}'])
def test_what_is_no_address_of_this_machine_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / SERVER_FILE).write_text(text)
    assert address(tmp_path) == ""
