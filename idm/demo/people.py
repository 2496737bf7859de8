"""The people's parts in the hires that are told one by one: each line says who does what."""

from __future__ import annotations

from io import BytesIO

from idm.demo.answering import RETURNED, decision_on, do, hand_in, payroll_values, personal_values, tasks_of, the_task
from idm.demo.hires import Hire
from idm.demo.municipality import SCHOOLS
from idm.demo.stage import Stage
from idm.domain.authority import Holder
from idm.domain.case import DocumentState
from idm.domain.journey import TaskKind
from idm.errors import BadInput, NotAllowed
from idm.flow.deciding import Decision
from idm.flow.documents import add_document, missing

_ROLES = {"manager": "manager", "pay": "pay contact", "it": "IT contact", "control": "payroll control"}
_PAID_TO = {"nemkonto": "the NemKonto", "account": "another Danish account", "iban": "an account abroad"}
_CHECKS = {
    TaskKind.CONSENT: "consents to the",
    TaskKind.ORDERED: "orders the",
    TaskKind.RECEIVED: "receives the",
    TaskKind.ASSESS: "finds nothing in the",
}


def appoint(stage: Stage, hires: tuple[Hire, ...]) -> None:
    """The managers appoint contacts, where no standing delegations do."""
    for hire in (hire for hire in hires if hire.answers.appoints):
        pay, it = hire.answers.appoints or ("", "")
        task, holder = the_task(stage, hire, "appoint")
        do(stage, task, holder.person, decision_on(stage, hire, task))
        named = "herself for both" if pay == it == holder.person else f"{stage.name_of(pay)} (pay) and {stage.name_of(it)} (IT)"
        stage.tell(f"{who(stage, holder)} appoints {named}: {hire.name}")


def own_hire(stage: Stage, hire: Hire) -> None:
    """The manager who is hired tries to decide on his own hire, and may not."""
    task, holder = the_task(stage, hire, "appoint")
    person = stage.persons[hire.number]
    try:
        do(stage, task, person, Decision("appoint", "", {"pay": [person], "it": [person]}))
        refused = ""
    except NotAllowed as error:
        refused = error.message
        stage.tell(f"{hire.name} tries to appoint contacts for his own hire: refused. {error.message}")
    stage.check("nobody decides on their own hire", bool(refused) and holder.person == SCHOOLS, refused or "it was allowed")


def wrong_paper(stage: Stage, hire: Hire) -> None:
    """A file that isn't what its name says is refused."""
    try:
        add_document(stage.app, stage.cases[hire.number], "contract", "contract.pdf", BytesIO(b"not a PDF at all"))
        rule = ""
    except BadInput as error:
        rule = error.faults[0].rule
        stage.tell(f"{hire.name} hands in a text file called contract.pdf: refused. {error.faults[0].message}")
    stage.check("a document that isn't what it claims is refused", rule == "type", f"rule: {rule or 'none, it was taken'}")


def papers(stage: Stage, hire: Hire) -> None:
    """The new employee hands in everything that is asked for."""
    names = [hand_in(stage, hire, kind) for kind in missing(stage.case(hire))]
    stage.tell(f"{hire.name} (new employee) hands in {', '.join(names)}")
    task, holder = the_task(stage, hire, "form")
    values = personal_values(hire)
    do(stage, task, holder.person, Decision("submit", "", values))
    stage.tell(f"{hire.name} (new employee) tells where the pay goes: {_PAID_TO[values['pay_to']]}")


def review(stage: Stage, hire: Hire, *, returns: str = "") -> None:
    """The contacts review what was handed in; the kind `returns` comes back with a reason, once."""
    accepted: dict[str, list[str]] = {}
    for task, holder in tasks_of(stage, hire, "review"):
        if task.document == returns:
            do(stage, task, holder.person, Decision("return", RETURNED, {}))
            stage.tell(f'{who(stage, holder)} returns {returns} to {hire.name}: "{RETURNED}"')
            continue
        do(stage, task, holder.person, decision_on(stage, hire, task))
        accepted.setdefault(who(stage, holder), []).append(task.document)
    for reviewer, kinds in accepted.items():
        stage.tell(f"{reviewer} accepts {', '.join(kinds)} of {hire.name}")


