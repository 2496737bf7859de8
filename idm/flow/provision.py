"""Provisioning: make one target system hold what it should, for one step of a case. No transaction is open meanwhile."""

from __future__ import annotations

import enum
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from idm import faults
from idm.connector import Attachment, Change, Effect, Observed, Ref, Refused, Retry, State, Unknown, Verb
from idm.domain.case import Approval, Case, StepState
from idm.domain.desired import EmploymentFacts, Wanted, desired_state
from idm.domain.journey import OPENING, RIGHTS, StepDef, StepKind, revise_id
from idm.domain.orders import FACTS
from idm.domain.people import Person
from idm.domain.plan import Holding, Owned, Vanished, differences, suspension, withdrawal
from idm.domain.policy import APPROVALS, Policies, SystemPolicy
from idm.domain.timers import falls
from idm.domain.transitions import broken_off
from idm.errors import IdmError
from idm.flow.calling import Calls, Claim, ClaimLost, Unexpected, place_of
from idm.flow.facts import facts_of
from idm.flow.graphs import graph_of
from idm.ports import App
from idm.rows import DocumentRow

_EVERY: dict[str, tuple[Approval, ...]] = dict.fromkeys(APPROVALS, ())

_LOOKS = 3
"""How often an attempt follows the person's other cases as they change meanwhile, before it waits for a moment."""


