"""Provisioning: make one target system hold what it should, for one step of a case. No transaction is open meanwhile."""

from __future__ import annotations

import enum
import time
from dataclasses import dataclass, replace
from datetime import date

from idm.connector import Refused, Retry, Unknown
from idm.domain.case import Approval, Case, StepState
from idm.domain.desired import EmploymentFacts, Wanted, desired_state
from idm.domain.journey import OPENING, RIGHTS, StepDef, StepKind, revise_id, undo_id
from idm.domain.orders import FACTS
from idm.domain.people import Person
from idm.domain.plan import Holding, Vanished
from idm.domain.policy import APPROVALS, Policies, SystemPolicy
from idm.domain.timers import falls
from idm.domain.transitions import broken_off
from idm.errors import IdmError
from idm.flow.calling import Calls, Claim, ClaimLost, Unexpected, place_of
from idm.flow.converge import Convergence
from idm.flow.facts import facts_of
from idm.flow.graphs import graph_of
from idm.ports import App

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
    work = Convergence(app, case, policy, Calls(connector, claim), background.owned, doubtful=doubtful)
    done = [step] if step.resources else [each for each in graph_of(app, case) if each.system == step.system]
    work.undoing = _undo_unheard(case, step, background)
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
        if background.moved(app):
            return ended(Ending.RETRY, "another case of this person has changed meanwhile", after=1.0)
        return ended(Ending.REFUSED, f"{error}; find out who removed it before it is made again")
    except (IdmError, ClaimLost):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, a person must see it: else the step would begin anew for ever
        return ended(Ending.REFUSED, f"idm itself broke off with {place_of(error)}; report it, then retry")
    return ended(Ending.DONE, "" if work.changes else "it was so already")


def _undo_unheard(case: Case, step: StepDef, background: Background) -> bool:
    """Whether an undo in the step's system, of this case or another of the person, was begun and hasn't said what it took back."""
    undo = undo_id(step.system)
    if step.id == undo and case.steps[undo].attempts > 1:
        return True
    return any(broken_off(other.steps[undo]) for other in background.others if undo in other.steps)


def _form_of(policies: Policies, system: SystemPolicy, field: str | None) -> str:
    """The form that the value of a record's field comes from, or the order; "" if it comes from elsewhere or isn't known."""
    facts = [rule.attributes[field].fact for rule in system.resources.values() if field is not None and field in rule.attributes]
    form = facts[0].partition(".")[0] if facts and "." in facts[0] else ""
    return form if form in policies.forms or form == FACTS else ""


def _words(reason: str) -> str:
    """A reason as text that every database takes: directories end their messages with a NUL."""
    return "".join(letter if letter.isprintable() else " " for letter in reason).strip()


def _follow(app: App, case: Case, step: StepDef, policies: Policies, background: Background, work: Convergence) -> None:
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
        work.look_again(background.owned)
    raise Retry("another case of this person keeps changing what should be there", after=1.0, down=False)


def _others(app: App, background: Background, policies: Policies, system: str) -> list[EmploymentFacts]:
    managers = _names_manager(policies, system)
    return [facts_of(app, each, policies, managers=managers) for each in sorted(background.others, key=lambda other: other.id)]


def _names_manager(policies: Policies, system: str) -> bool:
    """Whether a rule of the system tells the manager's name, which takes a look-up."""
    rules = policies.systems[system].resources.values()
    return any(attribute.fact == "manager.name" for rule in rules for attribute in rule.attributes.values())


def _work(app: App, case: Case, step: StepDef, policies: Policies, background: Background, work: Convergence) -> list[EmploymentFacts]:
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


def _bring_into_line(case: Case, wanted: list[Wanted], system: SystemPolicy, work: Convergence) -> None:
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
    work: Convergence,
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
