from __future__ import annotations

from pathlib import Path

import pytest

from idm.errors import Conflict
from idm.initialise import initialise
from idm.settings import Settings


def test_a_folder_with_other_files_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("mine")
    with pytest.raises(Conflict) as refusal:
        initialise(Settings(home=tmp_path), "test")
    assert "thesis.odt" in refusal.value.message and "IDM_HOME" in refusal.value.next_step
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]


def test_what_an_administrator_prepared_may_stand_there(tmp_path: Path) -> None:
    (tmp_path / "idm.env").write_text("IDM_PORT=9001\n")
    (tmp_path / "lost+found").mkdir()
    assert not initialise(Settings(home=tmp_path), "test").existed
    (tmp_path / "notes.txt").write_text("kept beside it later")
    assert initialise(Settings(home=tmp_path), "test").existed
