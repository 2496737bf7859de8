"""Which mails there are, to whom each goes and when, and the values that its text may use, with invented samples of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailText:
    """One mail: to whom it goes and when, in words, the values that are always there, and those that may be missing."""

    slug: str
    to: str
    when: str
    always: tuple[str, ...]
    maybe: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Every value that the text may use, besides `language`."""
        return frozenset((*self.always, *self.maybe))


SMS_TEXTS: Mapping[str, Mapping[str, str]] = {"code": {"code": "493027", "minutes": "10"}}
"""Every text message that idm sends, by slug, with invented samples of the values that its text may use; all are always there."""

_HIRE = ("given_name", "unit_name")
_HELP = ("contact_name",)
_DUE = ("due_date", "contact_name", "link")
DIGEST_LISTS = (
    "overdue",
    "escalated",
    "returned",
    "questions",
    "tasks",
    "to_return",
    "stranded",
    "below",
    "ending",
    "confirm",
    "tables",
    "decided",
    "managed",
    "news",
)
"""The lists of the digest: what is late, what came up from below, what came back, what new employees ask, what else waits, equipment to be
returned, what nobody can do, what lies late with others below, documents that end, authorities to be confirmed, payroll tables that end,
what was decided in the reader's place, the units that the reader manages now, and what else is new."""
NEW, STAFF = "the new employee's private address", "the work address"

_ALL = (
    MailText("invitation", NEW, "the hire was taken in", (*_HIRE, "start_date"), ("position_title", "manager_name", *_HELP, "link")),
    MailText("new_link", NEW, "a fresh personal link was asked for, or sent by the contact", (*_HIRE, "link"), _HELP),
    MailText("documents_wanted", NEW, "papers are wanted", (*_HIRE, "documents"), _DUE),
    MailText("document_returned", NEW, "a paper was returned", (*_HIRE, "document_title", "reason"), _DUE),
    MailText("consent_wanted", NEW, "a certificate needs consent", (*_HIRE, "check_title"), ("reason", *_DUE)),
    MailText("reminder", NEW, "what was asked for isn't there", (*_HIRE, "documents"), _DUE),
    MailText("question_answered", NEW, "a question of theirs was answered", _HIRE, (*_HELP, "link")),
    MailText("start_moved", NEW, "the first day was moved", (*_HIRE, "start_date"), ("old_start_date", "reason", *_HELP, "link")),
    MailText(
        "place_changed",
        NEW,
        "position or unit was changed before the start",
        (*_HIRE, "position_title"),
        ("old_position_title", "old_unit_name", "start_date", *_HELP, "link"),
    ),
    MailText("hire_cancelled", NEW, "the hire was cancelled", _HIRE, ("start_date", "reason", "taken_back", *_HELP, "link")),
    MailText("permit_expiring", NEW, "a permit will soon end", (*_HIRE, "document_title", "expires"), _DUE),
    MailText(
        "welcome",
        NEW,
        "account, mailbox and rights are set up",
        (*_HIRE, "username", "address"),
        ("position_title", "start_date", "manager_name"),
    ),
    MailText("digest", f"{STAFF} of whoever has tasks", "once a working day", ("given_name",), (*DIGEST_LISTS, "link", *_HELP)),
)

TEXTS: Mapping[str, MailText] = {text.slug: text for text in _ALL}
"""Every mail that idm sends, by slug, those to the new employee first."""


