"""The directory's entries in memory: by name, by parent, and by the values that are looked for most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from idm.simulators.ldap_entry import Entry, Step
from idm.simulators.ldap_filter import And, Assertion, Filter, Or
from idm.simulators.ldap_matching import NormalDn, assertion, dn_bytes
from idm.simulators.ldap_schema import Schema

INDEXED = ("uid", "mail", "employeeNumber", "description", "member", "manager", "entryUUID", "cn")


class Index:
    """All entries. Only `apply` changes it."""

    def __init__(self, schema: Schema) -> None:
        """An empty index."""
        self._schema = schema
        self._entries: dict[NormalDn, Entry] = {}
        self._children: dict[NormalDn, dict[NormalDn, None]] = {}
        self._values: dict[str, dict[bytes, dict[NormalDn, None]]] = {name: {} for name in INDEXED}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, name: NormalDn) -> Entry | None:
        """The entry of that name."""
        return self._entries.get(name)

    def has_children(self, name: NormalDn) -> bool:
        """Whether any entry stands directly below."""
        return bool(self._children.get(name))

    def children(self, name: NormalDn) -> list[Entry]:
        """The entries directly below, oldest first."""
        return [self._entries[each] for each in self._children.get(name, ())]

    def subtree(self, name: NormalDn) -> Iterator[Entry]:
        """The entry and all below it, parents first."""
        entry = self._entries.get(name)
        if entry is not None:
            yield entry
        for each in list(self._children.get(name, ())):
            yield from self.subtree(each)

    def holding(self, attribute: str, form: bytes) -> list[Entry]:
        """The entries with this value (in normal form) of an indexed attribute."""
        return [self._entries[name] for name in self._values[attribute].get(form, ())]

    def groups_of(self, name: NormalDn) -> list[Entry]:
        """The entries that name this one as a member."""
        return self.holding("member", dn_bytes(name))

    def apply(self, steps: Iterable[Step]) -> None:
        """Make the steps of one write hold."""
        for step in steps:
            if step.before is not None:
                self._remove(step.before, moved=step.after is None or step.after.name != step.before.name)
            if step.after is not None:
                self._insert(step.after)

    def _remove(self, entry: Entry, *, moved: bool) -> None:
        if moved:
            # An entry that only changes keeps its place among its siblings.
            del self._entries[entry.name]
            siblings = self._children[entry.name[1:]]
            del siblings[entry.name]
            if not siblings:
                del self._children[entry.name[1:]]
        for attribute, index in self._values.items():
            for form in entry.values.get(attribute, ()):
                names = index[form]
                del names[entry.name]
                if not names:
                    del index[form]

    def _insert(self, entry: Entry) -> None:
        self._entries[entry.name] = entry
        self._children.setdefault(entry.name[1:], {})[entry.name] = None
        for attribute, index in self._values.items():
            for form in entry.values.get(attribute, ()):
                index.setdefault(form, {})[entry.name] = None

    def candidates(self, base: NormalDn, scope: int, filter_: Filter) -> list[Entry]:
        """Entries among which all that `filter_` finds are, in `scope` (0 base, 1 one level, 2 subtree) of `base`."""
        if scope == 0:
            entry = self._entries.get(base)
            return [entry] if entry is not None else []
        names = self._narrowed(filter_)
        if names is None:
            return self.children(base) if scope == 1 else list(self.subtree(base))
        depth = len(base)
        found = (name for name in names if name[len(name) - depth :] == base or not depth)
        return [self._entries[name] for name in found if scope == 2 or len(name) == depth + 1]

    def _narrowed(self, filter_: Filter) -> dict[NormalDn, None] | None:
        """The names the indexes give for `filter_`, None if they can't tell."""
        match filter_:
            case Assertion("=", attribute, value):
                kind = self._schema.attribute(attribute)
                if kind is None or kind.name not in self._values or len(self._schema.with_subtypes(kind)) > 1:
                    return None
                form = assertion(self._schema, kind, value)
                return {} if form is None else self._values[kind.name].get(form, {})
            case And(parts):
                narrowed = [names for names in map(self._narrowed, parts) if names is not None]
                return min(narrowed, key=len) if narrowed else None
            case Or(parts):
                found: dict[NormalDn, None] = {}
                for part in parts:
                    names = self._narrowed(part)
                    if names is None:
                        return None
                    found.update(names)
                return found
            case _:
                return None
