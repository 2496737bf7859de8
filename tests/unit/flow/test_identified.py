from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from idm.domain.authority import Authority
from idm.domain.people import Employment, Person, Unit
from idm.errors import Conflict, NotAllowed
from idm.flow.delegate import delegate
from idm.flow.depart import Word, cancel
from idm.flow.explain import case_by
from idm.flow.organisation import import_organisation
from idm.taking import take_batch
from tests import data
from tests.support.world import World

HR = "hr-4711"
START = date.fromisoformat(data.START)


def hired(world: World, id: str = "h1", start: str = data.START) -> Person:
    """Somebody whom idm met first in a hire event."""
    person = world.store.person(world.case(world.hire(id, start=start)).person)
    assert person is not None and person.id.startswith("p-")
    return person


def as_hr_lists(person: Person, id: str = HR) -> Person:
    return Person(id, person.cpr, person.given_name, person.family_name, "hr@example.org")


def employment(person: str, id: str = "hr-e-1", *, start: date = START, unit: str = "school_north") -> Employment:
    return Employment(id, person, unit, "teacher", start)


def take(world: World, person: Person, *employments: Employment, units: tuple[Unit, ...] = ()) -> None:
    import_organisation(world.app, units, [], [person], employments, "admin")


def test_whom_a_hire_event_brought_keeps_idms_id_and_goes_by_hrs_too(world: World) -> None:
    person = hired(world)
    take(world, as_hr_lists(person))

    assert world.store.person(HR) is None
    assert world.store.person_ids([HR, person.id, "nobody"]) == {HR: person.id, person.id: person.id}
    assert world.store.person_aliases([person.id]) == {person.id: [HR]}
    after = world.store.person(person.id)
    assert after is not None and (after.email, after.username) == ("hr@example.org", person.username)


def test_the_next_file_finds_the_person_by_hrs_id(world: World) -> None:
    person = hired(world)
    for name in ("Ny", "Nyere"):
        take(world, replace(as_hr_lists(person), given_name=name), employment(HR))

    found = world.store.person(person.id)
    assert found is not None and found.given_name == "Nyere"
    assert len(world.store.employments(person.id)) == 1


def test_hrs_employment_is_that_of_the_case_where_unit_position_and_first_day_agree(world: World) -> None:
    person = hired(world)
    (before,) = world.store.employments(person.id)
    take(world, as_hr_lists(person), replace(employment(HR), end_date=date(2028, 1, 1)))

    (after,) = world.store.employments(person.id)
    assert (after.id, after.case, after.end_date) == (before.id, before.case, date(2028, 1, 1))
    assert case_by(world.app, "hr-e-1").id == before.case


def test_whom_hr_named_first_has_one_employment_though_a_hire_event_and_hrs_file_both_tell_of_it(world: World) -> None:
    tove = world.store.person(data.TEACHER)
    assert tove is not None
    case = world.hire("h1", unit="school_south", cpr=tove.cpr.reveal())
    again = employment(data.TEACHER, "hr-e-9", unit="school_south")
    import_organisation(world.app, [], [], [tove], [again], "admin")

    assert [each.id for each in world.store.employments(data.TEACHER)] == [f"e-{data.TEACHER}", world.case(case).employment]
    assert case_by(world.app, "hr-e-9").id == case


def test_another_employment_is_a_second_one(world: World) -> None:
    person = hired(world)
    take(world, as_hr_lists(person), employment(HR, unit="school_south"), employment(HR, "hr-e-2", start=date(2027, 2, 1)))

    assert len(world.store.employments(person.id)) == 3


def test_the_employment_of_a_cancelled_hire_is_not_taken_for_hrs(world: World) -> None:
    person = hired(world)
    (before,) = world.store.employments(person.id)
    cancel(world.app, before.case, Word(reason="took another position"))
    take(world, as_hr_lists(person), employment(HR))

    assert {each.id for each in world.store.employments(person.id)} == {before.id, "hr-e-1"}


def test_an_employment_without_an_id_is_found_too(world: World) -> None:
    person = hired(world)
    take(world, as_hr_lists(person), employment(HR, ""))

    assert len(world.store.employments(person.id)) == 1


def test_either_id_decides_delegates_and_manages(world: World) -> None:
    person = hired(world, start="2026-11-01")
    units = (Unit("school_south", "Sydskolen", "schools", HR),)
    take(world, as_hr_lists(person), units=units)
    assert world.store.organisation().units["school_south"].manager == person.id

    (granted,) = delegate(world.app, Authority.PAY, "school_south", [data.PAY], granter=HR)
    assert granted.granted_by == person.id
    (held,) = delegate(world.app, Authority.IT, "school_north", [HR])
    assert held.to == person.id

    case = world.hire("h2", unit="school_south")
    approval = world.appoint(case, by=HR).approvals["appoint"]
    assert approval.by == person.id


def test_a_contact_is_appointed_by_either_id(world: World) -> None:
    person = hired(world)
    take(world, as_hr_lists(person))
    case = world.hire("h2")
    world.appoint(case, pay=HR)

    assert person.id in {each.to for each in world.store.delegations(case=case)}


def test_an_events_manager_may_be_named_by_hrs_id(world: World) -> None:
    person = hired(world)
    take(world, as_hr_lists(person))
    event = data.hire_event("h2")
    event["data"]["employment"]["manager"] = HR
    (receipt,) = take_batch(world.app, json.dumps(event))

    assert world.case(receipt.case).facts.manager == person.id


def test_nobody_decides_on_their_own_hire_by_another_of_their_ids(world: World) -> None:
    person = hired(world)
    take(world, as_hr_lists(person), units=(Unit("school_north", "Nordskolen", "schools", HR),))
    case = world.store.list_cases(person=person.id)[0].id

    with pytest.raises(NotAllowed, match="own hire"):
        world.appoint(case, by=HR)


def refusal_of(world: World, *people: Person) -> dict[str, str]:
    before = world.store.list_people(limit=1000)
    with pytest.raises(Conflict) as refusal:
        import_organisation(world.app, [], [], people, [], "admin")
    assert world.store.list_people(limit=1000) == before
    return {fault.path: fault.rule for fault in refusal.value.faults}


def test_the_cpr_number_of_somebody_whom_hr_named_before_is_refused(world: World) -> None:
    director = world.store.person(data.DIRECTOR)
    assert director is not None
    assert refusal_of(world, as_hr_lists(director)) == {"people[0].cpr": "cpr-taken"}


def test_a_second_id_of_hr_for_one_person_is_refused(world: World) -> None:
    person = hired(world)
    take(world, as_hr_lists(person))
    assert refusal_of(world, as_hr_lists(person, "hr-99")) == {"people[0].cpr": "cpr-taken"}


def test_two_entries_that_are_one_person_here_are_refused_naming_both(world: World) -> None:
    person = hired(world)
    take(world, as_hr_lists(person))
    other = replace(person, cpr=world.hire_of("h9").cpr)
    with pytest.raises(Conflict) as refusal:
        import_organisation(world.app, [], [], [as_hr_lists(person), other], [], "admin")
    (fault,) = refusal.value.faults
    assert (fault.path, fault.rule) == ("people[1].id", "same-person") and "people[0]" in fault.message


def test_an_employment_never_goes_over_to_somebody_else(world: World) -> None:
    person = hired(world)
    with pytest.raises(Conflict) as refusal:
        take(world, as_hr_lists(person), employment(HR, f"e-{data.TEACHER}"))
    (fault,) = refusal.value.faults
    assert (fault.path, fault.rule) == ("people[0].employments[0].id", "employment-taken")
    assert world.store.person_ids([HR]) == {}
