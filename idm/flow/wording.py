"""What tasks and powers are called in mails and pages, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping

from idm.domain.journey import Actor
from idm.domain.titles import within

_TITLES: Mapping[str, tuple[str, str]] = {
    "appoint": ("Udpeg kontaktpersoner", "Name the contacts"),
    "document": ("Aflever {}", "Hand in {}"),
    "review": ("Gennemse {}", "Review {}"),
    "form": ("Udfyld lønoplysninger", "Fill in the pay"),
    "rights": ("Bekræft rettigheder", "Confirm rights"),
    "approve": ("Godkend ansættelsen", "Approve the hire"),
    "consent": ("Giv samtykke til {}", "Consent to {}"),
    "ordered": ("Bestil {}", "Order {}"),
    "received": ("Registrer modtagelsen af {}", "Note the receipt of {}"),
    "assess": ("Vurder {}", "Assess {}"),
    "order": ("Bestil udstyr", "Order equipment"),
    "approve_order": ("Godkend bestilling", "Approve the order"),
    "receive": ("Bekræft modtagelse af udstyr", "Confirm the receipt of equipment"),
}
"""By kind of task, in Danish and English; `{}` stands for the document."""


_OF_THE_HIRE: Mapping[str, tuple[str, str]] = {"form": ("Udfyld personlige oplysninger", "Fill in personal data")}
"""Where the person hired does it, and it is called otherwise then."""


def task_title(kind: str, document: str, language: str, actor: str = "") -> str:
    """What a task is called: `document` is the title of the document it is about, "" if it is about none; `actor` who does it."""
    of_the_hire = _OF_THE_HIRE if actor == Actor.HIRE else {}
    danish, english = of_the_hire.get(kind) or _TITLES.get(kind, (kind, kind))
    text = english if language == "en" else danish
    return text.format(within(document, language)) if document else re.sub(r" (?:(?:af|til|of|to) )?\{\}", "", text)


_AUTHORITIES: Mapping[str, tuple[str, str]] = {
    "pay": ("lønbemyndiget", "pay contact"),
    "it": ("it-bemyndiget", "IT contact"),
    "control": ("central lønkontrol", "payroll control"),
}


def authority_title(authority: str, language: str) -> str:
    """What somebody is by an authority."""
    danish, english = _AUTHORITIES.get(authority, (authority, authority))
    return english if language == "en" else danish
