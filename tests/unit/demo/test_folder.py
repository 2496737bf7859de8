from __future__ import annotations

from pathlib import Path

import pytest

from idm.demo.folder import MARKER, check_ours, make_empty
from idm.errors import Conflict


def test_a_new_or_empty_folder_is_marked(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    assert not check_ours(home)
    make_empty(home)
    assert check_ours(home)
    assert [path.name for path in home.iterdir()] == [MARKER]

    (tmp_path / "empty").mkdir()
    make_empty(tmp_path / "empty")
    assert check_ours(tmp_path / "empty")


def test_a_marked_folder_is_emptied_and_what_its_links_point_at_is_left_alone(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    make_empty(home)
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("x")
    (home / "keys").mkdir()
    (home / "keys" / "master").write_text("x")
    (home / "link").symlink_to(elsewhere)
    make_empty(home)

    assert [path.name for path in home.iterdir()] == [MARKER]
    assert (elsewhere / "kept").exists()


@pytest.mark.parametrize("marker", [None, "", "The demo made something else.\n"])
def test_a_folder_that_the_demo_did_not_mark_is_refused_and_not_touched(tmp_path: Path, marker: str | None) -> None:
    (tmp_path / "idm.sqlite").write_text("precious")
    if marker is not None:
        (tmp_path / MARKER).write_text(marker)
    for act in (check_ours, make_empty):
        with pytest.raises(Conflict) as raised:
            act(tmp_path)
        assert str(tmp_path) in raised.value.message and raised.value.next_step
    assert (tmp_path / "idm.sqlite").read_text() == "precious"


def test_neither_a_link_nor_a_file_is_a_demo_folder(tmp_path: Path) -> None:
    home, link, file = tmp_path / "home", tmp_path / "link", tmp_path / "file"
    make_empty(home)
    link.symlink_to(home)
    file.write_text("x")
    (tmp_path / "fooled").mkdir()
    (tmp_path / "fooled" / MARKER).symlink_to(home / MARKER)
    for path in (link, file, tmp_path / "fooled"):
        with pytest.raises(Conflict):
            make_empty(path)
    assert file.read_text() == "x"
