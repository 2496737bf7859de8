from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from idm.domain.people import Cpr, Employment, Person, Position, Unit
from idm.errors import Conflict
from idm.flow.organisation import import_organisation
from tests import data
from tests.support.world import World

UNIT, POSITION = Unit("u", "Unit", None, "new"), Position("x", "X")
NEW = Person("new", Cpr("0101700001"), "Ny", "Person", "new@example.org")
EMPLOYMENT = Employment("", "new", "u", "x", date(2020, 1, 1))


def test_units_that_the_file_leaves_out_stay(world: World) -> None:
    counts = import_organisation(world.app, [UNIT], [POSITION], [NEW], [EMPLOYMENT], "admin")
    organisation = world.store.organisation()

    assert (counts.units, counts.positions, counts.people, counts.employments) == (1, 1, 1, 1)
    assert organisation.units["u"] == UNIT
    assert "school_north" in organisation.units
    assert world.store.person("new") == NEW
    assert world.actions("organisation") == ["organisation-imported"] * 2


def test_an_import_again_writes_over_and_keeps_names_and_employments(world: World) -> None:
    import_organisation(world.app, [UNIT], [POSITION], [NEW], [EMPLOYMENT], "admin")
    world.sql("update people set username = 'newper', address = 'n@x' where id = 'new'")
    import_organisation(world.app, [replace(UNIT, name="Other")], [POSITION], [replace(NEW, email="other@x")], [EMPLOYMENT], "admin")

    person = world.store.person("new")
    assert person is not None and (person.username, person.address, person.email) == ("newper", "n@x", "other@x")
    assert world.store.organisation().units["u"].name == "Other"
    assert len(world.store.employments("new")) == 1


def test_a_cpr_number_of_somebody_else_is_refused_and_nothing_is_written(world: World) -> None:
    before = world.store.organisation()
    taken = Person("new", Cpr(data.cpr(1)), "Ny", "Person")
    with pytest.raises(Conflict) as refusal:
        import_organisation(world.app, [UNIT], [POSITION], [NEW, replace(taken, id="other")], [EMPLOYMENT], "admin")

    assert refusal.value.faults[0].rule == "cpr-taken"
    assert refusal.value.faults[0].path == "people[1].cpr"
    assert data.cpr(1) not in refusal.value.message
    assert world.store.organisation() == before
    assert world.store.person("new") is None


def test_a_new_manager_counts_at_once_in_the_process_that_imported(world: World) -> None:
    case = world.hire("h1")
    units = world.store.organisation().units
    import_organisation(world.app, [replace(units["school_north"], manager=data.TEACHER)], [], [], [], "admin")

    assert world.appoint(case, by=data.TEACHER).approvals["appoint"].by == data.TEACHER


def test_an_import_keeps_what_only_the_hire_event_told(world: World) -> None:
    person = world.case(world.hire("h1")).person
    before = world.store.person(person)
    assert before is not None and before.private_email and before.mobile and before.citizenship

    import_organisation(world.app, [], [], [Person(person, before.cpr, "Ny", "Navn", "ny@example.org")], [], "admin")

    after = world.store.person(person)
    assert after is not None and (after.given_name, after.email) == ("Ny", "ny@example.org")
    assert (after.private_email, after.mobile, after.citizenship) == (before.private_email, before.mobile, before.citizenship)
