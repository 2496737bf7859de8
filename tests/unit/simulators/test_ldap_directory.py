"""The directory without the wire: what is kept, what is journalled, and who may do what."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from idm.simulators.ldap_directory import NOBODY, Directory, Who
from idm.simulators.ldap_entry import Code, LdapRefusal
from idm.simulators.ldap_filter import Assertion, Present
from idm.simulators.ldap_messages import Add, Delete, Modification, Modify, Rename, Search, Write
from idm.simulators.ldap_schema import Schema, load_schema
from idm.simulators.service import Journal

SUFFIX = "dc=example,dc=org"
PEOPLE = f"ou=people,{SUFFIX}"
STAFF = f"cn=staff,ou=groups,{SUFFIX}"
LOCKED = "000001010000Z"


@pytest.fixture(scope="module")
def schema() -> Schema:
    return load_schema()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


@pytest.fixture
def directory(schema: Schema, journal: Journal) -> Directory:
    return opened(schema, journal)


def opened(schema: Schema, journal: Journal, secret: str = "secret", groups: tuple[str, ...] = ("staff",)) -> Directory:
    return Directory(schema, SUFFIX, journal, secret=secret, reader_secret="reading", groups=groups)


def idm(directory: Directory) -> Who:
    return directory.bind(directory.writer_dn, b"secret")


def person(uid: str, key: str = "", **more: str) -> Add:
    values = {"objectClass": "inetOrgPerson", "sn": "Test", "cn": uid, **({"description": f"idm:test:{key}"} if key else {}), **more}
    return Add(f"uid={uid},{PEOPLE}", tuple((name, (value.encode(),)) for name, value in values.items()))


def change(dn: str, kind: int, attribute: str, *values: str) -> Modify:
    return Modify(dn, (Modification(kind, attribute, tuple(value.encode() for value in values)),))


def search(attribute: str, value: str, base: str = SUFFIX) -> Search:
    return Search(base, 2, 0, False, Assertion("=", attribute, value.encode()), ())


def found(directory: Directory, attribute: str, value: str) -> list[str]:
    return [entry.dn for entry in directory.found(search(attribute, value), idm(directory)) if entry is not None]


def written(directory: Directory, *writes: Write) -> None:
    for write in writes:
        directory.write(write, idm(directory))


def refused(directory: Directory, write: Write, who: Who | None = None) -> Code:
    with pytest.raises(LdapRefusal) as refusal:
        directory.write(write, idm(directory) if who is None else who)
    return refusal.value.result


def journalled(journal: Journal) -> list[tuple[str, str, str]]:
    return [(entry.op, entry.effect_key, entry.result) for entry in journal.entries()]


def test_what_is_written_is_there_after_a_new_start(schema: Schema, directory: Directory, journal: Journal) -> None:
    written(directory, person("anna", "E1", jpegPhoto="x"), person("bo"), Delete(f"uid=bo,{PEOPLE}"))
    written(
        directory,
        Modify(f"uid=anna,{PEOPLE}", (Modification(0, "jpegPhoto", (b"\xff\xd8\0",)),)),
        change(STAFF, 0, "member", f"uid=anna,{PEOPLE}"),
    )
    before = directory.tree.find(f"uid=anna,{PEOPLE}")
    again = opened(schema, journal)
    assert again.tree.find(f"uid=anna,{PEOPLE}") == before
    assert len(again.tree.index) == len(directory.tree.index)
    assert found(again, "uid", "bo") == []
    assert [group.dn for group in again.tree.index.groups_of(before.name)] == [STAFF]


def test_a_new_start_keeps_groups_and_follows_new_secrets(schema: Schema, directory: Directory, journal: Journal) -> None:
    written(directory, person("anna"), change(STAFF, 0, "member", f"uid=anna,{PEOPLE}"))
    again = opened(schema, journal, secret="another", groups=("staff", "more, or less"))
    assert again.bind(again.writer_dn, b"another").dn == again.writer_dn
    with pytest.raises(LdapRefusal):
        again.bind(again.writer_dn, b"secret")
    assert len(again.tree.find(STAFF).values["member"]) == 2
    assert again.tree.find(f"cn=more\\, or less,ou=groups,{SUFFIX}").first("cn") == "more, or less"


def test_furniture_is_not_journalled(directory: Directory, journal: Journal) -> None:
    assert directory.tree.find(STAFF).dn == STAFF
    assert journal.entries() == []


def test_passwords_are_kept_as_salted_hashes_and_shown_to_nobody(directory: Directory, journal: Journal, tmp_path: Path) -> None:
    written(directory, person("anna", userPassword="open-sesame"), person("bo", userPassword="open-sesame"))
    entries = [directory.tree.find(f"uid={uid},{PEOPLE}") for uid in ("anna", "bo")]
    kept = {value for entry in entries for value in entry.values["userPassword"].values()}
    assert len(kept) == 2
    assert all(value.startswith(b"{SSHA512}") for value in kept)
    assert [name for name, _ in directory.shown(entries[0], ["userPassword", "uid"])] == ["uid"]
    assert "userPassword" not in dict(directory.shown(entries[0], ["*", "+"]))
    with sqlite3.connect(tmp_path / "journal.sqlite") as db:
        assert "open-sesame" not in "".join(map(str, db.execute("select * from ldap_entry").fetchall()))
    db.close()
    assert directory.bind(f"uid=anna,{PEOPLE}", b"open-sesame").dn == f"uid=anna,{PEOPLE}"
    assert found(directory, "userPassword", "open-sesame") == []


def test_only_idm_writes(directory: Directory, journal: Journal) -> None:
    written(directory, person("anna", userPassword="pw"))
    reader, anna = directory.bind(directory.reader_dn, b"reading"), directory.bind(f"uid=anna,{PEOPLE}", b"pw")
    assert refused(directory, person("bo"), NOBODY) == Code.STRONGER_AUTH_REQUIRED
    assert refused(directory, person("bo"), reader) == Code.INSUFFICIENT_ACCESS
    assert refused(directory, change(f"uid=anna,{PEOPLE}", 2, "title", "boss"), anna) == Code.INSUFFICIENT_ACCESS
    assert found(directory, "uid", "bo") == []
    assert [result for _, _, result in journalled(journal)] == ["applied", "refused", "refused", "refused"]


def test_readers_read_all_people_themselves_nobody_nothing(directory: Directory) -> None:
    written(directory, person("anna", userPassword="pw"), person("bo"))
    reader, anna = directory.bind(directory.reader_dn, b"reading"), directory.bind(f"uid=anna,{PEOPLE}", b"pw")
    everybody = Search(PEOPLE, 1, 0, False, Present("uid"), ())
    assert len([entry for entry in directory.found(everybody, reader) if entry]) == 2
    for who, base in ((anna, PEOPLE), (anna, f"uid=bo,{PEOPLE}"), (NOBODY, PEOPLE)):
        with pytest.raises(LdapRefusal):
            list(directory.found(Search(base, 2, 0, False, Present("uid"), ()), who))
    assert [entry.dn for entry in directory.found(Search(f"uid=anna,{PEOPLE}", 0, 0, False, Present("uid"), ()), anna) if entry] == [
        anna.dn
    ]


def test_a_locked_account_cannot_log_in(directory: Directory) -> None:
    written(directory, person("anna", userPassword="pw", pwdAccountLockedTime=LOCKED))
    with pytest.raises(LdapRefusal) as refusal:
        directory.bind(f"uid=anna,{PEOPLE}", b"pw")
    assert refusal.value.result == Code.INVALID_CREDENTIALS
    written(directory, change(f"uid=anna,{PEOPLE}", 2, "pwdAccountLockedTime"))
    assert directory.bind(f"uid=anna,{PEOPLE}", b"pw").dn == f"uid=anna,{PEOPLE}"


def test_effects_and_their_inverses_carry_one_name(directory: Directory, journal: Journal) -> None:
    anna = f"uid=anna,{PEOPLE}"
    written(directory, person("anna", "E1"), change(STAFF, 0, "member", anna), change(STAFF, 1, "member", anna))
    written(directory, change(anna, 2, "pwdAccountLockedTime", LOCKED), change(anna, 2, "pwdAccountLockedTime"), Delete(anna))
    assert journalled(journal) == [
        ("create", "account/E1", "applied"),
        ("grant", "entitlement/staff/E1", "applied"),
        ("revoke", "entitlement/staff/E1", "applied"),
        ("disable", "enabled/E1", "applied"),
        ("enable", "enabled/E1", "applied"),
        ("delete", "account/E1", "applied"),
    ]
    assert {entry.key for entry in journal.entries()} == {"E1"}


def test_what_held_already_is_unchanged(directory: Directory, journal: Journal) -> None:
    anna = f"uid=anna,{PEOPLE}"
    written(directory, person("anna", "E1", pwdAccountLockedTime=LOCKED), change(STAFF, 0, "member", anna))
    start = len(journal.entries())
    assert refused(directory, change(STAFF, 0, "member", anna)) == Code.ATTRIBUTE_OR_VALUE_EXISTS
    assert refused(directory, change(STAFF, 0, "member", "zork")) == Code.INVALID_SYNTAX
    written(directory, change(anna, 2, "pwdAccountLockedTime", LOCKED), change(anna, 2, "cn", "anna"))
    assert refused(directory, change(STAFF, 1, "member", f"uid=bo,{PEOPLE}")) == Code.NO_SUCH_ATTRIBUTE
    assert refused(directory, Delete(f"uid=bo,{PEOPLE}")) == Code.NO_SUCH_OBJECT
    assert [(op, result) for op, _, result in journalled(journal)[start:]] == [
        ("grant", "unchanged"),
        ("grant", "refused"),
        ("disable", "unchanged"),
        ("update", "unchanged"),
        ("revoke", "unchanged"),
        ("delete", "unchanged"),
    ]


def test_a_batch_with_one_member_too_many_grants_nobody(directory: Directory, journal: Journal) -> None:
    written(directory, person("anna", "E1"), person("bo", "E2"), change(STAFF, 0, "member", f"uid=anna,{PEOPLE}"))
    assert refused(directory, change(STAFF, 0, "member", f"uid=bo,{PEOPLE}", f"uid=anna,{PEOPLE}")) == Code.ATTRIBUTE_OR_VALUE_EXISTS
    assert journalled(journal)[-2:] == [("grant", "entitlement/staff/E2", "refused"), ("grant", "entitlement/staff/E1", "unchanged")]
    assert len(directory.tree.find(STAFF).values["member"]) == 2


def test_one_modify_may_have_several_effects(directory: Directory, journal: Journal) -> None:
    anna = f"uid=anna,{PEOPLE}"
    written(directory, person("anna", "E1"))
    parts = (
        Modification(2, "title", (b"Chief",)),
        Modification(2, "mail", (b"a@example.org",)),
        Modification(2, "pwdAccountLockedTime", (LOCKED.encode(),)),
    )
    written(directory, Modify(anna, parts))
    assert [(op, key.rpartition("/")[0] or key, result) for op, key, result in journalled(journal)[1:]] == [
        ("update", "update/E1/title", "applied"),
        ("update", "update/E1/mail", "applied"),
        ("disable", "enabled", "applied"),
    ]


def test_the_same_new_value_has_the_same_name_and_another_another(directory: Directory, journal: Journal) -> None:
    anna = f"uid=anna,{PEOPLE}"
    written(directory, person("anna", "E1"), *(change(anna, 2, "title", title) for title in ("A", "B", "a")))
    names = [key for _, key, _ in journalled(journal)[1:]]
    assert names[0] == names[2] != names[1]


def test_deleting_takes_memberships_back_and_renaming_keeps_them(directory: Directory, journal: Journal) -> None:
    written(
        directory,
        person("anna", "E1"),
        change(STAFF, 0, "member", f"uid=anna,{PEOPLE}"),
        Rename(f"uid=anna,{PEOPLE}", "uid=ane", True, None),
    )
    assert [effect.partition("/")[0] for _, effect, _ in journalled(journal)] == ["account", "entitlement", "update"]
    assert f"uid=ane,{PEOPLE}".encode() in directory.tree.find(STAFF).values["member"].values()
    written(directory, Delete(f"uid=ane,{PEOPLE}"))
    assert journalled(journal)[-2:] == [("delete", "account/E1", "applied"), ("revoke", "entitlement/staff/E1", "applied")]
    assert list(directory.tree.find(STAFF).values["member"].values()) == [f"cn=nobody,{SUFFIX}".encode()]


def test_an_emptied_group_keeps_nobody(directory: Directory) -> None:
    group = f"cn=own,ou=groups,{SUFFIX}"
    written(directory, person("anna"))
    written(
        directory,
        Add(group, (("objectClass", (b"groupOfNames",)), ("member", (f"uid=anna,{PEOPLE}".encode(),)))),
        Delete(f"uid=anna,{PEOPLE}"),
    )
    assert list(directory.tree.find(group).values["member"].values()) == [f"cn=nobody,{SUFFIX}".encode()]


def test_a_branch_moves_with_all_below_it(directory: Directory) -> None:
    branch = f"ou=school,{PEOPLE}"
    written(directory, Add(branch, (("objectClass", (b"organizationalUnit",)),)))
    anna = Add(f"uid=anna,{branch}", person("anna").attributes)
    written(directory, anna, change(STAFF, 0, "member", anna.dn), Rename(branch, "ou=schools", True, None))
    moved = f"uid=anna,ou=schools,{PEOPLE}"
    assert found(directory, "uid", "anna") == [moved]
    assert moved.encode() in directory.tree.find(STAFF).values["member"].values()
    assert refused(directory, Rename(f"ou=schools,{PEOPLE}", "ou=x", True, moved)) == Code.UNWILLING
    written(directory, Delete(moved), Delete(f"ou=schools,{PEOPLE}"))


def test_a_write_that_cannot_be_kept_does_not_happen(directory: Directory, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    who = idm(directory)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(journal, "record", full)
    with pytest.raises(sqlite3.OperationalError):
        directory.write(person("anna"), who)
    monkeypatch.undo()
    assert found(directory, "uid", "anna") == []
    written(directory, person("anna"))


def test_a_refusal_on_order_is_journalled(directory: Directory, journal: Journal) -> None:
    assert directory.refuse(person("anna", "E1"), "refused by the simulator").result == Code.UNWILLING
    assert journalled(journal) == [("create", "account/E1", "refused")]
    assert directory.refuse(Delete("zork"), "refused").result == Code.UNWILLING
    assert journalled(journal)[-1] == ("delete", "account/zork", "refused")


def test_a_closed_account_keeps_its_key_in_the_journal(directory: Directory, journal: Journal) -> None:
    anna = f"uid=anna,{PEOPLE}"
    written(directory, person("anna", "E:1"), change(anna, 2, "description", "idm-ended:test:E:1"), change(anna, 2, "title", "x"))
    assert {entry.key for entry in journal.entries()} == {"E:1"}
