"""The key ring: made once, read with clear errors, rotated without losing anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from idm.connector import Confidential
from idm.errors import Conflict, Unavailable
from idm.vault_keys import INDEX, MASTER, KeyRing, Undecipherable, exposed


def fresh() -> KeyRing:
    return KeyRing([Fernet.generate_key()], bytes(range(32)))


def test_create_makes_private_files_and_open_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "keys"
    made = KeyRing.create(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {MASTER: 0o600, INDEX: 0o600}
    assert [path.name for path in folder.parent.iterdir()] == ["keys"]
    opened = KeyRing.open(folder)
    assert opened.decrypt(made.encrypt("Ærø")) == "Ærø"
    assert opened.blind_index("cpr", "x") == made.blind_index("cpr", "x")
    assert exposed(folder) == []
    (folder / INDEX).chmod(0o640)
    assert exposed(folder) == [folder / INDEX]
    (folder / "seal.keys").write_text("k-1 00\n")
    (folder / "seal.keys").chmod(0o644)
    assert exposed(folder) == [folder / INDEX, folder / "seal.keys"]


@pytest.mark.parametrize("there", [MASTER, INDEX, "something-else"])
def test_create_never_overwrites(tmp_path: Path, there: str) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / there).write_bytes(b"precious")
    with pytest.raises(Conflict) as caught:
        KeyRing.create(folder)
    assert caught.value.next_step
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {there: b"precious"}
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_create_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((Unavailable, Conflict)) as caught:
        KeyRing.create(tmp_path / "file" / "keys")
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("file", "content"),
    [(MASTER, None), (INDEX, None), (MASTER, b""), (MASTER, b"no key\n"), (MASTER, b"\xff\xfe"), (INDEX, b"short"), (INDEX, bytes(33))],
)
def test_missing_or_damaged_keys_are_named_without_being_shown(tmp_path: Path, file: str, content: bytes | None) -> None:
    folder = tmp_path / "keys"
    KeyRing.create(folder)
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_bytes(content)
    with pytest.raises(Unavailable) as caught:
        KeyRing.open(folder)
    assert file in caught.value.message
    assert "back-up" in caught.value.next_step
    assert "no key" not in caught.value.message


def test_a_key_file_that_cannot_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    KeyRing.create(folder)
    (folder / INDEX).unlink()
    (folder / INDEX).mkdir()
    with pytest.raises(Unavailable, match="can't be read"):
        KeyRing.open(folder)


def test_a_new_master_key_reads_old_values_and_rotate_moves_them(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    before = KeyRing.create(folder)
    old = before.encrypt("text")
    wrapped = before.wrap(b"k" * 32)
    after = KeyRing.add_master_key(folder)
    assert after.decrypt(old) == "text"
    moved, moved_key = after.rotate(old), after.rotate(wrapped.decode())
    with pytest.raises(Undecipherable):
        before.decrypt(moved)
    newest, _ = (folder / MASTER).read_bytes().split()
    only_new = KeyRing([newest], (folder / INDEX).read_bytes())
    assert only_new.decrypt(moved) == "text"
    assert only_new.unwrap(moved_key.encode()) == b"k" * 32
    with pytest.raises(Undecipherable):
        only_new.rotate(old)
    assert (folder / MASTER).stat().st_mode & 0o777 == 0o600


def test_confidential_text_is_encrypted_as_what_it_is() -> None:
    keys = fresh()
    assert keys.decrypt(keys.encrypt(Confidential("secret"))) == "secret"
    assert keys.blind_index("cpr", Confidential("secret")) == keys.blind_index("cpr", "secret")


@given(st.text(), st.integers(min_value=0))
def test_encrypt_round_trip_and_any_change_is_noticed(text: str, place: int) -> None:
    keys = fresh()
    token = keys.encrypt(text)
    assert keys.decrypt(token) == text
    at = place % len(token.rstrip("="))
    changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
    if at == len(token.rstrip("=")) - 1:
        return  # the last character's low bits aren't part of the value
    with pytest.raises(Undecipherable):
        keys.decrypt(changed)


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_blind_index_tells_purposes_and_values_apart(one: tuple[str, str], other: tuple[str, str]) -> None:
    keys = fresh()
    assert (keys.blind_index(*one) == keys.blind_index(*other)) == (one == other)
    assert len(keys.blind_index(*one)) == 64


def test_other_keys_give_other_digests_and_repr_shows_none() -> None:
    key = Fernet.generate_key()
    one, other = KeyRing([key], bytes(32)), KeyRing([key], b"\x01" * 32)
    assert one.blind_index("cpr", "x") != other.blind_index("cpr", "x")
    assert key.decode() not in repr(one) + repr(vars(one).keys())