def _digest(title: str, other: str, unit: str, why: str, *named: str) -> dict[str, object]:
    """Invented lines of a digest. `named`: a field, a document, an authority and a thing, as they are called."""
    field, document, authority, thing = named
    task = {"title": title, "hire": "Åse Bæk", "unit_name": unit, "start": "2027-01-04", "due": "2026-12-14", "late": 0, "short": False}
    late = {**task, "title": other, "hire": "Emil Skov", "due": "2026-12-01", "late": 3, "short": True}
    holder = {"by_name": "Pia Lønholm", "authority_title": authority, "unit_name": unit, "day": "2026-12-31", "lapsed": False}
    table = {"file": "payroll/classes.csv", "line": 12, "more": 3, "places": 7, "day": "2027-03-31"}
    about = {"hire": "Åse Bæk", "unit_name": unit}
    return {
        "overdue": (late,),
        "escalated": (late,),
        "returned": ({**task, "field_title": field, "why": f"{why}."}, {**task, "field_title": "", "why": f"{why}."}),
        "tasks": (task, {**task, "due": ""}),
        "questions": ({**about, "day": "2026-12-11"},),
        "to_return": ({**about, "what": thing},),
        "stranded": ({**task, "why": f"Ivan Teknik {why}."},),
        "below": ({**late, "lies_with": "Pia Lønholm"}, {**late, "lies_with": ""}),
        "ending": ({**about, "document_title": document, "day": "2027-03-31"},),
        "confirm": (holder, {**holder, "by_name": "Ivan Teknik", "lapsed": True}),
        "tables": (table, {**table, "line": 31, "more": 0, "places": 0}),
        "decided": ({**task, "by_name": "Tove Tavle"},),
        "managed": ({"unit_name": unit},),
        "news": ({"text": title},),
    }


_SAME: Mapping[str, object] = {
    "given_name": "Åse",
    "username": "aasbae",
    "address": "aase.baek@example.org",
    "manager_name": "Nanna Nord",
    "contact_name": "Pia Lønholm",
    "start_date": "2027-01-04",
    "old_start_date": "2027-02-01",
    "due_date": "2026-12-14",
    "expires": "2027-03-31",
    "taken_back": True,
    "link": "https://idm.example.org/start/VbkxQmLrTdWz",
}
_DANISH: Mapping[str, object] = {
    "unit_name": "Nordskolen",
    "old_unit_name": "Sydskolen",
    "position_title": "Lærer",
    "old_position_title": "Lærervikar",
    "document_title": "Arbejdstilladelse",
    "documents": ("Ansættelsesbrev", "Eksamensbevis"),
    "check_title": "børneattest",
    "reason": "Side 2 mangler.\nStemplet kan ikke læses.",
    **_digest(
        "Gennemse eksamensbevis",
        "Bekræft rettigheder",
        "Nordskolen",
        "er fratrådt",
        "Løntrin",
        "Arbejdstilladelse",
        "lønbemyndiget",
        "1 × Skærm",
    ),
}
_ENGLISH: Mapping[str, object] = {
    "unit_name": "School North",
    "old_unit_name": "School South",
    "position_title": "Teacher",
    "old_position_title": "Substitute teacher",
    "document_title": "Work permit",
    "documents": ("Contract", "Diploma"),
    "check_title": "child protection certificate",
    "reason": "Page 2 is missing.\nThe stamp can't be read.",
    **_digest("Review diploma", "Confirm rights", "School North", "has left", "Pay step", "Work permit", "pay contact", "1 × Screen"),
}

_REASONS: Mapping[str, tuple[str, str]] = {
    "consent_wanted": ("Du skal arbejde med børn under 15 år.", "You will work with children under 15."),
    "start_moved": ("Skoleåret begynder senere end planlagt.", "The school year begins later than planned."),
    "hire_cancelled": ("Du har selv meddelt, at du ikke ønsker stillingen.", "You told us that you do not want the position."),
}
"""Reasons that suit a mail, in Danish and English; other mails have the one above."""


def sample(slug: str, language: str, *, full: bool = True) -> dict[str, object]:
    """Invented values for a mail, by name; without `full`, only those that are always there. KeyError for a mail that isn't idm's."""
    known = {**_SAME, **(_ENGLISH if language == "en" else _DANISH)}
    if slug == "digest":
        known["link"] = "https://idm.example.org/"
    if slug in _REASONS:
        known["reason"] = _REASONS[slug][language == "en"]
    text = TEXTS[slug]
    return {name: known[name] for name in (*text.always, *(text.maybe if full else ()))}
