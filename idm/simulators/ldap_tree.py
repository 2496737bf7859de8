"""The directory tree: what each write would change (RFC 4511 sections 4.6 to 4.9), and what a search sees.

A write is planned first (`plan`), made durable by the caller, and applied last, so that memory never runs ahead
of the file. Besides the standard: user names, mail addresses and employee numbers are unique below ou=people;
an entry's groups are its `memberOf`; deleting or renaming an entry mends what refers to it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from idm.simulators.ldap_dn import DnError, parse_dn, split
from idm.simulators.ldap_entry import Code, Entry, LdapRefusal, Step
from idm.simulators.ldap_index import Index
from idm.simulators.ldap_matching import NormalDn, dn_bytes, normal, normal_dn, pretty_dn
from idm.simulators.ldap_messages import Add, Delete, Modification, Modify, Rename, Write
from idm.simulators.ldap_modify import modified
from idm.simulators.ldap_rules import attribute_type, check_entry, read_values, refuse_read_only, structural_class
from idm.simulators.ldap_schema import Schema

UNIQUE = ("uid", "mail", "employeeNumber")
REFERRING = ("member", "manager")
LOCK = "pwdAccountLockedTime"


class Tree:
    """The entries below one suffix."""

    def __init__(self, schema: Schema, suffix: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """An empty tree. Raises DnError for a suffix that is no name."""
        self.schema = schema
        self.suffix = suffix
        self.index = Index(schema)
        self._suffix_name = normal_dn(schema, suffix)
        self._people = normal_dn(schema, f"ou=people,{suffix}")
        self._nobody = f"cn=nobody,{suffix}".encode()
        self._now = now
        self._changes = 0

    def name_of(self, dn: str) -> NormalDn:
        """The name in normal form. Raises LdapRefusal invalidDNSyntax."""
        try:
            return normal_dn(self.schema, dn)
        except DnError:
            raise LdapRefusal(Code.INVALID_DN, "invalid DN") from None

    def find(self, dn: str) -> Entry:
        """The entry of that name. Raises LdapRefusal noSuchObject with the nearest name that exists."""
        name = self.name_of(dn)
        entry = self.index.get(name)
        if entry is None:
            raise LdapRefusal(Code.NO_SUCH_OBJECT, matched=self._nearest(name))
        return entry

    def _nearest(self, name: NormalDn) -> str:
        for level in range(1, len(name)):
            above = self.index.get(name[level:])
            if above is not None:
                return above.dn
        return ""

    def plan(self, write: Write, by: str) -> list[Step]:
        """What `write`, asked for by the entry named `by`, changes. Raises LdapRefusal; changes nothing itself."""
        match write:
            case Add():
                return self._plan_add(write, by)
            case Modify():
                return self._plan_modify(write, by)
            case Delete():
                return self._plan_delete(write)
            case Rename():
                return self._plan_rename(write, by)

    def apply(self, steps: Iterable[Step]) -> None:
        """Make a plan hold in memory."""
        self.index.apply(steps)

    def values(self, entry: Entry, attribute: str) -> Mapping[bytes, bytes]:
        """An entry's values of the attribute of that exact name, computed ones included."""
        stored = entry.values.get(attribute)
        if stored is not None:
            return stored
        match attribute:
            case "memberOf":
                return {dn_bytes(group.name): group.dn.encode() for group in self.index.groups_of(entry.name)}
            case "entryDN":
                return {dn_bytes(entry.name): entry.dn.encode()}
            case "hasSubordinates":
                value = b"TRUE" if self.index.has_children(entry.name) else b"FALSE"
                return {value: value}
            case "subschemaSubentry":
                return {dn_bytes(normal_dn(self.schema, "cn=Subschema")): b"cn=Subschema"}
            case _:
                return {}

    def _plan_add(self, write: Add, by: str) -> list[Step]:
        name = self.name_of(write.dn)
        values: dict[str, Mapping[bytes, bytes]] = {}
        for attribute, given in write.attributes:
            kind = attribute_type(self.schema, attribute)
            if not given:
                raise LdapRefusal(Code.PROTOCOL_ERROR, f"{attribute}: an attribute without values")
            if kind.name in values:
                raise LdapRefusal(Code.ATTRIBUTE_OR_VALUE_EXISTS, f"{kind.name}: attribute provided more than once")
            values[kind.name] = read_values(self.schema, kind, given)
            refuse_read_only(kind)
        if name[-len(self._suffix_name) :] != self._suffix_name:
            raise LdapRefusal(Code.UNWILLING, "no global superior knowledge")
        self._name_values(values, write.dn)
        self._refuse_taken(name, values, None)
        structural = check_entry(self.schema, values, name)
        if self.index.get(name) is not None:
            raise LdapRefusal(Code.ENTRY_EXISTS)
        if name != self._suffix_name and self.index.get(name[1:]) is None:
            raise LdapRefusal(Code.NO_SUCH_OBJECT, matched=self._nearest(name))
        entry_id = str(uuid.uuid4())
        values["structuralObjectClass"] = self._forms("structuralObjectClass", structural)
        values["entryUUID"] = self._forms("entryUUID", entry_id)
        stamped = self._stamped(values, by, created=True)
        return [Step(None, Entry(entry_id, pretty_dn(self.schema, write.dn), name, stamped))]

    def _name_values(self, values: dict[str, Mapping[bytes, bytes]], dn: str) -> None:
        """Give the entry the values of its own name that it lacks, as OpenLDAP does."""
        for attribute, value in parse_dn(dn)[0]:
            kind = attribute_type(self.schema, attribute)
            kept = values.get(kind.name, {})
            form = normal(self.schema, kind, value)
            if form not in kept:
                if kept and kind.single_value:
                    text = f"value of single-valued naming attribute '{kind.name}' conflicts with value present in entry"
                    raise LdapRefusal(Code.NAMING_VIOLATION, text)
                values[kind.name] = {**kept, form: value}

    def _plan_modify(self, write: Modify, by: str) -> list[Step]:
        changes = [self._read_change(change) for change in write.changes]
        before = self.find(write.dn)
        values = modified(self.schema, before, changes)
        if "userPassword" in {attribute for _, attribute, _ in changes} and values.get(LOCK) == before.values.get(LOCK):
            # OpenLDAP's ppolicy overlay: a new password lifts a lock.
            values.pop(LOCK, None)
        self._refuse_taken(before.name, values, before)
        if structural_class(self.schema, values).name != before.first("structuralObjectClass"):
            raise LdapRefusal(Code.CLASS_MODS_PROHIBITED, "structural object class modification not allowed")
        check_entry(self.schema, values, before.name)
        if values == before.values:
            return []
        return [Step(before, Entry(before.id, before.dn, before.name, self._stamped(values, by)))]

    def _read_change(self, change: Modification) -> tuple[int, str, dict[bytes, bytes]]:
        if change.kind not in (0, 1, 2):
            raise LdapRefusal(Code.PROTOCOL_ERROR, f"unrecognized modify operation ({change.kind})")
        if change.kind == 0 and not change.values:
            raise LdapRefusal(Code.PROTOCOL_ERROR, "modify/add operation requires values")
        kind = attribute_type(self.schema, change.attribute)
        read = read_values(self.schema, kind, change.values)
        refuse_read_only(kind)
        return change.kind, kind.name, read

    def _plan_delete(self, write: Delete) -> list[Step]:
        before = self.find(write.dn)
        if self.index.has_children(before.name):
            raise LdapRefusal(Code.NOT_ALLOWED_ON_NON_LEAF, "subordinate objects must be deleted first")
        return [Step(before, None), *self._mended({before.name: None})]

    def _plan_rename(self, write: Rename, by: str) -> list[Step]:
        self.name_of(write.new_rdn)
        rdns = parse_dn(write.new_rdn)
        if len(rdns) != 1:
            raise LdapRefusal(Code.INVALID_DN, "invalid new RDN")
        if write.new_superior is not None:
            self.name_of(write.new_superior)
        before = self.find(write.dn)
        if before.name == self._suffix_name:
            raise LdapRefusal(Code.UNWILLING, "the suffix can't be renamed")
        above = split(before.dn)[1] if write.new_superior is None else write.new_superior
        parent = self.index.get(self.name_of(above))
        if parent is None:
            raise LdapRefusal(Code.NO_SUCH_OBJECT, "new superior not found", matched=self._nearest(self.name_of(above)))
        if parent.name[len(parent.name) - len(before.name) :] == before.name:
            raise LdapRefusal(Code.UNWILLING, "an entry can't be moved below itself")
        dn = pretty_dn(self.schema, f"{write.new_rdn},{parent.dn}")
        name = self.name_of(dn)
        values = {key: dict(kept) for key, kept in before.values.items()}
        if write.delete_old:
            for attribute, form in before.name[0]:
                values[attribute].pop(form, None)
        checked: dict[str, Mapping[bytes, bytes]] = {key: kept for key, kept in values.items() if kept}
        self._name_values(checked, dn)
        self._refuse_taken(name, checked, before)
        if name != before.name and self.index.get(name) is not None:
            raise LdapRefusal(Code.ENTRY_EXISTS)
        check_entry(self.schema, checked, name)
        steps = [Step(before, Entry(before.id, dn, name, self._stamped(checked, by)))]
        moved = {before.name: dn}
        self._move_children(before.name, dn, steps, moved)
        return [*steps, *self._mended(moved)]

    def _move_children(self, name: NormalDn, above: str, steps: list[Step], moved: dict[NormalDn, str]) -> None:
        for child in self.index.children(name):
            dn = f"{split(child.dn)[0]},{above}"
            steps.append(Step(child, Entry(child.id, dn, self.name_of(dn), child.values)))
            moved[child.name] = dn
            self._move_children(child.name, dn, steps, moved)

    def _mended(self, moved: Mapping[NormalDn, str | None]) -> list[Step]:
        """The steps that make other entries refer to `moved` ones by their new name, or no more (None)."""
        forms = {dn_bytes(name): dn for name, dn in moved.items()}
        referring = {
            entry.name: entry
            for attribute in REFERRING
            for form in forms
            for entry in self.index.holding(attribute, form)
            if entry.name not in moved
        }
        steps = []
        for entry in referring.values():
            values = dict(entry.values)
            for attribute in REFERRING:
                if attribute in values:
                    values[attribute] = self._redirected(values[attribute], forms)
                    if not values[attribute] and attribute == "member":
                        values[attribute] = self._forms("member", self._nobody.decode())
            steps.append(Step(entry, Entry(entry.id, entry.dn, entry.name, {key: kept for key, kept in values.items() if kept})))
        return steps

    def _redirected(self, kept: Mapping[bytes, bytes], forms: Mapping[bytes, str | None]) -> dict[bytes, bytes]:
        redirected: dict[bytes, bytes] = {}
        for form, value in kept.items():
            if form not in forms:
                redirected[form] = value
            elif (dn := forms[form]) is not None:
                redirected[dn_bytes(self.name_of(dn))] = dn.encode()
        return redirected

    def _refuse_taken(self, name: NormalDn, values: Mapping[str, Mapping[bytes, bytes]], before: Entry | None) -> None:
        """Raises LdapRefusal if a value that must be unique below ou=people is another entry's."""
        if not self._is_person(name):
            return
        for attribute in UNIQUE:
            for form in values.get(attribute, ()):
                for other in self.index.holding(attribute, form):
                    # An add under a name that exists is told so (entryAlreadyExists), not that its name is taken.
                    mine = other.name == name if before is None else other.id == before.id
                    if not mine and self._is_person(other.name):
                        raise LdapRefusal(Code.CONSTRAINT_VIOLATION, "some attributes not unique")

    def _is_person(self, name: NormalDn) -> bool:
        return name[-len(self._people) :] == self._people

    def _forms(self, attribute: str, value: str) -> dict[bytes, bytes]:
        raw = value.encode()
        return {normal(self.schema, attribute_type(self.schema, attribute), raw): raw}

    def _stamped(self, values: Mapping[str, Mapping[bytes, bytes]], by: str, *, created: bool = False) -> dict[str, Mapping[bytes, bytes]]:
        """The values with who changed them last, when, and the change's number."""
        now = self._now()
        self._changes = (self._changes + 1) % 0x1000000
        stamp = now.strftime("%Y%m%d%H%M%SZ")
        marks = {"modifiersName": by, "modifyTimestamp": stamp}
        if created:
            marks |= {"creatorsName": by, "createTimestamp": stamp}
        marks["entryCSN"] = f"{now.strftime('%Y%m%d%H%M%S.%fZ')}#{self._changes:06x}#000#000000"
        return {**values, **{attribute: self._forms(attribute, value) for attribute, value in marks.items()}}
