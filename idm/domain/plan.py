"""The plan: the differences between what is wanted and what a target holds, as changes for a connector to perform."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from idm.connector import Change, Confidential, Observed, State, Value, Verb
from idm.domain.desired import Wanted
from idm.domain.journey import OPENING, RIGHTS


@dataclass(frozen=True, slots=True)
class Owned:
    """What idm remembers of a record that it made: its link, the rights it granted there, and whether it ever opened it."""

    system: str
    kind: str
    key: str
    person: str
    employment: str
    link: str
    entitlements: frozenset[str] = frozenset()
    opened: bool = False
    gone: bool = False

    def after(self, change: Change, link: str) -> Owned:
        """What idm remembers once a change was performed on it, which answered `link`."""
        match change.verb:
            case Verb.GRANT:
                return replace(self, link=link, entitlements=self.entitlements | {change.entitlement or ""})
            case Verb.REVOKE:
                return replace(self, link=link, entitlements=self.entitlements - {change.entitlement or ""})
            case Verb.ENABLE | Verb.POST:
                return replace(self, link=link, opened=True)
            case Verb.CREATE:
                return replace(self, link=link, gone=False, opened=change.state is State.ENABLED)
            case Verb.END | Verb.DELETE:
                return replace(self, gone=True, entitlements=frozenset())
            case _:
                return replace(self, link=link)


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing that idm remembers of a target: a record (`entitlement` is "") or one right that it granted on a record.

    A row of its own for each right, so that two cases of one person that work at once can't write over each other's.
    """

    system: str
    kind: str
    key: str
    entitlement: str
    person: str
    employment: str
    link: str
    opened: bool = False
    gone: bool = False


def owned_by(holdings: Iterable[Holding]) -> dict[tuple[str, str, str], Owned]:
    """The holdings gathered by record (system, kind, key), with the rights that are still granted."""
    rows = list(holdings)
    rights: dict[tuple[str, str, str], set[str]] = {}
    for row in rows:
        if row.entitlement and not row.gone:
            rights.setdefault((row.system, row.kind, row.key), set()).add(row.entitlement)
    return {
        (row.system, row.kind, row.key): Owned(
            row.system,
            row.kind,
            row.key,
            row.person,
            row.employment,
            row.link,
            frozenset(rights.get((row.system, row.kind, row.key), ())),
            row.opened,
            row.gone,
        )
        for row in rows
        if not row.entitlement
    }


class Vanished(Exception):
    """A record that idm made isn't in the target any more. An empty read never means that it may be made again."""

    def __init__(self, owned: Owned) -> None:
        self.owned = owned
        super().__init__(f"the {owned.kind} that idm made is not there any more")


def differences(wanted: Wanted, observed: Observed | None, owned: Owned | None, scope: Collection[str]) -> Iterator[Change]:
    """The changes that make the target hold `wanted`, within `scope`: the record's kind, `rights`, `opening` (empty: all).

    An opening enables; without it in scope a gated record is made disabled and its state left as it is. Only rights that idm granted
    are revoked: a foreign one is left alone. A record that idm itself has ended is made anew, which opens it again where it is kept.
    Raises `Vanished` for a record that is known to have been made and is gone.
    """
    if observed is None:
        if owned is not None and not owned.gone and not wanted.posting:
            raise Vanished(owned)
        if _in(scope, wanted.kind):
            yield from _created(wanted)
        return
    if wanted.posting:
        return
    if observed.state is State.ENDED and (owned is None or owned.gone) and _in(scope, wanted.kind):
        yield from _created(wanted)
        return
    if _in(scope, wanted.kind):
        changed = {name: value for name, value in wanted.attributes.items() if not _same(observed.attributes.get(name, ""), value)}
        if changed:
            yield _change(Verb.UPDATE, wanted, observed.link, f"update/{_digest(changed)}", attributes=changed)
    if _in(scope, RIGHTS):
        for entitlement in sorted(set(wanted.entitlements) - observed.entitlements):
            yield _right(Verb.GRANT, wanted, observed.link, entitlement)
        granted = owned.entitlements if owned is not None else frozenset()
        for entitlement in sorted((granted & observed.entitlements) - set(wanted.entitlements)):
            yield _right(Verb.REVOKE, wanted, observed.link, entitlement)
    if _in(scope, OPENING) and wanted.gated and wanted.state is not observed.state:
        verb = Verb.ENABLE if wanted.state is State.ENABLED else Verb.DISABLE
        yield _change(verb, wanted, observed.link, "enabled", state=wanted.state)


def _created(wanted: Wanted) -> Iterator[Change]:
    held = {name: value for name, value in wanted.attributes.items() if value}
    if wanted.posting:
        yield _change(Verb.POST, wanted, None, "post", attributes=held)
        return
    state = State.DISABLED if wanted.gated else wanted.state
    yield _change(Verb.CREATE, wanted, None, "record", attributes=held, state=state)


def withdrawal(owned: Owned, observed: Observed | None, *, used: bool) -> Iterator[Change]:
    """The changes that take back a record nobody wants any more: rights first, then the record.

    One that was never `used` is deleted; one that was in use is ended. What isn't there any more needs nothing.
    """
    if observed is None or observed.state is State.ENDED:
        return
    for entitlement in sorted(owned.entitlements & observed.entitlements):
        yield _raw(Verb.REVOKE, owned, observed.link, f"right/{entitlement}", entitlement)
    yield _raw(Verb.END if used else Verb.DELETE, owned, observed.link, "record")


def suspension(owned: Owned, observed: Observed | None, *, gated: bool) -> Iterator[Change]:
    """The changes that take the rights from a record which stays, and close it if its kind is opened by a date."""
    if observed is None or observed.state is State.ENDED:
        return
    for entitlement in sorted(owned.entitlements & observed.entitlements):
        yield _raw(Verb.REVOKE, owned, observed.link, f"right/{entitlement}", entitlement)
    if gated and observed.state is State.ENABLED:
        yield replace(_raw(Verb.DISABLE, owned, observed.link, "enabled"), state=State.DISABLED)


def _raw(verb: Verb, owned: Owned, link: str, effect: str, entitlement: str | None = None) -> Change:
    return Change(verb, owned.kind, owned.key, f"{owned.kind}/{owned.key}/{effect}", link=link, entitlement=entitlement)


def _right(verb: Verb, wanted: Wanted, link: str, entitlement: str) -> Change:
    return _change(verb, wanted, link, f"right/{entitlement}", entitlement=entitlement)


def _change(
    verb: Verb,
    wanted: Wanted,
    link: str | None,
    effect: str,
    *,
    attributes: Mapping[str, Value] | None = None,
    state: State | None = None,
    entitlement: str | None = None,
) -> Change:
    return Change(
        verb,
        wanted.kind,
        wanted.key,
        f"{wanted.kind}/{wanted.key}/{effect}",
        link=link,
        attributes=attributes or {},
        state=state,
        entitlement=entitlement,
    )


def _same(held: Value, wanted: Value) -> bool:
    if not held and not wanted:
        return True
    if isinstance(wanted, tuple) or isinstance(held, tuple):
        return set(held if isinstance(held, tuple) else [held]) == set(wanted if isinstance(wanted, tuple) else [wanted])
    return held == wanted


def _digest(values: Mapping[str, Value]) -> str:
    """A short digest that tells one update from another in an effect key. Of confidential values only the name goes in."""
    text = "\n".join(f"{name}={'' if isinstance(value, Confidential) else value}" for name, value in sorted(values.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _in(scope: Collection[str], name: str) -> bool:
    return not scope or name in scope
