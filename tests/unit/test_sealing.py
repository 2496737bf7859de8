from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from idm.domain.seals import NOTHING, Anchored
from idm.errors import Conflict, Unavailable
from idm.sealing import KEYS, AnchorFiles, SealKeyFile

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_key_signs_and_only_that_key(tmp_path: Path) -> None:
    keys = SealKeyFile.create(tmp_path / KEYS)
    (tmp_path / "other").mkdir()
    other = SealKeyFile.create(tmp_path / "other" / KEYS)

    opened = SealKeyFile.open(tmp_path / KEYS)
    assert opened is not None
    assert opened.mac(b"x", opened.current) == keys.mac(b"x", keys.current) != keys.mac(b"y", keys.current)
    assert other.mac(b"x", other.current) != keys.mac(b"x", keys.current)
    assert keys.mac(b"x", other.current) is None
    assert (tmp_path / KEYS).stat().st_mode & 0o777 == 0o600


def test_a_rotated_key_file_signs_with_the_new_and_knows_the_old(tmp_path: Path) -> None:
    old = SealKeyFile.create(tmp_path / KEYS)
    new = SealKeyFile.add(tmp_path / KEYS)

    assert new.current != old.current
    assert new.mac(b"x", old.current) == old.mac(b"x", old.current)
    assert new.mac(b"x", new.current) != old.mac(b"x", old.current)


def test_keys_are_never_overwritten_and_their_absence_is_no_fault(tmp_path: Path) -> None:
    assert SealKeyFile.open(tmp_path / KEYS) is None
    with pytest.raises(Unavailable, match="no key file"):
        SealKeyFile.add(tmp_path / KEYS)
    SealKeyFile.create(tmp_path / KEYS)
    with pytest.raises(Conflict):
        SealKeyFile.create(tmp_path / KEYS)


@pytest.mark.parametrize("content", ["", "k-1\n", "k-1 zz\n", "k-1 00ff\n", "only-one-word-that-is-secret\n", "ø\n"])
def test_a_damaged_key_file_is_named_and_its_content_is_not(tmp_path: Path, content: str) -> None:
    (tmp_path / KEYS).write_text(content)
    with pytest.raises(Unavailable, match="damaged") as caught:
        SealKeyFile.open(tmp_path / KEYS)
    assert "secret" not in caught.value.message


def test_the_anchor_remembers_the_newest_and_never_goes_back(tmp_path: Path) -> None:
    anchor = AnchorFiles([tmp_path / "anchor" / "seals.jsonl"])
    assert anchor.newest() == NOTHING
    for number in (1, 2, 3, 2):
        anchor.append(Anchored(number, f"mac-{number}"), AT)

    assert anchor.newest() == Anchored(3, "mac-3")
    assert [json.loads(line)["number"] for line in anchor.paths[0].read_text().splitlines()] == [1, 2, 3]


def test_of_two_anchors_the_one_that_knows_more_counts(tmp_path: Path) -> None:
    first, second = tmp_path / "anchor" / "seals.jsonl", tmp_path / "second.jsonl"
    both = AnchorFiles([first, second])
    both.append(Anchored(1, "a"), AT)
    AnchorFiles([second]).append(Anchored(2, "b"), AT)

    assert both.newest() == Anchored(2, "b")
    both.append(Anchored(2, "b"), AT)
    assert len(first.read_text().splitlines()) == len(second.read_text().splitlines()) == 2


def test_a_torn_last_line_is_passed_over_and_the_next_stands_by_itself(tmp_path: Path) -> None:
    anchor = AnchorFiles([tmp_path / "anchor" / "seals.jsonl"])
    anchor.append(Anchored(1, "a"), AT)
    with anchor.paths[0].open("ab") as file:
        file.write(b'{"number":2,"at":"20')

    assert anchor.newest() == Anchored(1, "a")
    anchor.append(Anchored(2, "b"), AT)
    assert anchor.newest() == Anchored(2, "b")


def test_an_anchor_that_cannot_be_read_never_looks_like_none(tmp_path: Path) -> None:
    own = tmp_path / "anchor" / "seals.jsonl"
    with pytest.raises(Unavailable, match="folder is missing"):
        AnchorFiles([own, tmp_path / "share" / "seals.jsonl"]).newest()
    with pytest.raises(Unavailable, match="can't be written"):
        AnchorFiles([own, tmp_path / "share" / "seals.jsonl"]).append(Anchored(1, "a"), AT)
    own.write_text("nonsense\n")
    with pytest.raises(Unavailable, match="last line"):
        AnchorFiles([own]).newest()


def test_a_restore_is_on_record_for_good(tmp_path: Path) -> None:
    anchor = AnchorFiles([tmp_path / "anchor" / "seals.jsonl"])
    anchor.append(Anchored(5, "five"), AT)
    anchor.accept(Anchored(3, "three"), AT, "root", "disk failed")
    anchor.accept(Anchored(3, "three"), AT, "root", "disk failed")

    told = [json.loads(line) for line in anchor.paths[0].read_text().splitlines()]
    assert anchor.newest() == Anchored(3, "three")
    assert [(line["number"], line.get("restored_from"), line.get("by"), line.get("reason")) for line in told] == [
        (5, None, None, None),
        (3, 5, "root", "disk failed"),
    ]
