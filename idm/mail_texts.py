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


_HIRE = ("given_name", "unit_name")
_CASE = ("given_name", "hire_name", "unit_name")
_HELP = ("contact_name",)
_DUE = ("due_date", "contact_name", "link")
DIGEST_LISTS = ("overdue", "escalated", "tasks", "stranded", "below", "decided", "managed", "news")
"""The lists of the digest: what is late, what came up from below, what else waits, what nobody can do, what lies late with others below,
what was decided in the reader's place, the units that the reader manages now, and what else is new."""
NEW, STAFF = "the new employee's private address", "the work address"

_ALL = (
    MailText("invitation", NEW, "the hire was taken in", (*_HIRE, "start_date"), ("position_title", "manager_name", *_HELP)),
    MailText("documents_wanted", NEW, "papers are wanted", (*_HIRE, "documents"), _DUE),
    MailText("document_returned", NEW, "a paper was returned", (*_HIRE, "document_title", "reason"), ("due_date", *_HELP)),
    MailText("consent_wanted", NEW, "a certificate needs consent", (*_HIRE, "check_title"), ("reason", *_DUE)),
    MailText("reminder", NEW, "what was asked for isn't there", (*_HIRE, "documents"), _DUE),
    MailText("start_moved", NEW, "the first day was moved", (*_HIRE, "start_date"), ("old_start_date", "reason", *_HELP)),
    MailText(
        "place_changed",
        NEW,
        "position or unit was changed before the start",
        (*_HIRE, "position_title"),
        ("old_position_title", "old_unit_name", "start_date", *_HELP),
    ),
    MailText("hire_cancelled", NEW, "the hire was cancelled", _HIRE, ("start_date", "reason", *_HELP)),
    MailText("permit_expiring", NEW, "a permit will soon end", (*_HIRE, "document_title", "expires"), _DUE),
    MailText(
        "welcome",
        NEW,
        "account, mailbox and rights are set up",
        (*_HIRE, "username", "address"),
        ("position_title", "start_date", "manager_name"),
    ),
    MailText("digest", f"{STAFF} of whoever has tasks", "once a working day", ("given_name",), (*DIGEST_LISTS, "link", *_HELP)),
    MailText(
        "escalated",
        f"{STAFF} of the next manager up",
        "a task is overdue",
        (*_CASE, "task_title", "due_date"),
        ("holder_name", "start_date", "link", *_HELP),
    ),
    MailText("stranded", f"{STAFF} of the manager", "nobody can do a task", (*_CASE, "task_title"), ("reason", *_DUE)),
    MailText(
        "payroll_returned", f"{STAFF} of the pay contact", "payroll control returned an entry", (*_CASE, "reason"), ("field_title", *_DUE)
    ),
    MailText("equipment_ordered", f"{STAFF} of the IT contact", "an order went out", (*_CASE, "lines", "total"), ("start_date", *_HELP)),
    MailText("receipt_wanted", f"{STAFF} of the IT contact", "a receipt must be confirmed", (*_CASE, "lines"), _DUE),
    MailText(
        "equipment_to_return", f"{STAFF} of the IT contact", "a hire with an order was cancelled", (*_CASE, "lines"), ("link", *_HELP)
    ),
    MailText(
        "delegation_confirm",
        f"{STAFF} of who granted it",
        "an authority must be confirmed",
        ("given_name", "unit_name", "holder_name", "authority_title", "due_date"),
        ("link", *_HELP),
    ),
    MailText(
        "substitute_decided",
        f"{STAFF} of the one substituted",
        "a substitute decided",
        (*_CASE, "substitute_name", "task_title", "decided_at"),
        ("decision", *_HELP),
    ),
)

TEXTS: Mapping[str, MailText] = {text.slug: text for text in _ALL}
"""Every mail that idm sends, by slug, those to the new employee first."""


