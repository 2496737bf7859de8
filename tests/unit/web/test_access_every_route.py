"""Every route there is, asked for by every kind of person: about what is theirs, another's, another unit's, another's paper, and by nobody.

The persons are told by what they are to one hire at the north school. A route that isn't in `ADMITTED` makes this fail: whoever adds one
says here for whom it is.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from idm.domain.access_policy import AccessPolicy
from idm.domain.authority import Authority
from idm.flow.delegate import delegate
from idm.flow.delegation_life import revoke
from idm.flow.depart import Word, cancel
from idm.flow.invitations import invite
from idm.flow.organisation import import_organisation
from idm.flow.pages import add_page
from idm.flow.sessions import sessions_of
from idm.flow.substitute import Absence, substitute
from idm.inputs.organisation import read_organisation
from idm.policy_files import PolicyFolder
from idm.web.app import specs
from tests import data
from tests.support.databases import sqlite_url
from tests.support.portal import Page, Portal, Visitor
from tests.support.world import World

OTHERS = ("control_north", "former_it", "pay_south", "it_south", "auditor", "payroll_clerk", "gone")
STAFF = {
    "manager": data.HEAD_NORTH,
    "above": data.DIRECTOR,
    "pay": data.PAY,
    "it": data.IT,
    "control": "control_north",
    "decided": "former_it",
    "other_manager": data.HEAD_SOUTH,
    "other_pay": "pay_south",
    "other_it": "it_south",
    "auditor": "auditor",
    "payroll_staff": "payroll_clerk",
    "colleague": data.TEACHER,
}
"""Who works in the house, by what they are to the hire."""
HIRES = ("hire", "other_hire")
READER = "reader"
"""Whose hire was cancelled, and who still comes in to read, as their link would have lasted."""
SHUT_OUT = ("nobody", "gone", "cancelled_hire")
"""Who isn't signed in, or was, and isn't welcome any more."""

EVERYBODY = frozenset((*STAFF, *HIRES, READER, *SHUT_OUT))
SIGNED_IN = frozenset((*STAFF, *HIRES, READER))
HOUSE = frozenset(STAFF)
MANAGERS = frozenset({"manager", "above", "other_manager"})


def only(*who: str) -> frozenset[str]:
    return frozenset(who)


SEE_CASE = only("manager", "above", "pay", "it", "control", "decided", "auditor")
OF_PAPERS = {"of_pay": only("pay"), "of_it": only("it")}
OWN_PAPERS = {"of_pay": only("hire"), "of_it": only("hire")}
SEE_TASKS = {
    "review_of_pay": only("pay", "auditor"),
    "review_of_it": only("it", "auditor"),
    "of_the_hire": only("auditor"),
    "decided": only("it", "decided", "auditor"),
}
DO_TASKS = {"review_of_pay": only("pay"), "review_of_it": only("it"), "of_the_hire": only()}

Admitted = frozenset[str] | Mapping[str, frozenset[str]]

ADMITTED: Mapping[str, Admitted] = {
    "GET /": SIGNED_IN,
    "GET /static/{name:path}": EVERYBODY,
    "POST /language": EVERYBODY,
    "POST /theme": EVERYBODY,
    "GET /look": EVERYBODY,
    "GET /help": EVERYBODY,
    "GET /login": EVERYBODY,
    "GET /login/oidc": only(),
    "GET /login/callback": only(),
    "GET /login/choose": EVERYBODY,
    "POST /login/be": EVERYBODY,
    "POST /logout": EVERYBODY,
    "GET /signed-out": EVERYBODY,
    "GET /sessions": SIGNED_IN,
    "POST /sessions/{session}/end": only("pay"),
    "GET /start": EVERYBODY,
    "GET /start/code": EVERYBODY,
    "POST /start/code": EVERYBODY,
    "POST /start/code/again": EVERYBODY,
    "GET /start/{token}": only(),
    "POST /start/{token}": EVERYBODY,
    "POST /start/{token}/again": EVERYBODY,
    "GET /my": only(*HIRES, READER),
    "GET /my/papers/{kind}": only("hire"),
    "POST /my/papers/{kind}": only("hire"),
    "GET /my/consents/{kind}": only(*HIRES),
    "POST /my/consents/{kind}": only(*HIRES),
    "GET /my/forms/{form}": only(*HIRES),
    "POST /my/forms/{form}": only(*HIRES),
    "POST /my/forms/{form}/check": only(*HIRES),
    "POST /my/papers/{kind}/{page}/remove": only("hire"),
    "GET /my/receipt": only(*HIRES, READER),
    "GET /my/documents/{document}": OWN_PAPERS,
    "GET /my/documents/{document}/pages/{number}": OWN_PAPERS,
    "GET /my/documents/{document}/file": OWN_PAPERS,
    "GET /my/help": only(*HIRES),
    "POST /my/help": only(*HIRES),
    "GET /hires": HOUSE,
    "GET /hires/new": MANAGERS,
    "POST /hires/check": MANAGERS,
    "POST /hires/summary": MANAGERS,
    "POST /hires/change": MANAGERS,
    "POST /hires/new": MANAGERS,
    "GET /powers": MANAGERS,
    "POST /powers": MANAGERS,
    "POST /powers/{delegation}/revoke": only("manager", "above"),
    "POST /powers/find": MANAGERS,
    "POST /powers/confirm": only("manager", "above"),
    "GET /payroll": only("payroll_staff"),
    "GET /payroll/{table}": only("payroll_staff"),
    "GET /payroll/{table}/file": only("payroll_staff"),
    "POST /payroll/{table}/file": only("payroll_staff"),
    "GET /payroll/{table}/row": only("payroll_staff"),
    "POST /payroll/{table}/row": only("payroll_staff"),
    "POST /payroll/{table}/take": only("payroll_staff"),
    "GET /absence": HOUSE,
    "POST /absence": HOUSE,
    "POST /absence/find": HOUSE,
    "POST /absence/{substitution}/end": only("manager"),
    "GET /tasks": HOUSE,
    "POST /tasks": HOUSE,
    "GET /tasks/done": HOUSE,
    "GET /tasks/delegated": HOUSE,
    "GET /tasks/{task}": SEE_TASKS,
    "POST /tasks/{task}": SEE_TASKS,
    "POST /tasks/{task}/narrow": DO_TASKS,
    "POST /tasks/{task}/find": DO_TASKS,
    "POST /tasks/{task}/files": DO_TASKS,
    "GET /cases/{case}": SEE_CASE,
    "GET /cases/{case}/live": SEE_CASE,
    "POST /cases/{case}/comments": only("manager", "pay", "it"),
    "GET /cases/{case}/story": only("manager", "above", "pay", "auditor"),
    "GET /cases/{case}/move": only("manager"),
    "POST /cases/{case}/move": only("manager"),
    "GET /cases/{case}/cancel": only("manager"),
    "POST /cases/{case}/cancel": only("manager"),
    "GET /cases/{case}/link": only("manager", "pay"),
    "POST /cases/{case}/link/renew": only("manager", "pay"),
    "POST /cases/{case}/link/revoke": only("manager", "pay"),
    "GET /documents/{document}": OF_PAPERS,
    "GET /documents/{document}/pages/{number}": OF_PAPERS,
    "GET /documents/{document}/file": OF_PAPERS,
}
"""Whom each route admits about the hire of the north school; by task and by paper, where it depends on whose they are."""

JUNK = {"since": "no day", "start_date": "no day", "person": data.TEACHER}
"""What is posted: never anything that would be taken."""


@dataclass
class Place:
    """The portal, and everything of the one hire that addresses may name."""

    portal: Portal
    case: str
    names: tuple[str, ...]
    things: dict[str, str]
    tasks: dict[str, str] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    visitors: dict[str, Visitor] = field(default_factory=dict)
    hires: dict[str, str] = field(default_factory=dict)

    def address(self, path: str, variant: str) -> str:
        """The path with what it names filled in."""
        named = {**self.things, "task": self.tasks.get(variant, ""), "document": self.documents.get(variant, "")}
        for name, value in named.items():
            path = path.replace(f"{{{name}}}", value)
        assert "{" not in path, f"say in `Place.things` what fills in {path}"
        return path


@pytest.fixture(scope="module")
def place(sqlite_template: Path, shipped_policies: PolicyFolder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("every_route")
    shutil.copyfile(sqlite_template, folder / "idm.sqlite")
    world = World(sqlite_url(folder / "idm.sqlite"), folder, shipped_policies)
    world.import_municipality()
    _more_people(world)
    for authority, unit, person in (
        (Authority.PAY, "school_north", data.PAY),
        (Authority.IT, "school_north", data.IT),
        (Authority.CONTROL, "school_north", "control_north"),
        (Authority.PAY, "school_south", "pay_south"),
        (Authority.IT, "school_south", "it_south"),
    ):
        delegate(world.app, authority, unit, [person])
    world.policies.edit(access=AccessPolicy(("payroll_clerk",), ("auditor",)))
    yield _place(world)
    world.close()


def _more_people(world: World) -> None:
    file = data.organisation()
    for number, id in enumerate(OTHERS):
        employed = {"id": f"e-{id}", "unit": "town_hall", "position": "case_worker", "start_date": "2015-08-01"}
        person = {"id": id, "cpr": data.cpr(50 + number), "given_name": id.title(), "family_name": "Prøve", "employments": [employed]}
        file["people"].append({**person, "email": f"{id}@example.org"})
    found = read_organisation(json.dumps(file), world.clock.today())
    import_organisation(world.app, found.units, found.positions, found.people, found.employments, "test")


def _place(world: World) -> Place:
    later = world.clock.today() + timedelta(days=200)
    (former,) = delegate(world.app, Authority.IT, "school_north", ["former_it"])
    case = world.hire("north", position="pedagogue")
    other = world.hire("south", unit="school_south", position="student_worker")
    cancelled, read = world.hire("cancelled"), world.hire("read")
    rights = world.task_of(case, "confirm_rights")
    world.do(case, "confirm_rights", "former_it", "confirm")
    revoke(world.app, former.id)
    documents = {"of_pay": world.hand_in(case, "contract"), "of_it": world.hand_in(case, "id_photo")}
    (not_yet,) = delegate(world.app, Authority.IT, "school_north", [data.TEACHER], since=later)
    away = substitute(world.app, Absence(data.HEAD_NORTH, data.DIRECTOR, since=later))

    portal = Portal(world)
    visitors = {who: portal.visitor(person) for who, person in STAFF.items()}
    visitors |= {"nobody": portal.visitor(), "gone": portal.visitor("gone"), "cancelled_hire": portal.hire_of(cancelled)}
    invite(world.app, read, data.HEAD_NORTH)
    for each in (cancelled, read):
        cancel(world.app, each, Word(reason="withdrew"))
    world.sql("update employments set end_date = '2026-01-31' where person_id = 'gone'")
    known = {session.id for session in sessions_of(world.app, data.PAY)}
    portal.visitor(data.PAY)
    (elsewhere,) = {session.id for session in sessions_of(world.app, data.PAY)} - known

    person = world.store.person(world.case(case).person)
    assert person is not None
    consent = next(step.split("-", 1)[1] for step in world.case(case).steps if step.startswith("consent-"))
    name, content = data.file_of("diploma")
    page = add_page(world.app, case, "diploma", name, io.BytesIO(content), person.id)
    return Place(
        portal,
        case,
        (person.given_name, person.family_name),
        {
            "case": case,
            "delegation": not_yet.id,
            "substitution": away.id,
            "session": elsewhere,
            "name:path": "idm.svg",
            "token": "no-such-token",
            "kind": "id_photo",
            "consent": consent,
            "form": "personal",
            "table": "agreements",
            "number": "1",
            "missing": "diploma",
            "page": page.id,
        },
        {
            "review_of_pay": world.task_of(case, "review-contract"),
            "review_of_it": world.task_of(case, "review-id_photo"),
            "of_the_hire": world.task_of(case, "document-diploma"),
            "decided": rights,
        },
        documents,
        visitors,
        {"hire": case, "other_hire": other, READER: read},
    )


def ask(place: Place, method: str, path: str, variant: str, who: str, *, afresh: bool) -> Page:
    """Let somebody ask; `afresh`, because the route lets in or out: signed in for this once, or not at all."""
    if path.startswith("/my/consents/"):
        path = path.replace("{kind}", "{consent}")
    if path.endswith("/{page}/remove"):
        path = path.replace("{kind}", "{missing}")
    if who in place.hires:
        # Some routes sign a new hire out elsewhere.
        visitor = place.portal.hire_of(place.hires[who])
    else:
        visitor = place.portal.visitor(STAFF.get(who, "")) if afresh else place.visitors[who]
    address = place.address(path, variant)
    if method == "GET":
        return visitor.get(address, follow=False)
    return visitor.post(address, {**JUNK, "delegation": place.things["delegation"]}, follow=False)


def told(answer: Page) -> str:
    """What became of it: `in`, `404`, or that one is to sign in first."""
    location = answer.headers.get("location", "")
    if answer.status == 303 and location.partition("?")[0] in ("/login", "/start"):
        return "sign in"
    return str(answer.status) if answer.status in (403, 404) or answer.status >= 500 else "in"


def variants(admitted: Admitted) -> dict[str, frozenset[str]]:
    return {"": admitted} if isinstance(admitted, frozenset) else dict(admitted)


ROUTES = {f"{spec.method} {spec.path}" for spec in specs()}
ASKED = [(route, variant) for route, admitted in ADMITTED.items() for variant in variants(admitted)]


def test_every_route_says_here_for_whom_it_is() -> None:
    assert set(ADMITTED) == ROUTES


@pytest.mark.parametrize(("route", "variant"), ASKED, ids=lambda part: part or "any")
def test_a_route_admits_those_for_whom_it_is_and_shows_nobody_else_that_it_is_there(place: Place, route: str, variant: str) -> None:
    method, _, path = route.partition(" ")
    admitted = variants(ADMITTED[route])[variant]
    if admitted == EVERYBODY:
        answers = {who: ask(place, method, path, variant, who, afresh=True) for who in ("nobody", "pay")}
        assert {who: told(answer) for who, answer in answers.items() if told(answer) not in ("in", "sign in")} == {}
        return
    wrong = {}
    for who in sorted(EVERYBODY - admitted) + sorted(admitted):
        answer = ask(place, method, path, variant, who, afresh=False)
        shut = {"404", "sign in"} if who in SHUT_OUT else {"404"}
        if told(answer) not in ({"in"} if who in admitted else shut):
            wrong[who] = told(answer)
        # A page that is everybody's, such as a list, shows each what is theirs.
        may_read = who == "hire" or (who in admitted and who in SEE_CASE)
        assert may_read or not [name for name in place.names if name in answer.html], f"{who} reads a name at {route}"
    assert wrong == {}
