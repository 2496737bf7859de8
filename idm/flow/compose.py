"""Composing a notice: the address and the names that its text needs, looked up when it is sent and stored nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from idm.connector import Confidential, Value
from idm.domain.authority import TEAM
from idm.domain.case import Case, CaseState
from idm.domain.hours import Hours
from idm.domain.journey import Actor
from idm.domain.notices import ANSWERED, DIGEST, NEW_LINK, Audience, Notice
from idm.domain.people import Organisation, Person
from idm.domain.policy import Policies
from idm.domain.projection import Task
from idm.domain.titles import within
from idm.flow.invitation_links import link_for_mail
from idm.flow.powers import PowersNow, matter_of
from idm.flow.reading_on import reading_until
from idm.flow.wording import authority_title, consent_again, task_title, why_nobody
from idm.mail_texts import TEXTS
from idm.ports import App


class NothingToSay(Exception):
    """By now there is nothing to tell any more; the reason is for the record."""


class NoAddress(Exception):
    """Whom it is for can't be written to; the reason says what to mend."""


def compose(app: App, notice: Notice) -> dict[str, Value]:
    """The attributes of the mail that a notice becomes. Raises `NothingToSay` or `NoAddress`."""
    text = _digest(app, notice) if notice.slug == DIGEST else _to_hire(app, notice)
    attributes: dict[str, Value] = {"to": Confidential(text.to), "slug": notice.slug, "language": text.language}
    for name, value in text.context.items():
        if name not in TEXTS[notice.slug].names or not value:
            continue
        if isinstance(value, str | tuple):
            attributes[f"context.{name}"] = value
        else:
            attributes[f"context_json.{name}"] = json.dumps(value, ensure_ascii=False)
    return attributes


@dataclass(frozen=True, slots=True)
class _Text:
    """Whom to write to, in which language, and the values of the text; an empty text is one that the template must do without."""

    to: str
    language: str
    context: Mapping[str, object]


def _to_hire(app: App, notice: Notice) -> _Text:
    policies = app.policies.current()
    person = app.store.person(notice.person)
    loaded = app.store.load(notice.case)
    if person is None or loaded is None:
        raise NothingToSay("the person or the case isn't here any more")
    case = loaded.case
    cancelled = notice.slug == "hire_cancelled"
    if case.over and not cancelled and not _still_told(app, case, notice.slug):
        raise NothingToSay("the case is over")
    if cancelled and not any(told.slug != notice.slug for told in app.store.notices(state="sent", case=case.id)):
        raise NothingToSay("the person hired was never written to")
    to = person.private_email.reveal() or person.email
    if not to:
        raise NoAddress("the person hired has no e-mail address; tell them, and have HR send one")
    language = policies.deadlines.mail.language_for(person.citizenship, person.language)
    context = {**_about(app, person, case), **_SAYS[notice.slug](app, policies, case, notice, language)}
    if "link" in TEXTS[notice.slug].names:
        # Last of all, so that none is made for a mail that isn't sent.
        context["link"] = link_for_mail(app, case, notice.id)
        if notice.slug == NEW_LINK and not context["link"]:
            raise NoAddress("the portal has no address yet (IDM_PORTAL_URL), so there is no link to send")
    return _Text(to, language, context)


def _still_told(app: App, case: Case, slug: str) -> bool:
    """Whether a mail still says something in a case that is over: it stays readable, a cancelled one for a while."""
    if case.state is CaseState.CANCELLED:
        return slug == NEW_LINK and reading_until(app, case.id) is not None
    return slug in (NEW_LINK, ANSWERED)


def _about(app: App, person: Person, case: Case) -> dict[str, object]:
    tree = app.store.organisation()
    unit, position = tree.units.get(case.facts.unit), tree.positions.get(case.facts.position)
    manager = manager_name(app, case, tree)
    return {
        "given_name": person.given_name,
        "unit_name": unit.name if unit is not None else case.facts.unit,
        "position_title": position.title if position is not None else "",
        "start_date": case.facts.start_date.isoformat(),
        "contact_name": manager,
        "manager_name": manager,
    }


