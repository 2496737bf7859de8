from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from idm.domain.case import Case
from idm.domain.matching import Circumstances
from idm.flow.circumstances import circumstances_of
from idm.flow.depart import Word, cancel
from tests import data
from tests.support.world import World


def asked(world: World, case: Case, amount: Decimal | None = None) -> Circumstances:
    person = world.store.person(case.person)
    assert person is not None
    return circumstances_of(world.app, case, person, world.app.policies.current(), amount=amount)


def test_they_tell_what_the_event_and_the_organisation_say(world: World) -> None:
    world.import_municipality()
    start = world.clock.today() + timedelta(days=9)
    case = world.hire(start=start.isoformat(), citizenship="SE", weekly_hours=18.5, cpr="0102994321")
    found = asked(world, world.case(case), Decimal(100))

    assert found.position == "teacher"
    assert found.unit_path == ("school_north", "schools", "town")
    assert (found.start_date, found.end_date, found.temporary) == (start, None, False)
    assert (found.citizenship, found.weekly_hours, found.amount) == ("SE", Decimal("18.5"), Decimal(100))
    assert found.born == date(1999, 2, 1)
    assert found.groups == {"children"}
    assert (found.new_person, found.manages, found.notice_days) == (True, False, 9)
    assert (found.agreement, found.pay_class, found.hourly) == ("", "", None)


def test_notice_is_counted_from_the_day_the_event_was_taken(world: World) -> None:
    world.import_municipality()
    start = world.clock.today() + timedelta(days=20)
    case = world.hire(start=start.isoformat())
    world.clock.set_day(start - timedelta(days=5))

    assert asked(world, world.case(case)).notice_days == 20
    assert asked(world, replace(world.case(case), version=0)).notice_days == 5


def test_the_payroll_form_tells_agreement_class_and_pay(world: World) -> None:
    world.import_municipality()
    case = replace(world.case(world.hire()), values={"payroll": data.payroll_values(pay_type="hourly")})
    found = asked(world, case)
    assert (found.agreement, found.pay_class, found.hourly) == ("TEACH", "TEACH-1", True)
    monthly = replace(case, values={"payroll": data.payroll_values()})
    assert asked(world, monthly).hourly is False


def test_only_the_first_employment_is_a_new_persons(world: World) -> None:
    world.import_municipality()
    first = world.hire("h1", cpr="0102994321")
    second = world.hire("h2", cpr="0102994321", position="pedagogue", unit="daycare", start="2027-02-01")

    assert asked(world, world.case(first)).new_person
    assert not asked(world, world.case(second)).new_person

    cancel(world.app, first, Word(reason="She took another job."))
    assert asked(world, world.case(second)).new_person


def test_who_manages_a_unit_does_so_in_every_employment(world: World) -> None:
    world.import_municipality()
    head = replace(world.case(world.hire()), person=data.HEAD_NORTH)
    found = asked(world, head)
    assert found.manages and not found.new_person
