"""What keeps strangers out: a token that is never empty, and files that only their owner reads."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from starlette.testclient import TestClient

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
