"""Why a task is somebody's, said of them to others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from starlette.requests import Request

from idm.domain.authority import Ground, Holder
from idm.domain.picture import Waiter
from idm.web.forms import Form
from idm.web.grounds import why_they
from idm.web.portal import Visit
from tests.support.portal import Portal

HOLDER = Holder("pia", "pay", "school", ground=Ground.UNIT, delegation="d1", granted_by="nanna")


@pytest.fixture
def visit(portal: Portal) -> Visit:
    return Visit(portal.site, Request({"type": "http", "headers": [], "method": "GET", "path": "/"}), Form(), None, "en")


@pytest.mark.parametrize(
    ("holder", "said"),
    [
        (HOLDER, "appointed for the unit by Nanna Nord"),
        (replace(HOLDER, ground=Ground.CASE), "appointed for this hire by Nanna Nord"),
        (replace(HOLDER, ground=Ground.MANAGER), "manager of the unit"),
        (replace(HOLDER, ground=Ground.NAMED), "named as the manager of this hire"),
        (replace(HOLDER, ground=Ground.BACKUP), "central back-up, as nobody nearer can act"),
        (replace(HOLDER, ground=Ground.HIRE), ""),
        (replace(HOLDER, team="payteam"), "in a team that is appointed for the unit by Nanna Nord"),
        (
            replace(HOLDER, substitute_for=("per",), until=date(2026, 12, 24)),
            "stands in until 24 December 2026 for Per Pay, appointed for the unit by Nanna Nord",
        ),
        (replace(HOLDER, substitute_for=("per",)), "stands in for Per Pay, appointed for the unit by Nanna Nord"),
        (replace(HOLDER, ground=Ground.MANAGER, escalated=True), "manager of the unit; asked too, as it waited too long"),
    ],
)
def test_the_power_is_told_with_names(visit: Visit, holder: Holder, said: str) -> None:
    assert why_they(Waiter("pia", "Pia Lønholm", holder, "Nanna Nord", "Per Pay"), visit) == said


def test_it_is_told_in_danish(visit: Visit) -> None:
    visit.language = "da"
    assert why_they(Waiter("pia", "Pia", HOLDER, "Nanna Nord"), visit) == "udpeget til enheden af Nanna Nord"
