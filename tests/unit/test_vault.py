"""The vault: what goes in comes out, and nothing that was touched ever does."""

from __future__ import annotations

import io
import os
import random
import resource
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idm.errors import BadInput, NotFound, Unavailable
from idm.vault import SEGMENT, DamagedDocument, Vault
from idm.vault_keys import KeyRing

LIMIT = 10 * SEGMENT
HEADER, SEALED = 19, SEGMENT + 16
shared_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=40)
sizes = st.one_of(
    st.integers(0, 3 * SEGMENT),
    st.sampled_from([0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT - 1, 2 * SEGMENT, 2 * SEGMENT + 1]),
)


@pytest.fixture
def keys() -> KeyRing:
    return KeyRing([Fernet.generate_key()], bytes(range(32)))


@pytest.fixture
def vault(tmp_path: Path, keys: KeyRing) -> Vault:
    return Vault.create(tmp_path / "vault", keys)


def content_of(size: int) -> bytes:
    return random.Random(size).randbytes(size)


class Dribble(io.RawIOBase):
    """A source that hands out at most `piece` bytes a read, as a socket does."""

    def __init__(self, content: bytes, piece: int) -> None:
        self._rest = io.BytesIO(content)
        self._piece = piece

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._rest.read(min(size, self._piece))


@shared_folder
@given(size=sizes, piece=st.integers(900, 2 * SEGMENT))
def test_any_size_in_any_pieces_comes_back(vault: Vault, size: int, piece: int) -> None:
    content = content_of(size)
    stored = vault.put("d1", Dribble(content, piece), LIMIT)  # type: ignore[arg-type]  # typeshed: RawIOBase is no BinaryIO
    assert stored.size == size
    with vault.open("d1", stored.name, stored.wrapped_key) as document:
        assert document.read() == content


@shared_folder
@given(size=sizes, reads=st.lists(st.tuples(st.integers(0, 3 * SEGMENT), st.integers(0, 70_000)), max_size=6))
def test_the_stream_seeks_like_any_file(vault: Vault, size: int, reads: list[tuple[int, int]]) -> None:
    plain = io.BytesIO(content_of(size))
    stored = vault.put("d1", io.BytesIO(content_of(size)), LIMIT)
    with vault.open("d1", stored.name, stored.wrapped_key) as document:
        assert document.seek(0, io.SEEK_END) == size
        for place, count in reads:
            assert document.seek(place) == plain.seek(place)
            assert document.read(count) == plain.read(count)