class Ending(enum.StrEnum):
    """How an attempt at a step ended."""

    DONE = "done"
    RETRY = "retry"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, why, when the target wants the next (seconds), what idm now owns, and what was changed (verb and kind).

    `down`: the target as a whole is away, which counts for its circuit. `form`: the form in which what was refused was filled in;
    `order` if it was ordered.
    """

    ending: Ending
    reason: str = ""
    after: float | None = None
    down: bool = False
    owned: tuple[Holding, ...] = ()
    changes: tuple[str, ...] = ()
    form: str = ""


class Background:
    """What an attempt must know beside the case itself: the person, their other cases, and what idm owns of them.

    Read together, and kept for a moment, so that steps that follow each other at once don't ask the database again.
    """

    def __init__(self, app: App, case: Case) -> None:
        self._case = case
        self._trust = app.trust
        self.person = app.store.person(case.person)
        self.others = app.store.cases_of(case.person, case.id)
        self.owned = {(owned.system, owned.kind, owned.key): owned for owned in app.store.owned(case.person)}
        self._at = time.monotonic()

    def moved(self, app: App) -> bool:
        """Whether another case of the person has changed since this was read."""
        now = app.store.cases_of(self._case.person, self._case.id)
        return {(each.id, each.version) for each in now} != {(each.id, each.version) for each in self.others}

    @property
    def fresh(self) -> bool:
        """Whether it may still be trusted."""
        return time.monotonic() - self._at < self._trust


class _Attempt:
    """One attempt at a step: its connector, what idm owns there, and what it has done so far, which counts even if it fails later."""

    def __init__(self, app: App, case: Case, policy: SystemPolicy, connector: Calls, background: Background, *, doubtful: bool) -> None:
        self.app = app
        self.case = case
        self.policy = policy
        self.connector = connector
        self.doubtful = doubtful
        self.repeated = doubtful
        """Whether an earlier attempt, or another case meanwhile, may have done something of which no note is at hand."""
        self.owned = background.owned
        self.written: dict[tuple[str, str, str], Holding] = {}
        self.changes: list[str] = []

    def look_again(self, background: Background) -> None:
        """Go on from what idm owns by now; what this attempt wrote itself counts before what others did."""
        mine = {(self.policy.name, kind, key) for kind, key, _ in self.written}
        self.owned = background.owned | {key: owned for key, owned in self.owned.items() if key in mine}
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


def attempt(
    app: App, case: Case, step: StepDef, *, doubtful: bool, background: Background | None = None, claim: Claim | None = None
) -> Outcome:
    """Attempt `step`: compute what its system should hold, read what it holds, perform the differences. Never raises a target's error.

    Raises `ClaimLost` when `claim` turns out to be another's, and idm's own errors when the database is away.
    """
    background = background or Background(app, case)
    policies = app.policies.current()
    policy = policies.systems.get(step.system)
    connector = app.connectors.get(step.system)
    if policy is None or connector is None:
        return Outcome(Ending.REFUSED, f"no system called '{step.system}' is set up; add it to systems.yaml")
    work = _Attempt(app, case, policy, Calls(connector, claim), background, doubtful=doubtful)
    done = [step] if step.resources else [each for each in graph_of(app, case) if each.system == step.system]
    work.repeated = any(case.steps[each.id].attempts > 1 or (each.id != step.id and broken_off(case.steps[each.id])) for each in done)

    def ended(ending: Ending, reason: str = "", after: float | None = None, down: bool = False) -> Outcome:
        return Outcome(ending, _words(reason), after, down, tuple(work.written.values()), tuple(work.changes))

    try:
        _follow(app, case, step, policies, background, work)
    except Retry as error:
        return ended(Ending.RETRY, error.reason, error.after, error.down)
    except Refused as error:
        outcome = ended(Ending.REFUSED, error.reason + (f" (field: {error.field})" if error.field else ""))
        return replace(outcome, form=_form_of(policies, policy, error.field))
    except Unknown as error:
        return ended(Ending.UNKNOWN, error.reason, down=not isinstance(error, Unexpected))
    except Vanished as error:
        return ended(Ending.REFUSED, f"{error}; find out who removed it before it is made again")
    except (IdmError, ClaimLost):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, a person must see it: else the step would begin anew for ever
        return ended(Ending.REFUSED, f"idm itself broke off with {place_of(error)}; report it, then retry")
    return ended(Ending.DONE, "" if work.changes else "it was so already")


def _form_of(policies: Policies, system: SystemPolicy, field: str | None) -> str:
    """The form that the value of a record's field comes from, or the order; "" if it comes from elsewhere or isn't known."""
    facts = [rule.attributes[field].fact for rule in system.resources.values() if field is not None and field in rule.attributes]
    form = facts[0].partition(".")[0] if facts and "." in facts[0] else ""
    return form if form in policies.forms or form == FACTS else ""


def _words(reason: str) -> str:
    """A reason as text that every database takes: directories end their messages with a NUL."""
    return "".join(letter if letter.isprintable() else " " for letter in reason).strip()


def _follow(app: App, case: Case, step: StepDef, policies: Policies, background: Background, work: _Attempt) -> None:
    """Work the step by what is known, and again if another case of the person changed meanwhile what should be there.

    Records per person are shared by cases that other workers work on at this moment. Of two, the one that changes the target last has
    read the other's facts before it ends, so that no right comes back after it was taken away, and none goes that is still wanted.
    """
    for _ in range(_LOOKS):
        done = len(work.changes)
        used = _work(app, case, step, policies, background, work)
        if len(work.changes) == done or (step.resources and not used):
            return
        if not background.moved(app):
            return
        background = Background(app, case)
        if _others(app, background, policies, step.system) == used:
            return
        work.look_again(background)
    raise Retry("another case of this person keeps changing what should be there", after=1.0, down=False)


def _others(app: App, background: Background, policies: Policies, system: str) -> list[EmploymentFacts]:
    managers = _names_manager(policies, system)
    return [facts_of(app, each, policies, managers=managers) for each in sorted(background.others, key=lambda other: other.id)]


def _names_manager(policies: Policies, system: str) -> bool:
    """Whether a rule of the system tells the manager's name, which takes a look-up."""
    rules = policies.systems[system].resources.values()
    return any(attribute.fact == "manager.name" for rule in rules for attribute in rule.attributes.values())


