"""The overview of hires: whose, how far, what each waits for, what is at risk; in pages, by unit, state and name."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from idm.connector import Refused
from idm.domain.authority import Authority
from idm.errors import BadInput
from idm.flow.delegate import delegate
from idm.flow.depart import Word, cancel
from idm.flow.overview import Hire, HirePage, hires
from idm.flow.substitute import Absence, substitute
from tests import data
from tests.support.world import World


def cases(page: HirePage) -> list[str]:
    return [hire.case for hire in page.items]


def only(world: World, person: str = data.HEAD_NORTH, language: str = "da") -> Hire:
    """The one hire that a person sees."""
    (hire,) = hires(world.app, person, language=language).items
    return hire


def test_a_manager_sees_how_far_each_hire_is_and_whom_it_waits_for(world: World) -> None:
    case = world.hire()

    hire = only(world)

    assert (hire.case, hire.unit_name, hire.position_title) == (case, "Nordskolen", "Lærer")
    assert hire.person_name == world.store.names([world.case(case).person])[world.case(case).person]
    assert hire.start_date == date.fromisoformat(data.START)
    assert (hire.done, hire.overdue_days, hire.day_one_at_risk, hire.short_notice) == (0, 0, False, False)
    (waits,) = hire.waits
    assert (waits.step, waits.people) == ("appoint", ("Nanna Nord",))
    assert waits.title and waits.title != only(world, language="en").waits[0].title
    world.appoint(case)
    assert only(world).done == 1 < only(world).steps


def test_hires_are_watched_by_managers_above_substitutes_and_contacts_and_nobody_else(world: World) -> None:
    north, south = world.hire("h1"), world.hire("h2", unit="school_south")

    assert cases(hires(world.app, data.HEAD_NORTH)) == [north]
    assert sorted(cases(hires(world.app, data.DIRECTOR))) == sorted([north, south])
    for person in (data.PAY, data.TEACHER, world.case(north).person, "nobody"):
        assert hires(world.app, person).items == ()
    substitute(world.app, Absence(data.HEAD_SOUTH, data.TEACHER), administrator="admin")
    assert cases(hires(world.app, data.TEACHER)) == [south]
    world.appoint(north)
    assert cases(hires(world.app, data.PAY)) == [north]
    delegate(world.app, Authority.PAY, "schools", [data.PAY])
    assert sorted(cases(hires(world.app, data.PAY))) == sorted([north, south])


def test_what_is_late_refused_or_endangers_the_first_day_is_told(world: World) -> None:
    world.delegate()
    case = world.hire()
    world.targets["erp"].trouble(Refused("the number is taken"))
    world.work()
    rights = world.store.task(world.task_of(case, "confirm_rights"))
    assert rights is not None and rights.due is not None
    world.clock.set_day(rights.due + timedelta(days=7))

    hire = only(world)

    assert [(each.step, each.reason) for each in hire.refused] == [("profile", "the number is taken")]
    assert hire.waits[0] == hire.refused[0]
    late = next(each for each in hire.waits if each.step == "confirm_rights")
    assert (late.overdue_days, late.due, late.people) == (3, rights.due, ("Ivan Teknik",)), "the days around Christmas don't count"
    assert hire.overdue_days >= 3 and hire.day_one_at_risk
    assert late.title in hire.risks

    world.clock.set_day(hire.start_date + timedelta(days=1))
    passed = only(world)
    assert passed.day_one_missed and not passed.day_one_at_risk and late.title in passed.risks


def test_pages_units_states_and_names(world: World) -> None:
    made = [world.hire(f"h{day}", start=f"2027-01-{day:02}", given_name=f"Åse{'abcde'[day - 4]}") for day in range(4, 9)]
    other = world.hire("other", unit="daycare", start="2027-02-01")
    cancel(world.app, made[0], Word(data.HEAD_NORTH, reason="another took it"))

    assert cases(hires(world.app, data.DIRECTOR)) == [*made[1:], other]
    assert cases(hires(world.app, data.DIRECTOR, state="over")) == [made[0]]
    assert cases(hires(world.app, data.DIRECTOR, state="all")) == [*made, other]
    assert cases(hires(world.app, data.DIRECTOR, unit="schools")) == made[1:]
    assert cases(hires(world.app, data.DIRECTOR, text="  åsec ")) == [made[2]]
    assert cases(hires(world.app, data.DIRECTOR, text="%")) == []
    assert cases(hires(world.app, data.DIRECTOR, text="åse")) == [*made[1:], other]
    assert cases(hires(world.app, data.DIRECTOR, text="åse nobody")) == []
    first = hires(world.app, data.DIRECTOR, limit=3)
    assert cases(first) == made[1:4] and first.next
    assert cases(hires(world.app, data.DIRECTOR, limit=3, after=first.next)) == [made[4], other]
    assert first.units["school_north"] == "Nordskolen" and len(first.units) == 7
    assert hires(world.app, data.HEAD_NORTH, limit=4).next == ""
    with pytest.raises(BadInput, match="no such state"):
        hires(world.app, data.DIRECTOR, state="lost")


def test_who_is_hired_does_not_watch_over_their_own_hire(world: World) -> None:
    own = world.hire("own", cpr=data.cpr(2))

    assert world.case(own).person == data.HEAD_NORTH
    assert hires(world.app, data.HEAD_NORTH).items == ()
    assert cases(hires(world.app, data.DIRECTOR)) == [own]
