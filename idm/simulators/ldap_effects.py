"""A directory write in the journal's words: which effects it asked for, and which it had.

An effect and its inverse carry one name (`effect_key`), so that an effect that happened twice shows: an entry is
`account/<key>`, a membership `entitlement/<group>/<key>`, being locked `enabled/<key>`, an attribute's new value
`update/<key>/<attribute>/<short hash>`. `<key>` is idm's key of the entry; the name of an entry that has none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from idm.simulators.ldap_entry import Entry, LdapRefusal, Step
from idm.simulators.ldap_matching import dn_bytes, normal
from idm.simulators.ldap_messages import Add, Delete, Modify, Rename, Write
from idm.simulators.ldap_tree import LOCK, Tree

KEY = "description"
_KEY_PREFIXES = (b"idm:", b"idm-ended:")


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of a write; `op` as in the journal."""

    op: str
    key: str
    effect_key: str


class Effects:
    """Names the effects of one write. Make it before the write, so that it still knows what the write removes."""

    def __init__(self, tree: Tree) -> None:
        """For one write to `tree`."""
        self._tree = tree
        self._keys: dict[bytes, str] = {}

    def asked(self, write: Write) -> list[Effect]:
        """What the write asks for, whether or not it holds already; at least one effect, also for a write that can't be read."""
        try:
            match write:
                case Add():
                    return self._asked_add(write)
                case Delete():
                    key = self._key(write.dn)
                    return [Effect("delete", key, f"account/{key}")]
                case Rename():
                    return self._asked_rename(write)
                case Modify():
                    return self._asked_modify(write) or [_update(self._key(write.dn), "dn", ())]
        except LdapRefusal:
            return [Effect("create", write.dn, f"account/{write.dn}") if isinstance(write, Add) else _update(write.dn, "dn", ())]

    def holds(self, effect: Effect) -> bool:
        """Whether a membership that was asked for, or its absence, is so already."""
        _, _, rest = effect.effect_key.partition("entitlement/")
        if not rest or effect.op not in ("grant", "revoke"):
            return False
        form = next((form for form, key in self._keys.items() if key == effect.key), b"")
        groups = (entry.first("cn") for entry in self._tree.index.holding("member", form))
        member = rest.removesuffix(f"/{effect.key}") in groups
        return member if effect.op == "grant" else not member

    def made(self, steps: Iterable[Step]) -> list[Effect]:
        """What the steps change. A membership that only follows a new name is none."""
        made: list[Effect] = []
        steps = list(steps)
        for step in steps:
            if step.before is not None and step.after is not None:
                self._keys[dn_bytes(step.after.name)] = self._key_of(step.before)
        for step in steps:
            if step.before is None and step.after is not None:
                key = self._key_of(step.after)
                made.append(Effect("create", key, f"account/{key}"))
                made.extend(self._members("grant", step.after, step.after.values.get("member", {})))
            elif step.before is not None and step.after is None:
                key = self._key_of(step.before)
                made.append(Effect("delete", key, f"account/{key}"))
                made.extend(self._members("revoke", step.before, step.before.values.get("member", {})))
            elif step.before is not None and step.after is not None:
                made.extend(self._changed(step.before, step.after))
        return _without_pairs(made)

    def _asked_add(self, write: Add) -> list[Effect]:
        values = [value for name, given in write.attributes if name.lower() == KEY for value in given]
        key = _idm_key(values) or write.dn
        self._keys[dn_bytes(self._tree.name_of(write.dn))] = key
        return [Effect("create", key, f"account/{key}")]

    def _asked_rename(self, write: Rename) -> list[Effect]:
        entry = self._tree.find(write.dn)
        key = self._key_of(entry)
        rdn = self._tree.name_of(write.new_rdn)[0]
        effects = []
        for attribute, form in rdn:
            kept = dict.fromkeys(entry.values.get(attribute, ()))
            old = [each for name, each in entry.name[0] if name == attribute and write.delete_old]
            effects.append(_update(key, attribute, [*(each for each in kept if each not in old and each != form), form]))
        return effects

    def _asked_modify(self, write: Modify) -> list[Effect]:
        entry = self._tree.find(write.dn)
        key = self._key_of(entry)
        after: dict[str, dict[bytes, bytes]] = {}
        effects: list[Effect] = []
        for change in write.changes:
            kind = self._tree.schema.attribute(change.attribute)
            if kind is None:
                continue
            kept = after.get(kind.name, dict(entry.values.get(kind.name, {})))
            given = {normal(self._tree.schema, kind, value): value for value in change.values}
            gone = kept if change.kind == 1 and not given else given if change.kind == 1 else kept if change.kind == 2 else {}
            if kind.name == "member":
                come = given if change.kind != 1 else {}
                effects.extend(self._members("grant", entry, come))
                effects.extend(self._members("revoke", entry, {form: value for form, value in gone.items() if form not in come}))
            after[kind.name] = {form: value for form, value in kept.items() if form not in gone} | (given if change.kind != 1 else {})
        for attribute, forms in after.items():
            if attribute == LOCK:
                effects.append(Effect("disable" if forms else "enable", key, f"enabled/{key}"))
            elif attribute != "member":
                effects.append(_update(key, attribute, forms))
        return effects

    def _changed(self, before: Entry, after: Entry) -> list[Effect]:
        key = self._key_of(before)
        effects: list[Effect] = []
        for attribute in dict.fromkeys((*before.values, *after.values)):
            old, new = before.values.get(attribute, {}), after.values.get(attribute, {})
            kind = self._tree.schema.attribute(attribute)
            if old == new or kind is None or (kind.operational and attribute != LOCK):
                continue
            if attribute == "member":
                effects.extend(self._members("grant", after, {form: value for form, value in new.items() if form not in old}))
                effects.extend(self._members("revoke", before, {form: value for form, value in old.items() if form not in new}))
            elif attribute == LOCK:
                if bool(old) != bool(new):
                    effects.append(Effect("disable" if new else "enable", key, f"enabled/{key}"))
            else:
                effects.append(_update(key, attribute, new))
        return effects

    def _members(self, op: str, group: Entry, members: Mapping[bytes, bytes]) -> list[Effect]:
        name = group.first("cn") or group.dn
        keys = (self._member_key(form, value) for form, value in members.items())
        return [Effect(op, key, f"entitlement/{name}/{key}") for key in keys]

    def _member_key(self, form: bytes, value: bytes) -> str:
        if form not in self._keys:
            self._keys[form] = self._key(value.decode("utf-8", "replace"))
        return self._keys[form]

    def _key(self, dn: str) -> str:
        try:
            entry = self._tree.index.get(self._tree.name_of(dn))
        except LdapRefusal:
            return dn
        return dn if entry is None else self._key_of(entry)

    def _key_of(self, entry: Entry) -> str:
        key = _idm_key(entry.values.get(KEY, {}).values()) or entry.dn
        return self._keys.setdefault(dn_bytes(entry.name), key)


def _idm_key(values: Iterable[bytes]) -> str | None:
    """idm's key among an entry's descriptions (`idm:<installation>:<key>`)."""
    for value in values:
        if value.startswith(_KEY_PREFIXES) and value.count(b":") >= 2:
            return value.split(b":", 2)[2].decode("utf-8", "replace")
    return None


def _update(key: str, attribute: str, forms: Iterable[bytes]) -> Effect:
    return Effect("update", key, f"update/{key}/{attribute}/{_short(forms)}")


def _short(forms: Iterable[bytes]) -> str:
    return hashlib.sha256(b"\0".join(sorted(forms))).hexdigest()[:12]


def _without_pairs(effects: Sequence[Effect]) -> list[Effect]:
    """The effects without each grant and revoke of the same thing, which together change nothing."""
    granted = {effect.effect_key for effect in effects if effect.op == "grant"}
    both = {effect.effect_key for effect in effects if effect.op == "revoke"} & granted
    return [effect for effect in effects if effect.effect_key not in both]
