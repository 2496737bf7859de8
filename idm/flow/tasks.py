"""Tasks: who may act on one right now, and what their decision does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from idm import faults
from idm.connector import Confidential
from idm.domain import transitions
from idm.domain.authority import APPOINTED, Authority, Delegation, Holder
from idm.domain.case import Approval, Case
from idm.domain.desired import known_facts
from idm.domain.forms import Form
from idm.domain.journey import Actor, Graph, StepDef, TaskKind
from idm.domain.people import Organisation
from idm.domain.projection import Task
from idm.errors import BadInput, Conflict, Fault, NotAllowed, NotFound
from idm.flow.changing import Note, change, graph_of, load
from idm.flow.delegate import write_delegations
from idm.flow.facts import facts_of
from idm.flow.identity import fresh
from idm.flow.known_as import known_as
from idm.flow.powers import PowersNow
from idm.ports import App
from idm.ports_store import Writer


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person answers a task with. Which of these a task takes, `idm task show` says."""

    decision: str = ""
    reason: str = ""
    values: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Act:
    """A decision in the making: everything its kind of task needs to know."""

    app: App
    case: Case
    graph: Graph
    step: StepDef
    answer: Decision
    approval: Approval
    now: datetime

    @property
    def values(self) -> Mapping[str, Any]:
        return self.answer.values or {}


_ALL = 1_000_000
"""More tasks than there are: who may act is told from each, so none may be left out before."""

_Made = tuple[Case, Mapping[str, Any], Sequence[Delegation]]


def task(app: App, id: str) -> Task:
    """The task; `NotFound` if there is none."""
    found = app.store.task(id)
    if found is None:
        raise NotFound(f"There is no task '{id}'.", next_step="`idm task list` shows the tasks.")
    return found


def actors(app: App, case: Case, actor: Actor, organisation: Organisation | None = None) -> tuple[Holder, ...]:
    """Who may act as `actor` in `case` now, and why."""
    return PowersNow(app, organisation).holders(case, actor)


