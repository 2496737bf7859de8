"""The directory as one thing, without the wire: who may do what, writes that last, and what is journalled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idm.simulators import ldap_store
from idm.simulators.ldap_dn import escape
from idm.simulators.ldap_effects import Effects
from idm.simulators.ldap_entry import Code, Entry, LdapRefusal, Step
from idm.simulators.ldap_filter import matches
from idm.simulators.ldap_matching import NormalDn, assertion, normal
from idm.simulators.ldap_messages import Add, Compare, Delete, Search, Write
from idm.simulators.ldap_password import fits, hashed, with_hashed_passwords
from idm.simulators.ldap_rules import attribute_type, class_forms
from idm.simulators.ldap_schema import AttributeType, Schema
from idm.simulators.ldap_tree import LOCK, Tree

if TYPE_CHECKING:
    from idm.simulators.service import Journal

PAUSE = 200
"""After so many entries looked at a search lets others have a turn."""

_COMPUTED = ("memberOf", "entryDN", "hasSubordinates", "subschemaSubentry")
_SECRET = "userPassword"


@dataclass(frozen=True, slots=True)
class Who:
    """Who is logged in on a connection; the empty name is nobody."""

    dn: str = ""
    name: NormalDn = ()


NOBODY = Who()


class Directory:
    """One suffix with its people, groups and services. Not safe for threads: one thread owns it."""

    def __init__(self, schema: Schema, suffix: str, journal: Journal, *, secret: str, reader_secret: str, groups: Sequence[str]) -> None:
        """Open the entries beside the journal (one file, so that an effect and its journal entry are one transaction).

        What a new directory needs is made: the suffix, its three branches, the two services, and each of `groups` that
        isn't there. The services' passwords follow `secret` and `reader_secret` at each start.
        """
        self.tree = Tree(schema, suffix)
        self.writer_dn = f"cn=idm,ou=services,{suffix}"
        self.reader_dn = f"cn=reader,ou=services,{suffix}"
        self._writer = self.tree.name_of(self.writer_dn)
        self._reader = self.tree.name_of(self.reader_dn)
        self._journal = journal
        with journal.transaction() as db:
            ldap_store.prepare(db)
            self.tree.apply([Step(None, entry) for entry in ldap_store.load(db, schema)])
        self._furnish(groups)
        self._give_password(self.writer_dn, secret)
        self._give_password(self.reader_dn, reader_secret)

    def bind(self, dn: str, password: bytes) -> Who:
        """Log in. Raises LdapRefusal invalidCredentials, the same for a wrong name, a wrong password and a locked entry."""
        name = self.tree.name_of(dn)
        entry = self.tree.index.get(name)
        stored = list(entry.values.get(_SECRET, {}).values()) if entry is not None else []
        if not any(fits(value, password) for value in stored) or entry is None or entry.values.get(LOCK):
            raise LdapRefusal(Code.INVALID_CREDENTIALS)
        return Who(entry.dn, name)

    def write(self, write: Write, who: Who) -> None:
        """Carry out a write for good: when this returns, it outlives the process. Raises LdapRefusal."""
        effects = Effects(self.tree)
        asked = effects.asked(write)
        try:
            self._refuse_writer(who)
            steps = self.tree.plan(with_hashed_passwords(write), who.dn)
        except LdapRefusal as refusal:
            gone = isinstance(write, Delete) and refusal.result == Code.NO_SUCH_OBJECT
            known = refusal.result in (Code.ATTRIBUTE_OR_VALUE_EXISTS, Code.NO_SUCH_ATTRIBUTE)
            with self._journal.transaction():
                for effect in asked:
                    result = "unchanged" if gone or (known and effects.holds(effect)) else "refused"
                    self._journal.record(effect.op, effect.key, effect.effect_key, result)
            raise
        made = effects.made(steps)
        with self._journal.transaction() as db:
            ldap_store.save(db, steps)
            for effect in asked:
                self._journal.record(effect.op, effect.key, effect.effect_key, "applied" if effect in made else "unchanged")
            for effect in made:
                if effect not in asked:
                    self._journal.record(effect.op, effect.key, effect.effect_key, "applied")
        self.tree.apply(steps)

    def refuse(self, write: Write, why: str) -> LdapRefusal:
        """Journal a write that is refused whatever it asks for; the refusal to raise."""
        with self._journal.transaction():
            for effect in Effects(self.tree).asked(write):
                self._journal.record(effect.op, effect.key, effect.effect_key, "refused")
        return LdapRefusal(Code.UNWILLING, why)

    def found(self, search: Search, who: Who) -> Iterator[Entry | None]:
        """The entries that a search finds, and None now and then so that others get a turn. Raises LdapRefusal."""
        base = self.tree.name_of(search.base)
        self._refuse_reader(who, base)
        self.tree.find(search.base)
        for number, candidate in enumerate(self.tree.index.candidates(base, search.scope, search.filter), 1):
            if number % PAUSE == 0:
                yield None
            entry = self.tree.index.get(candidate.name)
            if entry is not None and self._may_read(who, entry.name) and self._matches(search, entry):
                yield entry

    def _matches(self, search: Search, entry: Entry) -> bool:
        def values(kind: AttributeType) -> Mapping[bytes, bytes]:
            if kind.name == "objectClass":
                return class_forms(self.tree.schema, entry.values)
            return {} if kind.name == _SECRET else self.tree.values(entry, kind.name)

        return matches(search.filter, self.tree.schema, values) is True

    def shown(self, entry: Entry, wanted: Sequence[str], *, types_only: bool = False) -> list[tuple[str, Iterable[bytes]]]:
        """The attributes of an entry that a search asked for (RFC 4511 section 4.5.1.8); a password never."""
        names = self._wanted(entry, wanted)
        pairs = ((name, self.tree.values(entry, name)) for name in names if name != _SECRET)
        return [(name, () if types_only else values.values()) for name, values in pairs if values]

    def _wanted(self, entry: Entry, wanted: Sequence[str]) -> Iterable[str]:
        schema = self.tree.schema
        names: dict[str, None] = {}
        for word in wanted or ("*",):
            if word in ("*", "+"):
                kinds = ((name, schema.attribute(name)) for name in (*entry.values, *_COMPUTED))
                names.update((name, None) for name, kind in kinds if kind is not None and kind.operational == (word == "+"))
            elif (kind := schema.attribute(word)) is not None:
                names.update((each.name, None) for each in schema.with_subtypes(kind))
        return names

    def compare(self, compare: Compare, who: Who) -> bool:
        """Whether the entry has the value. Raises LdapRefusal."""
        name = self.tree.name_of(compare.dn)
        kind = attribute_type(self.tree.schema, compare.attribute)
        self._refuse_reader(who, name)
        entry = self.tree.find(compare.dn)
        if kind.name == _SECRET:
            raise LdapRefusal(Code.INSUFFICIENT_ACCESS)
        form = assertion(self.tree.schema, kind, compare.value)
        if form is None:
            raise LdapRefusal(Code.INVALID_SYNTAX if kind.equality else Code.INAPPROPRIATE_MATCHING)
        kept = [values for each in self.tree.schema.with_subtypes(kind) if (values := self.tree.values(entry, each.name))]
        if not kept:
            raise LdapRefusal(Code.NO_SUCH_ATTRIBUTE)
        return any(form in values for values in kept)

    def _may_read(self, who: Who, name: NormalDn) -> bool:
        return who.name in (self._writer, self._reader) or (bool(who.name) and who.name == name)

    def _refuse_reader(self, who: Who, name: NormalDn) -> None:
        """Raises LdapRefusal unless `who` may read there. People aren't told either whether something is there."""
        if not self._may_read(who, name):
            there = self.tree.index.get(name) is not None
            raise LdapRefusal(Code.INSUFFICIENT_ACCESS if there and not who.name else Code.NO_SUCH_OBJECT)

    def _refuse_writer(self, who: Who) -> None:
        """Raises LdapRefusal unless `who` is idm: nobody is created outside."""
        if not who.name:
            raise LdapRefusal(Code.STRONGER_AUTH_REQUIRED, "modifications require authentication")
        if who.name != self._writer:
            raise LdapRefusal(Code.INSUFFICIENT_ACCESS)

    def _furnish(self, groups: Sequence[str]) -> None:
        suffix = self.tree.suffix
        domain = suffix.partition(",")[0].partition("=")[2]
        self._make(suffix, objectClass=("top", "dcObject", "organization"), o=(domain,))
        for branch in ("people", "groups", "services"):
            self._make(f"ou={branch},{suffix}", objectClass=("top", "organizationalUnit"))
        for dn in (self.writer_dn, self.reader_dn):
            self._make(dn, objectClass=("top", "organizationalRole", "simpleSecurityObject"), userPassword=("*",))
        for group in groups:
            # A groupOfNames must have a member: this one is nobody.
            dn = f"cn={escape(group.encode())},ou=groups,{suffix}"
            self._make(dn, objectClass=("top", "groupOfNames"), member=(f"cn=nobody,{suffix}",))

    def _make(self, dn: str, **attributes: Sequence[str]) -> None:
        """Make an entry that isn't there. It is part of the furniture, so the journal doesn't hold it."""
        if self.tree.index.get(self.tree.name_of(dn)) is None:
            pairs = tuple((name, tuple(value.encode() for value in values)) for name, values in attributes.items())
            self._keep(self.tree.plan(with_hashed_passwords(Add(dn, pairs)), self.tree.suffix))

    def _give_password(self, dn: str, secret: str) -> None:
        """Let `secret` be the entry's only password."""
        entry = self.tree.find(dn)
        stored = list(entry.values.get(_SECRET, {}).values())
        if len(stored) != 1 or not fits(stored[0], secret.encode()):
            value = hashed(secret.encode())
            kept = {normal(self.tree.schema, attribute_type(self.tree.schema, _SECRET), value): value}
            self._keep([Step(entry, Entry(entry.id, entry.dn, entry.name, {**entry.values, _SECRET: kept}))])

    def _keep(self, steps: list[Step]) -> None:
        with self._journal.transaction() as db:
            ldap_store.save(db, steps)
        self.tree.apply(steps)
