"""What steps are called in pages: the same on every page, each as what somebody, or a system, is to do."""

from __future__ import annotations

from collections.abc import Mapping

from idm.domain.journey import StepDef, StepKind
from idm.domain.policy import Policies
from idm.domain.story_words import Words
from idm.domain.titles import standing, within
from idm.flow.history import LANGUAGES, resourceless, step_title
from idm.flow.wording import task_title

_IN_SYSTEM: Mapping[str, tuple[str, str]] = {
    "rights": ("Giv rettigheder i {}", "Give the rights in {}"),
    "opening": ("Åbn adgangen i {}", "Open the access in {}"),
    "revise": ("Opdater {}", "Update {}"),
    "undo": ("Tag det gjorte tilbage i {}", "Take back what was done in {}"),
}
"""What is done in several systems, in Danish and English; `{}` stands for the system."""

_MADE: Mapping[str, tuple[str, str]] = {
    "account": ("Opret konto", "Make the account"),
    "profile": ("Opret profil", "Make the profile"),
    "mailbox": ("Opret postkasse", "Make the mailbox"),
    "record": ("Opret lønsag", "Make the pay record"),
    "file": ("Opret personalesag", "Make the personnel file"),
    "document": ("Arkiver {}", "File {}"),
    "message": ("Send mail", "Send the mail"),
    "order": ("Send bestillingen", "Send the order"),
}
"""What a system makes, by the kind of thing; `{}` stands for the paper."""


def shown_title(step: StepDef, papers: Mapping[str, str], policies: Policies, language: str) -> str:
    """What a step is called, with a capital. `papers`: what kinds of papers are called to the reader."""
    words = LANGUAGES[language]
    if step.kind is StepKind.TIMER:
        return standing(words.facts.get(step.until, step.until))
    if step.task is not None:
        if step.actor is not None and step.asked_by not in policies.approvals:
            return standing(task_title(step.task.value, papers.get(step.document, step.document), language, step.actor.value))
    elif told := _automatic(step, papers, words, language):
        return told
    return standing(step_title(step, dict(papers), policies, words, language))


def _automatic(step: StepDef, papers: Mapping[str, str], words: Words, language: str) -> str:
    """What a system is to do; "" of what is called by its things alone."""
    place = 1 if language == "en" else 0
    does = step.resources[0] if len(step.resources) == 1 else "" if step.resources else resourceless(step)
    if does in _IN_SYSTEM and step.system:
        return _IN_SYSTEM[does][place].format(within(words.systems.get(step.system, step.system), language))
    if does in _MADE and ("{}" in _MADE[does][place]) == bool(step.document):
        return _MADE[does][place].format(within(papers.get(step.document, step.document), language))
    return ""