def manager_name(app: App, case: Case, tree: Organisation | None = None) -> str:
    """Whoever is the manager of the hire today: nobody is sent to somebody who has left. "" if nobody is."""
    asked = PowersNow(app, tree or app.store.organisation()).resolve(Actor.MANAGER, matter_of(case)).asked
    manager = app.store.person(asked[0].person) if asked else None
    return manager.full_name if manager is not None else ""


def _wanted(app: App, policies: Policies, case: Case, notice: Notice, language: str) -> dict[str, object]:
    """The documents of the notice that are still missing, with the first day on which one is due."""
    asked: Any = notice.context["tasks"]
    return _missing(app, policies, case, [task for task in app.store.tasks(case=case.id, state="open") if task.id in asked], language)


def _reminder(app: App, policies: Policies, case: Case, notice: Notice, language: str) -> dict[str, object]:
    """All that the person hired is asked for now."""
    return _missing(app, policies, case, app.store.tasks(case=case.id, state="open"), language)


def _missing(app: App, policies: Policies, case: Case, tasks: Sequence[Task], language: str) -> dict[str, object]:
    asked = [task for task in tasks if task.actor is Actor.HIRE]
    if not asked:
        raise NothingToSay("nothing is missing any more")
    due = min((task.due for task in asked if task.due is not None), default=None)
    titles = [
        title_of(policies, task.document, language) if task.document else task_title(task.kind, "", language, task.actor) for task in asked
    ]
    return {"documents": tuple(dict.fromkeys(titles)), "due_date": due.isoformat() if due is not None else ""}


def _paper(app: App, policies: Policies, case: Case, notice: Notice, language: str) -> dict[str, object]:
    """One paper that is asked for, as long as it is."""
    task = app.store.task(str(notice.context["task"]))
    if task is None or task.state != "open":
        raise NothingToSay("it is done already")
    title = title_of(policies, task.document, language)
    told = {name: notice.context[name] for name in ("reason", "expires") if name in notice.context}
    if notice.context.get("again"):
        told["reason"] = consent_again(language)
    return {
        "document_title": title,
        "check_title": within(title, language),
        "due_date": task.due.isoformat() if task.due is not None else "",
        **told,
    }


def _moved(app: App, policies: Policies, case: Case, notice: Notice, language: str) -> dict[str, object]:
    if case.facts.start_date.isoformat() != notice.context["start_date"]:
        raise NothingToSay("the start date was moved again")
    return dict(notice.context)


def _place(app: App, policies: Policies, case: Case, notice: Notice, language: str) -> dict[str, object]:
    told = notice.context
    if (case.facts.unit, case.facts.position) != (told["unit"], told["position"]):
        raise NothingToSay("the place was changed again")
    tree = app.store.organisation()
    unit, position = tree.units.get(str(told["old_unit"])), tree.positions.get(str(told["old_position"]))
    return {
        "old_unit_name": unit.name if unit is not None and told["old_unit"] != told["unit"] else "",
        "old_position_title": position.title if position is not None and told["old_position"] != told["position"] else "",
    }


def _answered(app: App, policies: Policies, case: Case, notice: Notice, language: str) -> dict[str, object]:
    """Nothing of the answer: it is read on the page."""
    if not any(comment.id == notice.context["comment"] and comment.text is not None for comment in app.store.comments(case.id)):
        raise NothingToSay("the answer was erased")
    return {}


def _cancelled(app: App, policies: Policies, case: Case, notice: Notice, language: str) -> dict[str, object]:
    """Whether a system held something that is taken back."""
    return {"taken_back": bool(case.undo)}


def _as_it_is(app: App, policies: Policies, case: Case, notice: Notice, language: str) -> dict[str, object]:
    return {}


_SAYS = {
    "invitation": _as_it_is,
    NEW_LINK: _as_it_is,
    "documents_wanted": _wanted,
    "document_returned": _paper,
    "consent_wanted": _paper,
    "permit_expiring": _paper,
    "reminder": _reminder,
    ANSWERED: _answered,
    "start_moved": _moved,
    "place_changed": _place,
    "hire_cancelled": _cancelled,
}


def title_of(policies: Policies, kind: str, language: str) -> str:
    """The title of a kind of document or check as policy has it now; its id if policy doesn't know it any more."""
    known = policies.documents.get(kind) or policies.checks.get(kind)
    return known.titles.get(language, kind) if known is not None else kind


