"""What the person hired tells of themself: how to reach them is corrected at once, and they may give their data anew."""

from __future__ import annotations

from datetime import datetime

from idm.connector import Confidential
from idm.domain.case import Case, CaseState, StepState
from idm.domain.departures import reopen
from idm.domain.forms import Form
from idm.domain.hire import Correction
from idm.domain.journey import Actor, Graph, StepDef
from idm.domain.people import Person
from idm.domain.projection import Task, task_id
from idm.domain.prose import sound_reason
from idm.errors import BadInput, Conflict, Fault, NotAllowed
from idm.flow.changing import Note, change
from idm.flow.confidential import behind
from idm.flow.correct import correct
from idm.flow.deciding import Decision
from idm.flow.depart import Word
from idm.flow.graphs import graph_of, load
from idm.flow.known_as import known_as
from idm.flow.notices import OWN_WISH
from idm.flow.payroll import check_form
from idm.flow.power_use import demand_power
from idm.flow.powers import PowersNow
from idm.ports import App


def confirm_person(app: App, task: Task, person: str, answer: Decision, administrator: str = "") -> None:
    """Correct mobile number and private address by a form that is about to be taken, by the rules of every correction.

    What would be refused of the form anyway changes nothing. It comes before the form is taken: who is stopped between the two is asked
    the form again, and no answer is lost. Raises `NotAllowed` without authority.
    """
    case = load(app, task.case).case
    step = graph_of(app, case).steps.get(task.step)
    form = app.policies.current().forms.get(step.form) if step is not None else None
    if step is None or form is None or not any(field.corrects for field in form.fields) or not _is_open(case, task):
        return
    demand_power(app, case, task.actor, step, person, answer.values, escalated=task.escalated)
    values, faults = check_form(app, case, form, answer.values or {})
    known = app.store.person(case.person)
    if faults or known is None or answer.decision not in ("", "submit"):
        return
    correction = _correction(form, values, known)
    if correction.fields:
        word = Word(by=person, administrator=administrator, reason=f"the person hired corrected it in the form '{form.name}'")
        correct(app, case.person, correction, word)


def _is_open(case: Case, task: Task) -> bool:
    status = case.steps[task.step]
    return not case.over and status.state is StepState.WAITING and task_id(case.id, task.step, status.round) == task.id


def _correction(form: Form, values: dict[str, str], known: Person) -> Correction:
    told = {field.corrects: values[field.id] for field in form.fields if field.corrects and values.get(field.id)}
    mobile, email = told.get("mobile"), told.get("private_email")
    return Correction(
        mobile=Confidential(mobile) if mobile and mobile != known.mobile.reveal() else None,
        private_email=Confidential(email) if email and email != known.private_email.reveal() else None,
    )


def give_anew(app: App, case: str, form: str, person: str, reason: str = "", administrator: str = "") -> Case:
    """Ask the person hired a form of theirs again: because they want to change what they told, or whoever looks at it gives a `reason`.

    What was built on it waits until it is answered; what systems hold stays until then. Raises `NotAllowed` unless `person` is one of them,
    `Conflict` if it isn't answered yet or the hire was cancelled, `BadInput` without a reason of another's.
    """
    person = known_as(app, person)

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        step = _own_form(before, graph, form)
        words = _why(app, before, graph, step, person, reason)
        told = {"step": step.id, "form": form, "reason": sound_reason(reason), "administrator": administrator}
        note = Note(person, "form-opened-again", told)
        return reopen(before, graph, (step.id,), words, now), note

    return change(app, case, mutate)


def _own_form(case: Case, graph: Graph, form: str) -> StepDef:
    step = next((step for step in graph if step.form == form and step.actor is Actor.HIRE), None)
    if step is None:
        raise BadInput(
            f"The person hired fills in no form called '{form}' in this case.",
            faults=[Fault("form", "unknown-form", "no step asks it of them")],
            next_step="`idm case graph` shows the steps.",
        )
    if case.state is CaseState.CANCELLED:
        raise Conflict("This case is cancelled: nothing more can be done in it.", next_step="See `idm case show`.")
    if case.steps[step.id].state is not StepState.DONE:
        raise Conflict("The form isn't answered yet.", next_step="Fill it in: `idm task list` shows the task.")
    return step


def _why(app: App, case: Case, graph: Graph, step: StepDef, person: str, reason: str) -> str:
    """The reason that stands with the step; raises unless `person` may ask for it."""
    if person == case.person:
        return OWN_WISH
    powers = PowersNow(app)
    looking = (holder.person for each in behind(graph, step.id) if each.actor for holder in powers.holders(case, each.actor, each))
    if person not in looking:
        raise NotAllowed(
            f"{person} has no part in the form '{step.form}' of case {case.id}.",
            next_step="The person hired may ask it anew, and whoever fills in the form behind it.",
        )
    said = sound_reason(reason)
    if not said:
        fault = Fault("reason", "required", "say what is wrong, in words for the person who mends it")
        raise BadInput("A return needs its reason.", faults=[fault], next_step="Give the reason, and try again.")
    return said
