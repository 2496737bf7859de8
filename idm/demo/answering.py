"""What people answer to their tasks in the demo, each through the door that `idm task do` and `idm document add` use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from idm.demo.hires import Hire
from idm.demo.papers import paper
from idm.demo.stage import Stage
from idm.domain.authority import Holder
from idm.domain.journey import Actor, TaskKind
from idm.domain.projection import Task
from idm.errors import IdmError
from idm.flow.deciding import Decision
from idm.flow.documents import add_document
from idm.flow.tasks import describe, do_task, open_tasks

FULL_TIME = 37
"""Hours a week that full time is under all agreements of the demo."""
WRONG_STEP = 40
"""The step of the pay scale that a pay contact gives by mistake."""
ACCOUNT = "6.45.51-4010"
"""The account that equipment is ordered on."""
PERMIT_DAYS = 900
"""Days after the start on which a permit ends."""
RETURNED = "The second page is missing. Please send all of it."
CONTROL_FIELD, CONTROL_SAYS = "payroll.scale_step", "A first post as manager begins at step 38."
NOT_CLEARED = "not as the position demands it"

_PLAIN = {
    TaskKind.CONSENT: "give",
    TaskKind.ORDERED: "done",
    TaskKind.RECEIVED: "done",
    TaskKind.ASSESS: "clear",
    TaskKind.APPROVE: "approve",
    TaskKind.ORDER: "none",
    TaskKind.APPROVE_ORDER: "approve",
    TaskKind.RECEIVE: "receive",
}
"""The decision of the tasks that take no more than that."""


def tasks_of(stage: Stage, hire: Hire, kind: str = "") -> list[tuple[Task, Holder]]:
    """The open tasks of the hire's case (those of a kind, if it is given), each with who does it here: the first who may."""
    found = open_tasks(stage.app, case=stage.cases[hire.number])
    return [(task, may[0]) for task, may in found if may and kind in ("", task.kind)]


def the_task(stage: Stage, hire: Hire, kind: str) -> tuple[Task, Holder]:
    """The one open task of a kind. Raises IdmError if there is none."""
    found = tasks_of(stage, hire, kind)
    if not found:
        raise IdmError(f"Nobody is asked for a task of the kind '{kind}' in the case of {hire.id}, though it should be open now.")
    return found[0]


def do(stage: Stage, task: Task, person: str, decision: Decision) -> None:
    """Decide a task as `person`."""
    do_task(stage.app, task.id, person, decision, stage.administrator)


def hand_in(stage: Stage, hire: Hire, kind: str, *, photo: bool = False) -> str:
    """Hand in a document of that kind, made on the spot, as a `photo` of it where one is taken; its file's name."""
    policy = stage.app.policies.current().documents[kind]
    file, ending = paper(f"{policy.titles['da']}: {hire.name}", policy.media_types, photo=photo)
    add_document(stage.app, stage.cases[hire.number], kind, f"{kind}{ending}", file, administrator=stage.administrator)
    return f"{kind}{ending}"


def answer_everything(stage: Stage, hire: Hire) -> list[tuple[str, Holder]]:
    """Have everybody answer all that is asked in a case, until it stops where the demo says, or only systems and dates are waited for.

    What was done: the kind of each task, and who did it.
    """
    done: list[tuple[str, Holder]] = []
    while answered := list(_round(stage, hire)):
        done += answered
    return done


def _round(stage: Stage, hire: Hire) -> Iterator[tuple[str, Holder]]:
    for task, holder in tasks_of(stage, hire):
        if stops_here(stage, hire, task):
            continue
        if task.kind == TaskKind.DOCUMENT:
            hand_in(stage, hire, task.document, photo=True)
        else:
            do(stage, task, holder.person, decision_on(stage, hire, task))
        yield "personal" if task.kind == TaskKind.FORM and task.actor is Actor.HIRE else task.kind, holder


def stops_here(stage: Stage, hire: Hire, task: Task) -> bool:
    """Whether nobody answers this task in the demo: at all, or after it was refused or its document came back."""
    if hire.answers.stops_at != task.step:
        return False
    return hire.answers.how == "silent" or (hire.answers.how != "control" and bool(stage.case(hire).steps[task.step].reason))


def decision_on(stage: Stage, hire: Hire, task: Task) -> Decision:
    """What whoever is asked decides. Raises IdmError for a kind of task that nobody here knows."""
    answers = hire.answers
    kind = TaskKind(task.kind)
    if answers.stops_at == task.step and answers.how == "refuse":
        return Decision("refuse", "", {})
    if answers.stops_at == task.step and answers.how == "not_clear":
        return Decision("not_clear", NOT_CLEARED, {})
    match kind:
        case TaskKind.APPOINT:
            return Decision("appoint", "", dict(zip(("pay", "it"), ([who] for who in answers.appoints or ()), strict=False)))
        case TaskKind.REVIEW if answers.how == "return" and answers.stops_at == f"document-{task.document}":
            return Decision("return", RETURNED, {})
        case TaskKind.REVIEW:
            asked = {field["id"] for field in describe(stage.app, task)["fields"]}
            ends = hire.start + timedelta(days=PERMIT_DAYS)
            return Decision("accept", "", {"expires": ends.isoformat()} if "expires" in asked else {})
        case TaskKind.FORM if task.actor is Actor.HIRE:
            return Decision("submit", "", personal_values(hire))
        case TaskKind.FORM:
            values = payroll_values(hire)
            if answers.how == "control" and stage.case(hire).steps[task.step].round == 1:
                values |= {"scale_step": WRONG_STEP}
            return Decision("submit", "", values)
        case TaskKind.RIGHTS:
            return Decision("confirm", "", {"add": [answers.adds]} if answers.adds else {})
        case TaskKind.ORDER if answers.orders:
            lines = [{"item": item, "quantity": quantity, "account": ACCOUNT} for item, quantity in answers.orders]
            return Decision("order", "", {"lines": lines})
        case TaskKind.APPROVE if answers.how == "control" and stage.case(hire).steps[answers.stops_at].round == 1:
            return Decision("return", CONTROL_SAYS, {"field": CONTROL_FIELD})
        case _ if kind in _PLAIN:
            return Decision(_PLAIN[kind], "", {})
        case _:
            raise IdmError(f"Nobody in the demo knows how a task of the kind '{kind}' is answered ({hire.id}).")


def personal_values(hire: Hire) -> dict[str, str]:
    """The personal data as the new employee fills them in: most have a NemKonto, some name an account, who lives abroad one there."""
    if hire.citizenship not in ("", "DK"):
        return {
            "residence": "abroad",
            "street": f"Hafenstraße {hire.number}",
            "foreign_postcode": "24937",
            "town": "Flensburg",
            "country": "DE",
            "pay_to": "iban",
            "iban": "DE89 3704 0044 0532 0130 00",
        }
    at_home = {"residence": "denmark", "street": f"Nørregade {hire.number}", "postcode": "8000", "town": "Aarhus C"}
    if hire.number % 3 == 0:
        return {**at_home, "pay_to": "account", "registration_number": "1234", "account_number": f"{hire.number:08d}"}
    return {**at_home, "pay_to": "nemkonto"}


def payroll_values(hire: Hire) -> dict[str, Any]:
    """The payroll form filled in."""
    seniority = hire.told_start.replace(year=hire.told_start.year - hire.answers.years)
    rate = round(hire.hours / FULL_TIME, 4)
    return {**hire.answers.pay, "occupation_rate": f"{rate}", "seniority_date": seniority.isoformat()}
