"""Every page that can be asked for, in a browser: nothing that axe finds, nothing to scroll sideways for, no complaint in the console.

A hire is shown in four states: new, under way with a paper returned, before its pay is placed, and over.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

import pytest

from idm.domain.sessions import SessionKind
from idm.flow.sessions import open_session
from idm.flow.tasks import actors
from idm.web.app import specs
from tests import data
from tests.support.browser import Chromium, Served, Theme, axe, too_wide
from tests.support.portal import Portal
from tests.support.world import World

HIRE = "the person hired"
NOBODY = ""
NO_PAGES = {
    "/",
    "/static/{name:path}",
    "/login/oidc",
    "/login/callback",
    "/cases/{case}/live",
    "/documents/{document}/pages/{number}",
    "/documents/{document}/file",
    "/payroll/{table}/file",
}
"""What leads elsewhere, or answers a file or a part of a page."""

ONLY_OPEN = {"/cases/{case}/link"}
"""Not there any more once a hire is over."""

PLACES: Mapping[str, tuple[str, ...]] = {
    "/look": (NOBODY,),
    "/login": (NOBODY,),
    "/login/choose": (NOBODY,),
    "/signed-out": (NOBODY,),
    "/start": (NOBODY,),
    "/start/code": (NOBODY,),
    "/start/{token}": (NOBODY,),
    "/sessions": (data.PAY, HIRE),
    "/my": (HIRE,),
    "/my/help": (HIRE,),
    "/my/receipt": (HIRE,),
    "/my/papers/{kind}": (HIRE,),
    "/my/consents/{kind}": (HIRE,),
    "/my/forms/{form}": (HIRE,),
    "/help": (data.PAY,),
    "/hires": (data.HEAD_NORTH,),
    "/hires/new": (data.HEAD_NORTH,),
    "/powers": (data.HEAD_NORTH, data.DIRECTOR),
    "/absence": (data.PAY,),
    "/payroll": (data.PAY,),
    "/payroll/{table}": (data.PAY,),
    "/payroll/{table}/row": (data.PAY,),
    "/tasks": (data.PAY, data.IT, data.HEAD_NORTH),
    "/cases/{case}": (data.HEAD_NORTH, data.PAY),
    "/cases/{case}/story": (data.HEAD_NORTH,),
    "/cases/{case}/link": (data.HEAD_NORTH,),
    "/cases/{case}/move": (data.HEAD_NORTH,),
    "/cases/{case}/cancel": (data.HEAD_NORTH,),
    "/documents/{document}": (data.PAY,),
}
"""Each page, and for whom it is looked at; `/tasks/{task}` is looked at for every kind of task there is."""


def hires(world: World) -> dict[str, str]:
    """Hires in four states: what each is called here, and its case."""
    made = {name: world.hire(name) for name in ("new", "under way", "pay")}
    world.work()
    under_way = made["under way"]
    world.hand_in(under_way, "contract")
    world.hand_in(under_way, "diploma")
    world.do(under_way, "review-diploma", data.PAY, "return", "The second page is missing.")
    world.all_documents(made["pay"])
    world.confirm_rights(made["pay"])
    world.work()
    made["over"] = world.whole_hire("over")
    return made


@pytest.fixture(scope="module")
def cases(portal: Portal) -> dict[str, str]:
    return hires(portal.world)


@pytest.fixture(scope="module")
def addresses(portal: Portal, cases: dict[str, str]) -> list[tuple[str, str, str]]:
    """Every page as who looks, the case that they are of if they are hired in it, and the address."""
    world = portal.world
    document = next(row.id for row in world.store.documents(cases["under way"]))
    values = {"kind": "contract", "form": "personal", "document": document, "token": "x" * 43, "table": "agreements"}
    found = []
    for path, people in PLACES.items():
        if path not in {spec.path for spec in specs()}:
            continue
        shown = list(cases.values()) if "{case}" in path or path == "/my" else [cases["under way"]]
        for case in shown:
            if path in ONLY_OPEN and case == cases["over"]:
                continue
            kind = "child_protection" if "consents" in path else values["kind"]
            found += [(who, case, path.format(**{**values, "kind": kind, "case": case})) for who in people]
    for case in cases.values():
        for task in world.store.tasks(case=case, state="open"):
            for holder in actors(world.app, world.case(case), task.actor, task.step)[:1]:
                found.append((HIRE if holder.person == world.case(case).person else holder.person, case, f"/tasks/{task.id}"))
    return [each for each in found if not (each[0] == HIRE and each[2].startswith("/tasks/"))]


def test_no_page_is_left_out() -> None:
    pages = {spec.path for spec in specs() if spec.method == "GET"}

    assert pages - NO_PAGES - set(PLACES) - {"/tasks/{task}"} == set()


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("width", "theme", "language"), [(390, "light", "da"), (1280, "dark", "en"), (320, "dark", "da"), (1280, "light", "da")]
)
def test_every_page_can_be_used_by_everybody(
    chromium: Chromium, served: Served, portal: Portal, addresses: list[tuple[str, str, str]], width: int, theme: Theme, language: str
) -> None:
    wrong: list[str] = []
    for (who, case), visits in groupby(sorted(addresses), key=lambda each: each[:2]):
        token = ""
        if who:
            person, kind = (portal.world.case(case).person, SessionKind.HIRE) if who == HIRE else (who, SessionKind.STAFF)
            token = open_session(portal.world.app, person, kind, case if who == HIRE else "")
        with chromium.window(served.url, width=width, theme=theme, language=language, token=token) as window:
            for _, _, address in visits:
                answer = window.page.goto(address)
                assert answer is not None
                gone = address.startswith("/start/") and answer.status in (404, 410)
                complaints = [text for text in window.complaints if not (gone and "Failed to load" in text)]
                window.complaints.clear()
                if answer.status != 200 and not gone:
                    complaints.append(f"answers {answer.status}")
                found = [*axe(window.page), *too_wide(window.page)[:3], *complaints]
                wrong += [f"{address} for {who or 'nobody'}: {text}" for text in found]
    assert "\n".join(wrong) == ""
