"""What tasks and powers are called in mails and pages, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping

from idm.domain.authority_resolution import Skip
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


HIRE_GONE, NOBODY = "hire-gone", "nobody"
"""Why a task waits for nobody, where no candidate was passed over."""

_WHY_NOBODY: Mapping[str, tuple[str, str]] = {
    HIRE_GONE: ("den nye medarbejder findes ikke længere i idm", "the new employee isn't known in idm any more"),
    NOBODY: ("ingen har bemyndigelsen her eller i en enhed over", "nobody holds the authority here or in a unit above"),
    Skip.OWN_HIRE: ("kan ikke afgøre sin egen ansættelse", "can't decide on their own hire"),
    Skip.OWN_WORD: ("har kun bemyndigelsen på den nye medarbejders ord", "holds the authority on the new employee's word only"),
    Skip.UNKNOWN: ("findes ikke i idm", "isn't known in idm"),
    Skip.UNKNOWN_TEAM: ("findes ikke som gruppe længere", "is no team any more"),
    Skip.NOT_YET: ("er ikke begyndt endnu", "hasn't begun yet"),
    Skip.LEFT: ("er fratrådt", "has left"),
    Skip.NO_ACCESS: ("har ikke adgang", "has no access"),
    Skip.AWAY: ("er fraværende uden stedfortræder", "is away, and nobody stands in"),
    Skip.REVOKED: ("har fået bemyndigelsen trukket tilbage", "had the authority withdrawn"),
    Skip.ENDED: ("har en bemyndigelse, der er udløbet", "holds an authority that has ended"),
    Skip.NOT_BEGUN: ("har en bemyndigelse, der ikke gælder endnu", "holds an authority that doesn't count yet"),
    Skip.LAPSED: ("har en bemyndigelse, der ikke er bekræftet", "holds an authority that wasn't confirmed"),
    Skip.LIMIT: ("har en bemyndigelse, der ikke rækker så langt", "holds an authority that doesn't reach so far"),
    Skip.FIRST_EYES: ("har selv taget den første beslutning", "made the first decision themselves"),
    Skip.OWN_ORDER: ("har selv afgivet bestillingen", "made the order themselves"),
    Skip.LOOP: ("er stedfortræder for sig selv", "would stand in for themselves"),
}


def why_nobody(reason: str, language: str) -> str:
    """Why somebody who might have done a task can't, or why there is nobody; `reason` is a `Skip`, or one of the two above."""
    danish, english = _WHY_NOBODY[reason]
    return english if language == "en" else danish


def consent_again(language: str) -> str:
    """Why somebody is asked once more for a consent that they gave: it is no fault of theirs."""
    if language == "en":
        return "We did not use your consent in time, so we have to ask you again. You did nothing wrong."
    return "Vi nåede ikke at bruge dit samtykke i tide, så vi må spørge dig igen. Du har ikke gjort noget forkert."
