from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from idm.errors import PolicyInvalid
from idm.policy_files import PolicyFolder, load
from tests.unit.policy_files.base import BASE, NAMING, write


def test_reads_again_when_a_file_changed(tmp_path: Path) -> None:
    folder = PolicyFolder(write(tmp_path))
    before = folder.current()
    assert folder.current() is before

    write(tmp_path, {"naming.yaml": NAMING.replace("example.org", "kommune.example")})

    assert folder.current().naming.domain == "kommune.example"
    assert folder.current() == load(tmp_path)
    assert folder.fault() is None


def test_reads_again_when_a_file_is_replaced_by_one_of_the_same_size_and_time(tmp_path: Path) -> None:
    folder = PolicyFolder(write(tmp_path))
    assert folder.current().naming.username_length == 12
    naming = tmp_path / "naming.yaml"
    stat = naming.stat()
    fresh = tmp_path / ".fresh"
    fresh.write_text(NAMING.replace("12", "13"), encoding="utf-8")
    os.utime(fresh, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    fresh.replace(naming)

    assert folder.current().naming.username_length == 13


def test_keeps_the_last_sound_set_while_the_folder_is_broken_and_says_why(tmp_path: Path) -> None:
    folder = PolicyFolder(write(tmp_path))
    before, texts = folder.current(), folder.texts()

    write(tmp_path, {"naming.yaml": "naming: {}\n"})

    assert folder.current() is before
    assert folder.texts() is texts
    fault = folder.fault()
    assert fault is not None
    assert {entry.path for entry in fault.faults} == {"naming.yaml:1"}

    write(tmp_path, {"naming.yaml": NAMING})
    assert folder.fault() is None
    assert folder.current() == before


def test_a_removed_file_and_a_new_one_are_changes(tmp_path: Path) -> None:
    folder = PolicyFolder(write(tmp_path))
    folder.current()

    (tmp_path / "roles.yaml").unlink()
    fault = folder.fault()
    assert fault is not None
    assert [entry.path for entry in fault.faults] == ["roles.yaml:1"]

    write(tmp_path, {"roles.yaml": BASE["roles.yaml"], "forms/other.yaml": BASE["forms/payroll.yaml"].replace("payroll", "other")})
    assert set(folder.current().forms) == {"payroll", "other"}


def test_refuses_as_long_as_nothing_was_ever_sound(tmp_path: Path) -> None:
    folder = PolicyFolder(tmp_path)

    for _ in range(2):
        with pytest.raises(PolicyInvalid):
            folder.current()
        with pytest.raises(PolicyInvalid):
            folder.texts()
    write(tmp_path)
    assert folder.current() == load(tmp_path)


def test_gives_the_texts_in_force_by_file_with_their_hash(tmp_path: Path) -> None:
    folder = PolicyFolder(write(tmp_path))

    assert {file: text for file, (_, text) in folder.texts().items()} == BASE
    assert {file: hash_ for file, (hash_, _) in folder.texts().items()} == folder.current().files


def test_threads_see_whole_sets_only(tmp_path: Path) -> None:
    folder = PolicyFolder(write(tmp_path))
    known = {folder.current().hash}
    write(tmp_path, {"naming.yaml": NAMING.replace("12", "14")})
    known.add(load(tmp_path).hash)
    seen: list[str] = []

    def look() -> None:
        seen.extend(folder.current().hash for _ in range(50))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for length in (12, 14) * 10:
        fresh = tmp_path / ".naming"
        fresh.write_text(NAMING.replace("12", str(length)), encoding="utf-8")
        fresh.replace(tmp_path / "naming.yaml")
    for thread in threads:
        thread.join()

    assert len(seen) == 200
    assert set(seen) <= known
