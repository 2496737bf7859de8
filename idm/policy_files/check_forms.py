"""What a form must fulfil beside the journeys that ask it: confidential answers are the person's own, and changes are looked at."""

from __future__ import annotations

from collections.abc import Iterator

from idm.errors import Fault
from idm.policy_files import models_forms
from idm.policy_files.build import Draft
from idm.policy_files.models_journey import HumanStep, JourneyFile, Step


def form_faults(draft: Draft) -> Iterator[Fault]:
    """Every fault of forms and journeys beside each other."""
    forms = {form.form: (file, form) for file, form in draft.each(models_forms.FormFile)}
    for _, journey in draft.each(JourneyFile):
        for id_, step in journey.steps.items():
            if not isinstance(step, HumanStep) or step.form not in forms:
                continue
            file, form = forms[step.form]
            private = [name for name, field in form.fields.items() if field.confidential]
            if private and step.actor != "hire":
                words = (
                    f"step '{id_}' of the journey '{journey.journey}' asks this of the {step.actor}, but what is confidential only the "
                    "person hired tells; let 'actor: hire' answer it, or remove 'confidential'"
                )
                yield file.fault(("fields", private[0], "confidential"), "not-their-own", words)
            changed = [name for name, field in form.fields.items() if field.second_person]
            if changed and not forms_behind(id_, journey):
                words = (
                    f"no step with 'task: form' needs the step '{id_}' of the journey '{journey.journey}', so no second person would look"
                )
                yield file.fault(("fields", changed[0], "second_person"), "nobody-looks", words)


_ACCOUNTS = ("registration_number", "account_number", "iban")


def form_warnings(draft: Draft) -> Iterator[Fault]:
    """What is allowed but can hardly be meant: an account that many could read, or that one person alone could change."""
    for file, form in draft.each(models_forms.FormFile):
        for id_, field in form.fields.items():
            if field.check in _ACCOUNTS and not field.confidential:
                words = f"'{id_}' would stand readable in the database, in lists and in what others are shown; add 'confidential: true'"
                yield file.fault(("fields", id_), "readable-account", words)
            if field.check in _ACCOUNTS and not field.second_person:
                words = f"one person alone could change where the pay goes: nobody looks at a change of '{id_}'; add 'second_person: true'"
                yield file.fault(("fields", id_), "one-person", words)


def approvals_of(step: Step) -> tuple[str, ...]:
    """What a step approves; nothing, unless a person works it."""
    return step.approvals if isinstance(step, HumanStep) else ()


def forms_behind(step: str, journey: JourneyFile) -> list[HumanStep]:
    """The steps in which somebody else fills in a form after `step`, and so looks at what was told there."""
    behind = [each for each in journey.steps.values() if isinstance(each, HumanStep) and each.task == "form" and each.actor != "hire"]
    return [each for each in behind if step in each.needs]


def told_by_the_hire(draft: Draft) -> set[str]:
    """The forms that only the person hired fills in, wherever they are asked."""
    steps = [step for _, journey in draft.each(JourneyFile) for step in journey.steps.values() if isinstance(step, HumanStep) and step.form]
    by_hire = {step.form for step in steps if step.form and step.actor == "hire"}
    return by_hire - {step.form for step in steps if step.actor != "hire"}
