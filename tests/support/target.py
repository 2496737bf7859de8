"""A target system in memory that keeps the connector's promises, and can be told to break off where a real one would."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from idm.connector import Change, Description, Effect, KindInfo, Observed, Ref, Refused, State, TargetError, Verb


@dataclass(frozen=True, slots=True)
class Done:
    """One effect in a target's journal. `result` is applied, or unchanged where it held already."""

    verb: Verb
    kind: str
    key: str
    effect_key: str
    entitlement: str
    result: str


@dataclass(slots=True)
class _Trouble:
    error: Exception
    after: bool
    times: int
    verb: Verb | None
    on_read: bool = False


@dataclass(slots=True)
class MemoryTarget:
    """`idm.connector.Connector` over a dictionary. `journal` lists every effect; `calls` counts reads and performs."""

    kinds: Mapping[str, KindInfo]
    unique: str = ""
    """An attribute of which no two records may have the same value, such as a user name."""
    journal: list[Done] = field(default_factory=list)
    calls: int = 0
    attachments: dict[str, bytes] = field(default_factory=dict)
    meanwhile: Callable[[Change], None] | None = None
    """Called while a change is under way: before it is answered, or with `meanwhile_first` before it is performed."""
    meanwhile_first: bool = False
    _records: dict[tuple[str, str], Observed] = field(default_factory=dict)
    _troubles: list[_Trouble] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _links: int = 0

    def trouble(self, error: Exception, *, after: bool = False, times: int = 1, verb: Verb | None = None) -> None:
        """Raise `error` at the next `times` changes (of `verb`), before they are performed or `after` they were."""
        self._troubles.append(_Trouble(error, after, times, verb))

    def trouble_reading(self, error: Exception, *, times: int = 1) -> None:
        """Raise `error` at the next `times` reads."""
        self._troubles.append(_Trouble(error, False, times, None, on_read=True))

    def heal(self) -> None:
        """Forget every trouble that was planned."""
        self._troubles.clear()

    def put_foreign(self, kind: str, key: str, **attributes: str) -> None:
        """A record that somebody else made there."""
        self._put(Observed(kind, key, self._link(), State.ENABLED, attributes, frozenset({"theirs"}), managed=False))

    def change_behind_the_back(self, kind: str, key: str, change: Callable[[Observed], Observed | None]) -> None:
        """Let an administrator of the target alter or remove a record by hand."""
        with self._lock:
            found = change(self._records.pop((kind, key)))
            if found is not None:
                self._put(found)

    def held(self, kind: str, key: str) -> Observed | None:
        """The record as it is, without a call."""
        return self._records.get((kind, key))

    @property
    def everything(self) -> Mapping[tuple[str, str], Observed]:
        """Every record, by kind and key."""
        return dict(self._records)

    def applied(self, verb: Verb | None = None) -> list[Done]:
        """What was applied, in order."""
        return [done for done in self.journal if done.result == "applied" and verb in (None, done.verb)]

    def describe(self) -> Description:
        """See the protocol."""
        return Description(self.kinds, 5.0)

    def probe(self) -> str:
        """See the protocol."""
        return "a target in memory answers"

    def read(self, ref: Ref) -> Observed | None:
        """See the protocol."""
        with self._lock:
            self.calls += 1
            self._fail(None, after=False, reading=True)
            if self.kinds[ref.kind].effect is Effect.BLIND:
                raise Refused("it can't be asked what it holds")
            found = self._records.get((ref.kind, ref.key))
            if ref.link is not None and found is not None and found.link != ref.link:
                return None
            return found if found is None or found.managed else None

    def perform(self, change: Change) -> str:
        """See the protocol."""
        if self.meanwhile is not None and self.meanwhile_first:
            self.meanwhile(change)
        with self._lock:
            self.calls += 1
            self._fail(change.verb, after=False)
            link, result = self._perform(change)
            self.journal.append(Done(change.verb, change.kind, change.key, change.effect_key, change.entitlement or "", result))
        if self.meanwhile is not None and not self.meanwhile_first:
            self.meanwhile(change)
        with self._lock:
            self._fail(change.verb, after=True)
        return link

    def scan(self, kind: str) -> Iterator[Observed]:
        """See the protocol."""
        with self._lock:
            self._fail(None, after=False, reading=True)
            yield from [record for record in self._records.values() if record.kind == kind]

    def _fail(self, verb: Verb | None, *, after: bool, reading: bool = False) -> None:
        for trouble in self._troubles:
            if trouble.after is after and trouble.on_read is reading and trouble.verb in (None, verb) and trouble.times > 0:
                trouble.times -= 1
                raise trouble.error

    def _perform(self, change: Change) -> tuple[str, str]:
        held = self._records.get((change.kind, change.key))
        match change.verb:
            case Verb.CREATE | Verb.POST:
                return self._create(change, held)
            case Verb.END | Verb.DELETE | Verb.REVOKE | Verb.DISABLE if held is None:
                return change.link or "", "unchanged"
        if held is None or not held.managed:
            raise Refused("there is no such record of idm's")
        right = change.entitlement or ""
        match change.verb:
            case Verb.UPDATE:
                after = replace(held, attributes={**held.attributes, **change.attributes})
            case Verb.ENABLE:
                after = replace(held, state=State.ENABLED)
            case Verb.DISABLE:
                after = replace(held, state=State.DISABLED)
            case Verb.GRANT:
                after = replace(held, entitlements=held.entitlements | {right})
            case Verb.REVOKE:
                after = replace(held, entitlements=held.entitlements - {right})
            case Verb.END:
                after = replace(held, state=State.ENDED)
            case _:
                del self._records[change.kind, change.key]
                return held.link, "applied"
        self._put(after)
        return held.link, "unchanged" if after == held else "applied"

    def _create(self, change: Change, held: Observed | None) -> tuple[str, str]:
        blind = self.kinds[change.kind].effect is Effect.BLIND
        if held is not None and not blind:
            if not held.managed:
                raise Refused("a record that isn't idm's is there already")
            if held.state is not State.ENDED:
                return held.link, "unchanged"
        taken = {record.attributes.get(self.unique) for record in self._records.values() if record.key != change.key}
        if self.unique and change.attributes.get(self.unique) in taken:
            raise Refused(f"the {self.unique} is taken there by another record", field=self.unique)
        if change.attachment is not None:
            with change.attachment.open() as file:
                self.attachments[change.key] = file.read()
        link = held.link if held is not None else self._link()
        self._put(Observed(change.kind, change.key, link, change.state or State.ENABLED, dict(change.attributes)))
        return link, "applied"

    def _put(self, record: Observed) -> None:
        self._records[record.kind, record.key] = record

    def _link(self) -> str:
        self._links += 1
        return f"link-{self._links}"


def shipped_targets(*, mail_is_blind: bool = False) -> dict[str, MemoryTarget]:
    """A target for each system of the shipped policies."""
    keyed, posting = KindInfo(Effect.KEYED), KindInfo(Effect.KEYED, posting=True)
    mail = KindInfo(Effect.BLIND, posting=True) if mail_is_blind else posting
    return {
        "ldap": MemoryTarget({"account": keyed}, unique="username"),
        "payroll": MemoryTarget({"record": KindInfo(Effect.UNIQUE)}),
        "erp": MemoryTarget({"profile": keyed, "order": posting, "order_cancel": posting}),
        "mailbox": MemoryTarget({"mailbox": keyed}),
        "personnel_file": MemoryTarget({"file": keyed, "document": posting}),
        "mail": MemoryTarget({"message": mail}),
    }


__all__ = ["Done", "MemoryTarget", "TargetError", "shipped_targets"]
