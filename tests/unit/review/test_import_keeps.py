"""An import of the organisation takes nothing from a hire that only its event told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idm.errors import Conflict
from idm.flow.depart import Word, cancel
from idm.flow.organisation import import_organisation
from tests.support.world import World


def test_an_employment_in_the_file_keeps_its_case_and_hours(world: World) -> None:
    case = world.hire("h1")
    employment = world.store.employment(world.case(case).employment)
    assert employment is not None
    told = replace(employment, case="", weekly_hours="", manager="")
    import_organisation(world.app, [], [], [], [told], "test")
    assert world.store.employment(employment.id) == employment

    with pytest.raises(Conflict):
        world.take("h2", cpr=_cpr(world, case))
    cancel(world.app, case, Word(reason="she changed her mind"))
    assert world.take("h3", cpr=_cpr(world, case)).outcome == "created"


def _cpr(world: World, case: str) -> str:
    person = world.store.person(world.case(case).person)
    assert person is not None
    return person.cpr.reveal()
