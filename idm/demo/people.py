"""The people's parts, played openly: each line says who does what."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from idm.demo.hires import Hire
from idm.demo.municipality import SCHOOLS
from idm.demo.papers import paper
from idm.demo.stage import Stage
from idm.domain.authority import Holder
from idm.domain.case import DocumentState
from idm.domain.projection import Task
from idm.errors import BadInput, IdmError, NotAllowed
from idm.flow.documents import add_document, missing
from idm.flow.tasks import Decision, do_task, open_tasks

_ROLES = {"manager": "manager", "pay": "pay contact", "it": "IT contact"}


def appoint(stage: Stage, hires: list[Hire]) -> None:
    """The managers appoint contacts, where no standing delegations do."""
    for hire in hires:
        pay, it = hire.appoints or ("", "")
        task, holder = _open(stage, hire, "appoint")
        _do(stage, task, holder.person, {"pay": [pay], "it": [it]}, "appoint")
        named = "herself for both" if pay == it == holder.person else f"{stage.name_of(pay)} (pay) and {stage.name_of(it)} (IT)"
        stage.tell(f"{_who(stage, holder)} appoints {named}: {hire.name}")


def own_hire(stage: Stage, hire: Hire) -> None:
    """The manager who is hired tries to decide on his own hire, and may not."""
    task, holder = _open(stage, hire, "appoint")
    person = stage.persons[hire.id]
    try:
        _do(stage, task, person, {"pay": [person], "it": [person]}, "appoint")
        refused = ""
    except NotAllowed as error:
        refused = error.message
        stage.tell(f"{hire.name} tries to appoint contacts for his own hire: refused. {error.message}")
    stage.check("nobody decides on their own hire", bool(refused) and holder.person == SCHOOLS, refused or "it was allowed")


def wrong_paper(stage: Stage, hire: Hire) -> None:
    """A file that isn't what its name says is refused."""
    try:
        add_document(stage.app, stage.cases[hire.id], "contract", "contract.pdf", BytesIO(b"not a PDF at all"))
        rule = ""
    except BadInput as error:
        rule = error.faults[0].rule
        stage.tell(f"{hire.name} hands in a text file called contract.pdf: refused. {error.faults[0].message}")
    stage.check("a document that isn't what it claims is refused", rule == "type", f"rule: {rule or 'none, it was taken'}")


def hand_in(stage: Stage, hire: Hire) -> None:
    """The new employee hands in everything that the position asks for."""
    names = [_hand_in(stage, hire, kind) for kind in missing(stage.case(hire))]
    stage.tell(f"{hire.name} (new employee) hands in {', '.join(names)}")


def _hand_in(stage: Stage, hire: Hire, kind: str) -> str:
    policy = stage.app.policies.current().documents[kind]
    file, ending = paper(f"{policy.titles['da']}: {hire.name}", policy.media_types)
    add_document(stage.app, stage.cases[hire.id], kind, f"{kind}{ending}", file, administrator=stage.administrator)
    return f"{kind}{ending}"


def review(stage: Stage, hire: Hire, *, returns: str = "", reason: str = "") -> None:
    """The contacts review what was handed in; the kind `returns` comes back with a reason, once."""
    accepted: dict[str, list[str]] = {}
    for task, holder in _tasks(stage, hire, "review"):
        if task.document == returns:
            _do(stage, task, holder.person, {}, "return", reason)
            stage.tell(f'{_who(stage, holder)} returns {returns} to {hire.name}: "{reason}"')
            continue
        _do(stage, task, holder.person, {}, "accept")
        accepted.setdefault(_who(stage, holder), []).append(task.document)
    for who, kinds in accepted.items():
        stage.tell(f"{who} accepts {', '.join(kinds)} of {hire.name}")


def again(stage: Stage, hire: Hire, kind: str) -> None:
    """The new employee hands the returned document in again, and it is accepted."""
    before = stage.case(hire).documents[kind]
    name = _hand_in(stage, hire, kind)
    stage.tell(f"{hire.name} (new employee) reads why, and hands in {name} again")
    review(stage, hire)
    after = stage.case(hire).documents[kind]
    ok = before.state is DocumentState.RETURNED and after.state is DocumentState.ACCEPTED and before.id != after.id
    stage.check("a returned document is handed in again", ok, f"{kind}: {before.state} -> {after.state}")


def payroll_form(stage: Stage, hire: Hire) -> None:
    """The pay contact fills in the payroll form."""
    task, holder = _open(stage, hire, "form")
    rate = round(hire.hours / 37, 4)
    seniority = hire.start(stage.dates).isoformat()
    _do(stage, task, holder.person, {**hire.pay, "occupation_rate": f"{rate}", "seniority_date": seniority}, "submit")
    stage.tell(f"{_who(stage, holder)} fills in the payroll form: {hire.name}, {hire.pay['pay_class']}, {hire.hours:g} hours")


def rights(stage: Stage, hire: Hire) -> None:
    """The IT contact confirms the rights that follow from the position, and adds what was asked for."""
    task, holder = _open(stage, hire, "rights")
    _do(stage, task, holder.person, {"add": [hire.asks_for]} if hire.asks_for else {}, "confirm")
    added = f" and adds {hire.asks_for}" if hire.asks_for else ""
    stage.tell(f"{_who(stage, holder)} confirms what follows from {hire.position}{added}: {hire.name}")


def _tasks(stage: Stage, hire: Hire, kind: str) -> list[tuple[Task, Holder]]:
    """The open tasks of a kind in the hire's case, each with who does it here: the first who may."""
    found = open_tasks(stage.app, case=stage.cases[hire.id])
    return [(task, may[0]) for task, may in found if task.kind == kind and may]


def _open(stage: Stage, hire: Hire, kind: str) -> tuple[Task, Holder]:
    found = _tasks(stage, hire, kind)
    if not found:
        raise IdmError(f"Nobody is asked for a task of the kind '{kind}' in the case of {hire.id}, though it should be open now.")
    return found[0]


def _do(stage: Stage, task: Task, person: str, values: dict[str, Any], decision: str, reason: str = "") -> None:
    do_task(stage.app, task.id, person, Decision(decision, reason, values), stage.administrator)


def _who(stage: Stage, holder: Holder) -> str:
    place = f", {stage.app.store.organisation().units[holder.unit].name}" if holder.authority == "manager" else ""
    return f"{stage.name_of(holder.person)} ({_ROLES[holder.authority]}{place})"