def _digest(title: str, other: str, unit: str, why: str) -> dict[str, object]:
    """Invented lines of a digest."""
    task = {"title": title, "hire": "Åse Bæk", "unit_name": unit, "start": "2027-01-04", "due": "2026-12-14", "late": 0, "short": False}
    late = {**task, "title": other, "hire": "Emil Skov", "due": "2026-12-01", "late": 3, "short": True}
    return {
        "overdue": (late,),
        "escalated": (late,),
        "tasks": (task, {**task, "due": ""}),
        "stranded": ({**task, "why": f"ivan: {why}"},),
        "below": ({**late, "lies_with": "Pia Lønholm"}, {**late, "lies_with": ""}),
        "decided": ({**task, "by_name": "Tove Tavle"},),
        "managed": ({"unit_name": unit},),
        "news": ({"text": title},),
    }


_SAME: Mapping[str, object] = {
    "given_name": "Åse",
    "hire_name": "Åse Bæk",
    "username": "aasbae",
    "address": "aase.baek@example.org",
    "manager_name": "Nanna Nord",
    "contact_name": "Pia Lønholm",
    "holder_name": "Ivan Teknik",
    "substitute_name": "Tove Tavle",
    "start_date": "2027-01-04",
    "old_start_date": "2027-02-01",
    "due_date": "2026-12-14",
    "expires": "2027-03-31",
    "decided_at": "2026-12-08",
    "link": "https://idm.example.org/tasks",
}
_DANISH: Mapping[str, object] = {
    "unit_name": "Nordskolen",
    "old_unit_name": "Sydskolen",
    "position_title": "Lærer",
    "old_position_title": "Lærervikar",
    "document_title": "Arbejdstilladelse",
    "documents": ("Ansættelsesbrev", "Eksamensbevis"),
    "check_title": "børneattest",
    "field_title": "Løntrin",
    "authority_title": "lønbemyndiget",
    "task_title": "Gennemse eksamensbevis",
    "reason": "Side 2 mangler.\nStemplet kan ikke læses.",
    "decision": "godkendt",
    **_digest("Gennemse eksamensbevis", "Bekræft rettigheder", "Nordskolen", "fratrådt 30. november"),
    "lines": ('1 × Bærbar pc 14" (6.995,00 kr., konto 3.22.01-4010)', '2 × Skærm 27" (3.590,00 kr., konto 3.22.01-4010)'),
    "total": "10.585,00 kr.",
}
_ENGLISH: Mapping[str, object] = {
    "unit_name": "School North",
    "old_unit_name": "School South",
    "position_title": "Teacher",
    "old_position_title": "Substitute teacher",
    "document_title": "Work permit",
    "documents": ("Contract", "Diploma"),
    "check_title": "a child-protection certificate",
    "field_title": "Pay step",
    "authority_title": "pay contact",
    "task_title": "Review diploma",
    "reason": "Page 2 is missing.\nThe stamp can't be read.",
    "decision": "accepted",
    **_digest("Review diploma", "Confirm rights", "School North", "left on 30 November"),
    "lines": ('1 × Laptop 14" (DKK 6,995.00, account 3.22.01-4010)', '2 × Screen 27" (DKK 3,590.00, account 3.22.01-4010)'),
    "total": "DKK 10,585.00",
}

_REASONS: Mapping[str, tuple[str, str]] = {
    "consent_wanted": ("Du skal arbejde med børn under 15 år.", "You will work with children under 15."),
    "start_moved": ("Skoleåret begynder senere end planlagt.", "The school year begins later than planned."),
    "hire_cancelled": ("Du har selv meddelt, at du ikke ønsker stillingen.", "You told us that you do not want the position."),
    "stranded": ("Den, der havde beføjelsen, er fratrådt.", "Whoever had the authority has left."),
    "payroll_returned": ("Anciennitetsdatoen passer ikke med løntrinnet.", "The seniority date does not fit the pay step."),
}
"""Reasons that suit a mail, in Danish and English; other mails have the one above."""


def sample(slug: str, language: str, *, full: bool = True) -> dict[str, object]:
    """Invented values for a mail, by name; without `full`, only those that are always there. KeyError for a mail that isn't idm's."""
    known = {**_SAME, **(_ENGLISH if language == "en" else _DANISH)}
    if slug in _REASONS:
        known["reason"] = _REASONS[slug][language == "en"]
    text = TEXTS[slug]
    return {name: known[name] for name in (*text.always, *(text.maybe if full else ()))}