def do_task(app: App, id: str, person: str, answer: Decision, administrator: str = "") -> Case:
    """Let `person` answer a task, and the case go on. `administrator` typed it for them and goes on record.

    Raises `NotAllowed` without authority, `Conflict` if it was answered before or the case is over, `BadInput` with every fault.
    """
    target = task(app, id)
    person = known_as(app, person)
    granted: list[Delegation] = []

    def mutate(case: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        granted.clear()
        if target.state == "done" and not case.over:
            raise Conflict(f"Task {id} was answered already.", next_step="`idm case show` shows what was decided.")
        status = transitions.demand_open(case, target.step)
        if status.round != target_round(id) and target.kind == TaskKind.REVIEW:
            raise Conflict(f"Task {id} is about a document that was replaced.", next_step="`idm task list` shows the newer one.")
        if status.round != target_round(id):
            raise Conflict(f"Task {id} was answered already.", next_step="It was opened again under a newer task.")
        holder = _demand_authority(app, case, target, person)
        approval = Approval(person, holder.authority, now, holder.delegation, holder.granted_by, administrator)
        act = _Act(app, case, graph, graph[target.step], answer, approval, now)
        after, payload, delegations = _KINDS[TaskKind(target.kind)](act)
        granted.extend(delegations)
        told = {"step": target.step, "task": id, "basis": holder.basis, "administrator": administrator, **payload}
        return after, Note(person, f"{target.kind}-{payload['decision']}", told)

    def also(writer: Writer, case: Case) -> None:
        write_delegations(app, writer, granted, administrator)
        faults.point("task.before-commit")

    after = change(app, target.case, mutate, also)
    faults.point("task.after-commit")
    return after


def target_round(task: str) -> int:
    """Which round of its step a task id belongs to."""
    return int(task.rpartition(".")[2])


def _demand_authority(app: App, case: Case, target: Task, person: str) -> Holder:
    if app.store.person(person) is None:
        raise NotFound(f"There is no person '{person}'.", next_step="Persons carry the ids of the organisation file.")
    may = actors(app, case, target.actor)
    for holder in may:
        if holder.person == person:
            return holder
    if person == case.person:
        raise NotAllowed("Nobody decides on their own hire.", next_step=_who(may))
    raise NotAllowed(f"{person} does not hold the {target.actor.value} authority for this case today.", next_step=_who(may))


def _who(may: Iterable[Holder]) -> str:
    names = ", ".join(holder.person for holder in may)
    return f"It waits for {names}." if names else "Nobody holds it: use `idm delegate` to grant it."


def _demand_decision(answer: Decision, *allowed: str) -> str:
    decision = answer.decision or (allowed[0] if len(allowed) == 1 else "")
    if decision not in allowed:
        raise BadInput(
            "The decision is missing or unknown.",
            faults=[Fault("decision", "unknown-decision", f"one of: {', '.join(allowed)}")],
            next_step="Name one of them as `decision`; nothing was saved.",
        )
    return decision


def _demand_only(act: _Act, *known: str) -> None:
    unknown = [Fault(f"values.{name}", "unknown-field", f"known: {', '.join(known) or 'none'}") for name in act.values if name not in known]
    if unknown:
        raise BadInput(
            "The task's input has fields that it doesn't take.",
            faults=unknown,
            next_step="`idm task show` lists what it takes; nothing was saved.",
        )


def _named(approval: Approval, what: object) -> Approval:
    text = json.dumps(what, ensure_ascii=False, sort_keys=True, default=str)
    return replace(approval, named=hashlib.sha256(text.encode()).hexdigest())


def _appoint(act: _Act) -> _Made:
    decision = _demand_decision(act.answer, "appoint")
    _demand_only(act, "pay", "it")
    found: list[Fault] = []
    wanted: dict[Authority, list[str]] = {}
    for authority in APPOINTED:
        value = act.values.get(authority.value, [])
        people = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
        people = [known_as(act.app, person) if isinstance(person, str) else person for person in people]
        wanted[authority] = people
        known = act.app.store.people([person for person in people if isinstance(person, str)])
        for person in people:
            if person not in known:
                found.append(Fault(f"values.{authority}", "unknown-person", "one of the persons named isn't in the organisation"))
            elif person == act.case.person:
                found.append(Fault(f"values.{authority}", "own-hire", "the person hired can't hold an authority in their own hire"))
        if not people and not _standing(act, authority):
            found.append(
                Fault(f"values.{authority}", "required", f"name who holds the {authority.value} authority: no standing delegation does")
            )
    if found:
        raise BadInput("The contacts can't be appointed so.", faults=found, next_step="Mend what is named; nobody was appointed.")
    delegations = [
        Delegation(fresh(act.app, "d"), authority, act.case.facts.unit, person, act.approval.by, act.app.clock.today(), None, act.case.id)
        for authority, people in wanted.items()
        for person in dict.fromkeys(people)
    ]
    after = transitions.decide(act.case, act.graph, act.step.id, _named(act.approval, act.case.facts), act.now)
    payload = {"decision": decision, **{authority.value: people for authority, people in wanted.items()}}
    return after, payload, delegations


def _standing(act: _Act, authority: Authority) -> bool:
    return bool(PowersNow(act.app).holders(act.case, Actor(authority.value)))


def _document(act: _Act) -> _Made:
    raise BadInput(
        "A document is handed in as a file.",
        faults=[Fault("decision", "needs-a-file", "this task takes no JSON input")],
        next_step=f"Use `idm document add {act.case.id} {act.step.document} FILE`.",
    )


def _review(act: _Act) -> _Made:
    decision = _demand_decision(act.answer, "accept", "return")
    _demand_only(act)
    document = act.case.documents[act.step.document]
    payload = {"decision": decision, "document": document.id, "kind": act.step.document}
    if decision == "accept":
        after = transitions.decide(act.case, act.graph, act.step.id, _named(act.approval, [document.id, act.step.document]), act.now)
        return after, payload, ()
    if not act.answer.reason.strip():
        raise BadInput(
            "A return needs its reason.",
            faults=[Fault("reason", "required", "say what is wrong, in words for the person who mends it")],
            next_step="Give the reason, and return it again.",
        )
    reason = act.answer.reason.strip()
    return transitions.send_back(act.case, act.graph, act.step.id, reason, act.now), {**payload, "reason": reason}, ()


def _form(act: _Act) -> _Made:
    decision = _demand_decision(act.answer, "submit")
    form = _form_called(act.app, act.step.form)
    values, found = form.check(act.values)
    if found:
        raise BadInput(f"The form '{form.name}' isn't right yet.", faults=found, next_step="Mend what is named; nothing was saved.")
    filled = replace(act.case, values={**act.case.values, form.name: values})
    after = transitions.decide(filled, act.graph, act.step.id, _named(act.approval, values), act.now)
    return after, {"decision": decision, "form": form.name, "fields": sorted(values)}, ()


def _form_called(app: App, name: str) -> Form:
    """The form as policy has it now: a case pins its journey, and forms may have gone since."""
    found = app.policies.current().forms.get(name)
    if found is None:
        raise NotFound(f"Policy has no form '{name}' any more.", next_step=f"Put forms/{name}.yaml back; this case needs it.")
    return found


def _rights(act: _Act) -> _Made:
    decision = _demand_decision(act.answer, "confirm")
    _demand_only(act, "add", "remove")
    policies = act.app.policies.current()
    proposed = proposed_roles(act.app, act.case)
    add, remove = (_names(act.values.get(name, [])) for name in ("add", "remove"))
    found = [
        Fault("values.add", "not-grantable", f"role '{role}' is not one that an IT contact may add")
        for role in add
        if role not in policies.roles or not (policies.roles[role].grantable or role in proposed)
    ]
    found += [Fault("values.remove", "not-proposed", f"role '{role}' was not proposed") for role in remove if role not in proposed]
    if found:
        raise BadInput("The rights can't be confirmed so.", faults=found, next_step="`idm task show` lists what is proposed and grantable.")
    roles = [role for role in dict.fromkeys([*proposed, *add]) if role not in remove]
    named = {role: dict(policies.roles[role].entitlements) for role in roles}
    confirmed = replace(act.case, roles=named)
    after = transitions.decide(confirmed, act.graph, act.step.id, _named(act.approval, named), act.now)
    return after, {"decision": decision, "roles": roles, "added": add, "removed": remove}, ()


def proposed_roles(app: App, case: Case) -> dict[str, str]:
    """The roles that follow from the case's position and unit, each with the id of the rule that proposes it."""
    path = tuple(unit.id for unit in app.store.organisation().path(case.facts.unit))
    return {role: rule.id for role, rule in app.policies.current().proposed_roles(case.facts.position, path).items()}


def _names(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


_KINDS: Mapping[TaskKind, Callable[[_Act], _Made]] = {
    TaskKind.APPOINT: _appoint,
    TaskKind.DOCUMENT: _document,
    TaskKind.REVIEW: _review,
    TaskKind.FORM: _form,
    TaskKind.RIGHTS: _rights,
}


def open_tasks(app: App, *, person: str = "", case: str = "", state: str = "open") -> list[tuple[Task, tuple[Holder, ...]]]:
    """Tasks with who may act on each now; only those that `person` may act on, if given."""
    tree = app.store.organisation()
    cases: dict[str, Case] = {}
    found = []
    for row in app.store.tasks(case=case, state=state, limit=_ALL):
        if row.case not in cases:
            cases[row.case] = load(app, row.case).case
        may = actors(app, cases[row.case], row.actor, tree)
        if not person or any(holder.person == person for holder in may):
            found.append((row, may))
    return found


def describe(app: App, row: Task) -> dict[str, Any]:
    """What a task takes: its decisions, the fields of its values, and an input that would do as it stands or nearly."""
    loaded = load(app, row.case)
    step = graph_of(app, loaded.case)[row.step]
    match TaskKind(row.kind):
        case TaskKind.APPOINT:
            fields = [
                {"id": name, "type": "persons", "required": not bool(actors(app, loaded.case, Actor(name)))} for name in ("pay", "it")
            ]
            return {"decisions": ["appoint"], "fields": fields, "example": {"decision": "appoint", "values": {"pay": ["P1"], "it": ["P2"]}}}
        case TaskKind.DOCUMENT:
            return {"decisions": [], "fields": [], "command": f"idm document add {row.case} {step.document} FILE"}
        case TaskKind.REVIEW:
            return {"decisions": ["accept", "return"], "fields": [], "example": {"decision": "accept"}}
        case TaskKind.FORM:
            form = _form_called(app, step.form)
            return {"decisions": ["submit"], "form": form.name, "fields": _asked(app, loaded.case, form)}
        case TaskKind.RIGHTS:
            proposed = proposed_roles(app, loaded.case)
            grantable = [role.id for role in app.policies.current().roles.values() if role.grantable and role.id not in proposed]
            example = {"decision": "confirm", "values": {"add": [], "remove": []}}
            return {"decisions": ["confirm"], "proposed": proposed, "grantable": grantable, "example": example}


def _asked(app: App, case: Case, form: Form) -> list[dict[str, Any]]:
    """The fields of a form as a person is asked them, each with what is proposed: its default fact, if that is known and may be shown."""
    person = app.store.person(case.person)
    known = known_facts(person, facts_of(app, case, app.policies.current())) if person is not None else {}
    return [
        {
            "id": field.id,
            "type": field.type.value,
            "required": field.required,
            "choices": list(field.choices),
            "titles": dict(field.titles),
            "proposed": "" if isinstance(known.get(field.default), Confidential) else known.get(field.default, ""),
        }
        for field in form.fields
    ]