def _digest(app: App, notice: Notice) -> _Text:
    if notice.context["day"] != app.clock.today().isoformat():
        raise NothingToSay("its day is over; the next digest tells what is left")
    policies = app.policies.current()
    language = policies.deadlines.mail.language
    to, name = _reader(app, policies, notice.person, language)
    sections: Any = notice.context["sections"]
    names = _Names(app, policies, language, [item for _, items in sections for item in items])
    link = f"{address}/" if (address := app.portal()) else ""
    return _Text(
        to, language, {"given_name": name, "link": link, **{section: [names.told(item) for item in items] for section, items in sections}}
    )


def _reader(app: App, policies: Policies, reader: str, language: str) -> tuple[str, str]:
    """A reader's address and name: a person's own, or a team's mailbox."""
    if reader.startswith(TEAM):
        team = policies.authority.teams.get(reader.removeprefix(TEAM))
        if team is None:
            raise NoAddress("policy has no such team any more")
        return team.mailbox, team.titles.get(language, team.id)
    person = app.store.person(reader)
    if person is None:
        raise NothingToSay("the person isn't here any more")
    address = person.email or person.address
    if not address:
        raise NoAddress("the person has no work address; give them one by `idm org import`")
    return address, person.given_name


class _Names:
    """The names that a digest's lines need, read at once."""

    def __init__(self, app: App, policies: Policies, language: str, items: list[dict[str, Any]]) -> None:
        ids = {str(item[key]) for item in items for key in ("person", "by") if item.get(key)}
        ids |= {str(person) for item in items for person in item.get("lies_with", ())}
        ids |= {str(person) for item in items for person, _ in item.get("reasons", ()) if person}
        self._people = app.store.people(ids)
        self._tree = app.store.organisation()
        self._policies = policies
        self._language = language

    def told(self, item: dict[str, Any]) -> dict[str, Any]:
        """A line with the names of whom and what it is about."""
        unit = self._tree.units.get(item.get("unit", ""))
        return {
            **item,
            "hire": self._name(item.get("person", "")),
            "by_name": self._name(item.get("by", "")),
            "text": item.get("texts", {}).get(self._language, ""),
            "why": item.get("why", "") or self._why_nobody(item.get("reasons", ())),
            "lies_with": ", ".join(self._name(person) for person in item.get("lies_with", ())),
            "unit_name": unit.name if unit is not None else item.get("unit", ""),
            "title": self._title(item),
            "field_title": self._field(item.get("field", "")),
            "authority_title": authority_title(item["authority"], self._language) if "authority" in item else "",
            "document_title": self._document(item),
        }

    def _why_nobody(self, reasons: Iterable[tuple[str, str]]) -> str:
        """Why nobody can do a task, as a sentence."""
        said = [(self._name(person), why_nobody(reason, self._language)) for person, reason in reasons]
        text = "; ".join(f"{name} {why}" if name else why for name, why in said)
        return f"{text[0].upper()}{text[1:]}." if text else ""

    def _title(self, item: dict[str, Any]) -> str:
        if "kind" not in item:
            return ""
        title = task_title(item["kind"], self._document(item), self._language, item.get("actor", ""))
        return f"{title} ({item['what']})" if item.get("what") else title

    def _field(self, field: str) -> str:
        """What a field is called that was returned: as its form has it, else by its id."""
        form, _, name = field.partition(".")
        fields = self._policies.forms[form].fields if form in self._policies.forms else ()
        if form == "documents":
            return title_of(self._policies, name, self._language)
        return next((each.titles.get(self._language, name) for each in fields if each.id == name), name or field)

    def _document(self, item: dict[str, Any]) -> str:
        return title_of(self._policies, item["document"], self._language) if item.get("document") else ""

    def _name(self, person: str) -> str:
        team = self._policies.authority.teams.get(person.removeprefix(TEAM)) if person.startswith(TEAM) else None
        known = self._people.get(person)
        if team is not None:
            return team.titles.get(self._language, team.id)
        return known.full_name if known is not None else person


def audience_hours(app: App, notice: Notice) -> Hours:
    """The hours in which a notice may be sent: somebody waits for a link that was asked for."""
    if notice.slug == NEW_LINK:
        return Hours(0, 24, closing_days=True)
    mail = app.policies.current().deadlines.mail
    return mail.hires if notice.audience is Audience.HIRE else mail.staff