def again(stage: Stage, hire: Hire, kind: str) -> None:
    """The new employee hands the returned document in again, and it is accepted."""
    before = stage.case(hire).documents[kind]
    name = hand_in(stage, hire, kind)
    stage.tell(f"{hire.name} (new employee) reads why, and hands in {name} again")
    review(stage, hire)
    after = stage.case(hire).documents[kind]
    ok = before.state is DocumentState.RETURNED and after.state is DocumentState.ACCEPTED and before.id != after.id
    stage.check("a returned document is handed in again", ok, f"{kind}: {before.state} -> {after.state}")


def checked(stage: Stage, hire: Hire) -> None:
    """The checks of the hire are consented to, ordered, received and assessed."""
    said: dict[str, list[str]] = {}
    for kind, words in _CHECKS.items():
        for task, holder in tasks_of(stage, hire, kind):
            do(stage, task, holder.person, decision_on(stage, hire, task))
            name = hire.name if holder.authority == "hire" else who(stage, holder)
            check = stage.app.policies.current().checks[task.document].titles["en"]
            said.setdefault(f"{name}", []).append(f"{words} {check[:1].lower()}{check[1:]}")
    for name, deeds in said.items():
        stage.tell(f"{name} {', '.join(deeds)}{'' if name == hire.name else f' of {hire.name}'}")


def wrong_pay(stage: Stage, hire: Hire) -> None:
    """The pay contact wants to pay a substitute teacher by the hour, which the agreement doesn't have: refused, with the table's row."""
    task, holder = the_task(stage, hire, "form")
    try:
        do(stage, task, holder.person, Decision("submit", "", {**payroll_values(hire), "pay_type": "hourly"}))
        refused: list[str] = []
    except BadInput as error:
        refused = [f"{fault.path} {fault.message} [{fault.rule}]" for fault in error.faults]
        stage.tell(f"{who(stage, holder)} wants to pay {hire.name} by the hour: refused. {refused[0]}")
    ok = len(refused) == 1 and refused[0].startswith("values.pay_type ") and "payroll/agreements.csv:" in refused[0]
    stage.check("pay that the agreement doesn't have is refused by the table's row", ok, "; ".join(refused) or "it was taken")


def payroll_form(stage: Stage, hire: Hire) -> None:
    """The pay contact fills in the payroll form."""
    task, holder = the_task(stage, hire, "form")
    do(stage, task, holder.person, Decision("submit", "", payroll_values(hire)))
    stage.tell(f"{who(stage, holder)} fills in the payroll form: {hire.name}, {hire.answers.pay['pay_class']}, {hire.hours:g} hours")


def approvals(stage: Stage, hire: Hire) -> None:
    """Payroll control looks at the pay, where policy asks it."""
    for task, holder in tasks_of(stage, hire, "approve"):
        do(stage, task, holder.person, decision_on(stage, hire, task))
        stage.tell(f"{who(stage, holder)} approves the pay: {hire.name}")


def rights(stage: Stage, hire: Hire) -> None:
    """The IT contact confirms the rights that follow from the position, and adds what was asked for."""
    task, holder = the_task(stage, hire, "rights")
    do(stage, task, holder.person, decision_on(stage, hire, task))
    added = f" and adds {hire.answers.adds}" if hire.answers.adds else ""
    stage.tell(f"{who(stage, holder)} confirms what follows from {hire.position}{added}: {hire.name}")


def who(stage: Stage, holder: Holder) -> str:
    """Someone who acts, with what they act as."""
    place = f", {stage.app.store.organisation().units[holder.unit].name}" if holder.authority == "manager" else ""
    return f"{stage.name_of(holder.person)} ({_ROLES.get(holder.authority, holder.authority)}{place})"
