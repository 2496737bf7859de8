"""What one attempt at a step does in its target: reads, the differences that it performs, and what idm owns there from then on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from idm import faults
from idm.connector import Attachment, Change, Effect, Observed, Ref, Refused, State, Unknown, Verb
from idm.domain.case import Case
from idm.domain.desired import Wanted
from idm.domain.plan import Holding, Owned, differences, suspension, withdrawal
from idm.domain.policy import SystemPolicy
from idm.flow.calling import Calls
from idm.ports import App
from idm.rows import DocumentRow


class Convergence:
    """One attempt at a step: its connector, what idm owns there, and what it has done so far, which counts even if it fails later."""

    def __init__(
        self, app: App, case: Case, policy: SystemPolicy, connector: Calls, owned: Mapping[tuple[str, str, str], Owned], *, doubtful: bool
    ) -> None:
        self.app = app
        self.case = case
        self.policy = policy
        self.connector = connector
        self.doubtful = doubtful
        self.repeated = doubtful
        """Whether an earlier attempt, or another case meanwhile, may have done something of which no note is at hand."""
        self.undoing = False
        """Whether an undo of the person's may have taken records back here of which no note is at hand."""
        self.owned = dict(owned)
        self.written: dict[tuple[str, str, str], Holding] = {}
        self.changes: list[str] = []

    def look_again(self, owned: Mapping[tuple[str, str, str], Owned]) -> None:
        """Go on from what idm owns by now; what this attempt wrote itself counts before what others did."""
        mine = {(self.policy.name, kind, key) for kind, key, _ in self.written}
        self.owned = {**owned} | {key: owned for key, owned in self.owned.items() if key in mine}
        self.repeated = True

    def _known(self, kind: str, key: str) -> Owned | None:
        return self.owned.get((self.policy.name, kind, key))

    def converge(self, wanted: Wanted, scope: Iterable[str], lost: Iterable[str] = ()) -> None:
        """Make the target hold one record, within the step's scope. `lost`: rights that a lost answer may have left there."""
        info = self.connector.describe().kinds.get(wanted.kind)
        if info is None:
            raise Refused(f"the connector of {self.policy.name} does not know the kind '{wanted.kind}'")
        if info.effect is Effect.BLIND:
            self._post_blind(wanted)
            return
        scope = tuple(scope)
        for _ in range(3):
            observed = self._read(wanted.kind, wanted.key)
            if observed is not None:
                self._remember(wanted, observed, lost)
            elif self.undoing:
                self._forget(wanted)
            changes = list(differences(wanted, observed, self._known(wanted.kind, wanted.key), scope))
            for change in changes:
                self._perform(change, wanted.employment, attached=bool(wanted.document))
            if wanted.posting or not any(change.verb is Verb.CREATE for change in changes) or scope == (wanted.kind,):
                return

    def withdraw(self, kind: str, key: str, lost: Iterable[str]) -> None:
        """Take back a record that nobody wants any more, also one that a lost answer left without a trace here, with rights in `lost`."""
        observed = self._read(kind, key)
        owned = self._known(kind, key) or Owned(self.policy.name, kind, key, self.case.person, self.case.employment, "")
        if observed is not None:
            self._remember(owned, observed, lost)
            owned = self._known(kind, key) or owned
        # Whether it was ever open, a lost answer may have kept from idm.
        opened = owned.opened or (observed is not None and observed.state is State.ENABLED)
        used = opened and self.case.facts.start_date <= self.app.clock.today()
        for change in withdrawal(owned, observed, used=used):
            self._perform(change, owned.employment)
        known = self._known(kind, key) or owned
        if known.link or observed is not None:
            self._note(replace(known, entitlements=frozenset(), gone=True), known)

    def suspend(self, owned: Owned, lost: Iterable[str], *, gated: bool) -> None:
        """Let a record stay that nobody is approved for at the moment, closed and without rights, also those in `lost`."""
        observed = self._read(owned.kind, owned.key)
        if observed is not None:
            self._remember(owned, observed, lost)
        for change in suspension(self._known(owned.kind, owned.key) or owned, observed, gated=gated):
            self._perform(change, owned.employment)

    def holds(self, kind: str, key: str) -> bool:
        """Whether the target holds that record now: what never arrived needs no taking back."""
        return self._read(kind, key) is not None

    def _read(self, kind: str, key: str) -> Observed | None:
        owned = self._known(kind, key)
        link = owned.link if owned is not None and not owned.gone and owned.link else None
        return self.connector.read(Ref(kind, key, link))

    def _post_blind(self, wanted: Wanted) -> None:
        """Send what can't be read back: once; after a doubt never again by itself."""
        if self._known(wanted.kind, wanted.key) is not None:
            return
        if self.doubtful:
            self._doubt(wanted)
            return
        change = next(iter(differences(wanted, None, None, ())))
        try:
            self._perform(change, wanted.employment)
        except Unknown:
            self._doubt(wanted)

    def _doubt(self, wanted: Wanted) -> None:
        if self.policy.doubt != "accept":
            raise Refused("it was sent and no answer came; look whether it arrived, then retry or let it be")
        self.changes.append(f"accepted in doubt: {wanted.kind}")
        self._note(Owned(self.policy.name, wanted.kind, wanted.key, wanted.person, wanted.employment, "", opened=True))

    def _perform(self, change: Change, employment: str, *, attached: bool = False) -> None:
        attachment = None
        if attached and (row := self.app.store.document(change.key)) is not None:
            attachment = _attachment(self.app, row)
        faults.point("call.between-changes" if self.changes else "call.before")
        link = self.connector.perform(replace(change, attachment=attachment))
        faults.point("call.after")
        self.changes.append(f"{change.verb} {change.kind}" + (f" {change.entitlement}" if change.entitlement else ""))
        before = self._known(change.kind, change.key)
        known = before
        if known is None or known.gone:
            known = Owned(self.policy.name, change.kind, change.key, self.case.person, employment, link)
        self._note(known.after(change, link), before)

    def _remember(self, wanted: Wanted | Owned, observed: Observed, lost: Iterable[str] = ()) -> None:
        """Keep the link of a record that an earlier attempt made and never heard of; rights it got then are ours too.

        At a repeated attempt so are wanted rights on a record that is known (or those in `lost`): else nobody would ever take them back.
        """
        if observed.state is State.ENDED:
            return
        known = self._known(wanted.kind, wanted.key)
        rights = observed.entitlements & {*wanted.entitlements, *lost}
        opened = observed.state is State.ENABLED
        if known is None or known.gone:
            self._note(Owned(self.policy.name, wanted.kind, wanted.key, wanted.person, wanted.employment, observed.link, rights, opened))
        elif self.repeated and (rights - known.entitlements or opened > known.opened):
            self._note(replace(known, entitlements=known.entitlements | rights, opened=known.opened or opened), known)

    def _forget(self, wanted: Wanted) -> None:
        """What an undo took back, of which nobody heard, before it was wanted again: idm's own doing, so it may be made anew."""
        known = self._known(wanted.kind, wanted.key)
        if known is not None and not known.gone and not wanted.posting:
            self._note(replace(known, entitlements=frozenset(), gone=True), known)

    def _note(self, owned: Owned, before: Owned | None = None) -> None:
        """Remember what idm owns now: the record, and each right that came or went, in a row of its own."""
        self.owned[owned.system, owned.kind, owned.key] = owned
        had = before.entitlements if before is not None else frozenset()
        self._write(owned, "", gone=owned.gone)
        for entitlement in had ^ owned.entitlements:
            self._write(owned, entitlement, gone=entitlement not in owned.entitlements)

    def _write(self, owned: Owned, entitlement: str, *, gone: bool) -> None:
        self.written[owned.kind, owned.key, entitlement] = Holding(
            owned.system, owned.kind, owned.key, entitlement, owned.person, owned.employment, owned.link, owned.opened, gone
        )


def _attachment(app: App, row: DocumentRow) -> Attachment:
    return Attachment(row.name, row.media_type, row.size, lambda: app.vault.open(row.id, row.vault_name, row.wrapped_key))