def _work(app: App, case: Case, step: StepDef, policies: Policies, background: Background, work: _Attempt) -> list[EmploymentFacts]:
    """One pass; the facts of the person's other cases that it went by."""
    person = background.person
    if person is None:
        raise Refused(f"person {case.person} isn't in the database")
    others = _others(app, background, policies, step.system)
    employments = [facts_of(app, case, policies, managers=_names_manager(policies, step.system)), *others]
    wanted = _of_case(case, person, employments, policies, step.system, app)
    if step.id == revise_id(step.system):
        _bring_into_line(case, wanted, policies.systems[step.system], work)
        return others
    if not step.resources:
        _take_back(app, case, step, person, employments, policies, wanted, work)
        return others
    for record in wanted:
        if _in_scope(record, step, policies):
            work.converge(record, step.resources, case.possible_rights(step.system))
    return others


def _bring_into_line(case: Case, wanted: list[Wanted], system: SystemPolicy, work: _Attempt) -> None:
    """A revise step: what the system holds already follows the facts of now. It makes nothing: what is to come has steps of its own.

    What nobody is approved for while it is decided anew loses its rights, and is closed.
    """
    still, lost = {(record.kind, record.key) for record in wanted}, case.possible_rights(system.name)
    for held in [each for each in work.owned.values() if each.system == system.name and not each.gone]:
        rule = system.resources.get(held.kind)
        mine = held.employment == case.employment or held.key == case.person
        if mine and rule is not None and not rule.posting and (held.kind, held.key) not in still:
            work.suspend(held, lost, gated=bool(rule.opens))
    for record in wanted:
        owned = work.owned.get((record.system, record.kind, record.key))
        if owned is not None and not owned.gone and not record.posting:
            work.converge(record, (), lost)


def _take_back(
    app: App,
    case: Case,
    step: StepDef,
    person: Person,
    employments: list[EmploymentFacts],
    policies: Policies,
    wanted: list[Wanted],
    work: _Attempt,
) -> None:
    """An undo step: converge what others still want, take back the rest of what this case made or may have made."""
    still = {(record.kind, record.key): record for record in wanted}
    # Nobody may have heard that a record was made, and what approved it may have fallen since: so it is looked for all the same.
    revived = [replace(f, withdrawn=False, approvals={**_EVERY, **f.approvals}) if f.case == case.id else f for f in employments]
    made = _of_case(case, person, revived, policies, step.system, app)
    once = {(record.kind, record.key) for record in made if not record.posting}
    lost = case.possible_rights(step.system)
    kinds = policies.systems[step.system].resources
    owned = [owned for owned in work.owned.values() if owned.system == step.system]
    mine = {(each.kind, each.key) for each in owned if each.employment == case.employment or each.key == person.id}
    for kind, key in sorted(once | {entry for entry in mine if entry[0] in kinds and not kinds[entry[0]].posting}):
        record = still.get((kind, key))
        if record is not None:
            work.converge(record, (), lost)
        else:
            work.withdraw(kind, key, lost)
    for record in wanted:
        if (taken_back := kinds[record.kind].reverses) and work.holds(taken_back, record.key):
            work.converge(record, ())


def _of_case(case: Case, person: Person, employments: list[EmploymentFacts], policies: Policies, system: str, app: App) -> list[Wanted]:
    """What `system` should hold that concerns this case: its employment's records and the person's own."""
    return [
        record
        for record in desired_state(person, employments, policies, _day(app, case), system)
        if (record.key == person.id or record.employment == case.employment)
    ]


def _day(app: App, case: Case) -> date:
    """The business date, but never before one whose timer has fallen: that process's clock may be ahead of this one's."""
    graph = graph_of(app, case)
    fallen = [step for step in graph if step.kind is StepKind.TIMER and case.steps[step.id].state is StepState.DONE]
    seen = [moment.date() for step in fallen if (moment := falls(case, step.until)) is not None]
    return max([app.clock.today(), *seen, *filter(None, [case.rights_seen])])


def _in_scope(record: Wanted, step: StepDef, policies: Policies) -> bool:
    rule = policies.systems[record.system].resources[record.kind]
    return record.kind in step.resources or (RIGHTS in step.resources and rule.rights) or (OPENING in step.resources and record.gated)


def _attachment(app: App, row: DocumentRow) -> Attachment:
    return Attachment(row.name, row.media_type, row.size, lambda: app.vault.open(row.id, row.vault_name, row.wrapped_key))
