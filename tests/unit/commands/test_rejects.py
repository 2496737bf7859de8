from __future__ import annotations

import resource
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from idm.commands.rejects import keep_rejects
from idm.errors import Unavailable

AT = datetime(2027, 1, 4, 8, tzinfo=UTC)


def test_each_is_a_file_of_its_own_that_its_owner_alone_may_read(tmp_path: Path) -> None:
    paths = [keep_rejects(tmp_path / "rejects", text, ".json", AT) for text in (b"[1]", b"[2]")]

    assert [path.read_bytes() for path in paths] == [b"[1]", b"[2]"]
    assert [path.name for path in paths] == ["20270104T080000Z-1.json", "20270104T080000Z-2.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond 4 KiB, as on a disk that has no more room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_the_disk_cannot_take_leaves_nothing_half_written(tmp_path: Path, small_files: None) -> None:
    with pytest.raises(Unavailable) as refusal:
        keep_rejects(tmp_path, b"x" * 10_000, ".json", AT)

    assert str(tmp_path) in refusal.value.message and refusal.value.next_step
    assert list(tmp_path.iterdir()) == []
