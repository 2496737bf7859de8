"""A file is there whole or not at all, and nobody else may read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from idm.durable import add_whole, put_whole, write_new


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_is_its_owners_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_new(path, b"first")
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write_new(path, b"second")
    assert path.read_bytes() == b"first"


def test_a_file_takes_anothers_place(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"old and longer")
    put_whole(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777, names(tmp_path)) == (b"new", 0o600, ["key"])


def test_what_cannot_take_its_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "key").mkdir()
    with pytest.raises(OSError, match="key"):
        put_whole(tmp_path / "key", b"new")
    assert names(tmp_path) == ["key"]


def test_a_file_that_is_there_already_stays_even_if_its_name_is_as_long_as_one_can_be(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    for content in (b"first", b"second"):
        add_whole(path, content)
    assert (path.read_bytes(), names(tmp_path)) == (b"first", [path.name])
