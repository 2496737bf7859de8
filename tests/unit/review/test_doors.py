"""What keeps strangers out: a token that is never empty, and files that only their owner reads."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from idm.flow.intake import Receipt
from idm.initialise import EVENTS_TOKEN, initialise
from idm.settings import Settings
from idm.web.app import make_app


@pytest.mark.parametrize("given", ["Bearer ", "Bearer", "bearer    "])
def test_an_empty_token_opens_nothing(given: str) -> None:
    app = make_app(token="", take=lambda _: [], ready=dict, healthy=lambda: True)
    answer = TestClient(app).post("/events", headers={"authorization": given, "content-type": "application/json"}, content="[]")
    assert answer.status_code == 401


def test_a_token_file_that_a_crash_left_empty_is_made_anew(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var")
    initialise(settings, "test")
    token = settings.home / "keys" / EVENTS_TOKEN
    token.write_text("")
    initialise(settings, "test")
    assert len(token.read_text()) > 40
    assert stat.S_IMODE(token.stat().st_mode) == 0o600


def test_the_database_is_its_owners_alone_wherever_the_folder_lies(tmp_path: Path) -> None:
    home = tmp_path / "var"
    home.mkdir(mode=0o755)
    initialise(Settings(home=home), "test")
    assert [stat.S_IMODE(path.stat().st_mode) & 0o077 for path in home.glob("idm.sqlite*")] == [0] * len(list(home.glob("idm.sqlite*")))


def events(take: Callable[[bytes | str], list[Receipt]], content: str) -> Any:
    """The answer to an event in binary mode."""
    app = make_app(token="t", take=take, ready=dict, healthy=lambda: True)
    headers = {"authorization": "Bearer t", "content-type": "application/json", "ce-specversion": "1.0", "ce-id": "1"}
    return TestClient(app, raise_server_exceptions=False).post("/events", headers=headers, content=content)


@pytest.mark.parametrize(
    ("content", "rule"), [("[" * 200_000, "depth"), ('{"a": 1, "a": 2}', "json"), ('{"a": NaN}', "json"), ("", "empty")]
)
def test_data_in_binary_mode_is_read_as_strictly_as_an_event(content: str, rule: str) -> None:
    answer = events(lambda _: [], content)
    assert (answer.status_code, answer.json()["error"]["faults"][0]["rule"]) == (422, rule)


def test_a_fault_of_idm_itself_is_told_in_the_usual_shape_and_without_its_words() -> None:
    def broken(_: bytes | str) -> list[Receipt]:
        raise ValueError("a private address")

    answer = events(broken, "{}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert "private" not in answer.text