@shared_folder
@given(size=sizes, data=st.data())
def test_any_truncation_and_any_flipped_bit_is_noticed(vault: Vault, tmp_path: Path, size: int, data: st.DataObject) -> None:
    stored = vault.put("d1", io.BytesIO(content_of(size)), LIMIT)
    path = tmp_path / "vault" / stored.name
    sealed = path.read_bytes()
    if data.draw(st.booleans(), label="cut"):
        boundaries = [HEADER + n * SEALED for n in range(len(sealed) // SEALED + 1)]
        length = data.draw(st.one_of(st.integers(0, len(sealed) - 1), st.sampled_from([b for b in boundaries if b < len(sealed)])))
        path.write_bytes(sealed[:length])
    else:
        bit = data.draw(st.integers(0, len(sealed) * 8 - 1), label="bit")
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
    with pytest.raises(DamagedDocument, match="Document d1 "), vault.open("d1", stored.name, stored.wrapped_key) as document:
        document.read()


def swapped(sealed: bytes) -> bytes:
    first, second = (sealed[HEADER + n * SEALED : HEADER + (n + 1) * SEALED] for n in (0, 1))
    return sealed[:HEADER] + second + first + sealed[HEADER + 2 * SEALED :]


@pytest.mark.parametrize(
    "harm",
    [
        swapped,
        lambda sealed: sealed + b"\0",
        lambda sealed: sealed + sealed[HEADER : HEADER + SEALED],
        lambda sealed: sealed[: HEADER + SEALED] + sealed[HEADER + 2 * SEALED :],
        lambda sealed: sealed[: HEADER + SEALED] + sealed[HEADER:],
    ],
    ids=["reordered", "extended", "segment-added", "segment-left-out", "segment-repeated"],
)
def test_segments_moved_added_or_left_out_are_noticed(vault: Vault, tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    stored = vault.put("d1", io.BytesIO(content_of(3 * SEGMENT)), LIMIT)
    path = tmp_path / "vault" / stored.name
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(DamagedDocument), vault.open("d1", stored.name, stored.wrapped_key) as document:
        document.read()


def test_another_documents_id_key_or_ring_opens_nothing(vault: Vault, tmp_path: Path) -> None:
    one = vault.put("d1", io.BytesIO(b"one"), LIMIT)
    two = vault.put("d2", io.BytesIO(b"two"), LIMIT)
    stranger = Vault(tmp_path / "vault", KeyRing([Fernet.generate_key()], bytes(32)))
    for where, document_id, wrapped_key in (
        (vault, "d2", one.wrapped_key),
        (vault, "d1", two.wrapped_key),
        (stranger, "d1", one.wrapped_key),
        (vault, "d1", "rubbish"),
    ):
        with pytest.raises(DamagedDocument) as caught:
            where.open(document_id, one.name, wrapped_key)
        assert caught.value.next_step


def test_what_lies_on_the_disk_says_nothing(vault: Vault, tmp_path: Path) -> None:
    one, two = (vault.put("anna-cv", io.BytesIO(b"same content" * 1000), LIMIT) for _ in range(2))
    assert one.digest == two.digest
    assert one.wrapped_key not in repr(one)
    files = sorted((tmp_path / "vault").iterdir())
    assert sorted(path.name for path in files) == sorted([one.name, two.name])
    assert files[0].read_bytes() != files[1].read_bytes()
    assert all(b"same content" not in path.read_bytes() and b"anna" not in path.read_bytes() for path in files)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)
    assert (tmp_path / "vault").stat().st_mode & 0o777 == 0o700


def test_the_limit_is_exact_and_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    limit = SEGMENT + 5
    assert vault.put("d1", io.BytesIO(bytes(limit)), limit).size == limit
    with pytest.raises(BadInput) as caught:
        vault.put("d1", io.BytesIO(bytes(limit + 1)), limit)
    assert [(fault.path, fault.rule) for fault in caught.value.faults] == [("file", "too-large")]
    assert len(list((tmp_path / "vault").iterdir())) == 1


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """The kernel refuses to let a file grow past `size`, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    with files_at_most(SEGMENT + 100), pytest.raises(Unavailable) as caught:
        vault.put("d1", io.BytesIO(bytes(3 * SEGMENT)), LIMIT)
    assert "space" in caught.value.next_step
    assert list((tmp_path / "vault").iterdir()) == []


class Breaking(io.BytesIO):
    """A source whose connection breaks after its first segment."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise OSError(104, "Connection reset by peer")
        return super().read(size)


def test_a_source_that_breaks_off_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="read to its end"):
        vault.put("d1", Breaking(bytes(2 * SEGMENT)), LIMIT)
    assert list((tmp_path / "vault").iterdir()) == []


def test_a_vault_that_is_not_there(tmp_path: Path, keys: KeyRing) -> None:
    with pytest.raises(Unavailable, match="can't be used"):
        Vault(tmp_path / "nowhere", keys).put("d1", io.BytesIO(b"x"), LIMIT)
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable):
        Vault.create(tmp_path / "file", keys)


def test_destroy_is_for_good_and_may_be_repeated(vault: Vault, tmp_path: Path) -> None:
    stored = vault.put("d1", io.BytesIO(b"x"), LIMIT)
    vault.destroy(stored.name)
    vault.destroy(stored.name)
    assert list((tmp_path / "vault").iterdir()) == []
    with pytest.raises(DamagedDocument, match="missing"):
        vault.open("d1", stored.name, stored.wrapped_key)


@pytest.mark.parametrize("name", ["../keys/master.keys", "", "A" * 32, "0" * 31, "0" * 32 + "\n", "/etc/passwd"])
def test_only_the_vaults_own_names_reach_the_disk(vault: Vault, name: str) -> None:
    with pytest.raises(NotFound):
        vault.destroy(name)
    with pytest.raises(NotFound):
        vault.open("d1", name, "")


def test_sweep_takes_old_orphans_only(vault: Vault, tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    known, orphan, young = (vault.put("d", io.BytesIO(b"x"), LIMIT).name for _ in range(3))
    (folder / f".unfinished-{'0' * 32}").write_bytes(b"half")
    (folder / "README").write_text("not the vault's")
    for path in folder.iterdir():
        if path.name != young:
            os.utime(path, (1, 1))
    removed = vault.sweep([known], timedelta(hours=1))
    assert removed == sorted([orphan, f".unfinished-{'0' * 32}"])
    assert sorted(path.name for path in folder.iterdir()) == sorted([known, young, "README"])
    assert vault.sweep([known], timedelta(hours=1)) == []


def test_a_large_document_does_not_fill_the_memory(vault: Vault) -> None:
    size = 16 * 1024 * 1024
    with Path("/dev/zero").open("rb") as zeros:
        source = Dribble(zeros.read(size), SEGMENT)
    tracemalloc.start()
    try:
        stored = vault.put("d1", source, size)  # type: ignore[arg-type]  # typeshed: RawIOBase is no BinaryIO
        with vault.open("d1", stored.name, stored.wrapped_key) as document:
            while document.read(SEGMENT):
                pass
        assert tracemalloc.get_traced_memory()[1] < 2 * 1024 * 1024
    finally:
        tracemalloc.stop()
