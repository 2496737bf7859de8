"""Somebody whose hire was cancelled after the first day is hired again: what was ended is taken into use again, closed until the day."""

from __future__ import annotations

from idm.connector import State
from idm.flow.depart import Word, cancel
from tests import data
from tests.support.world import World

RECORDS = (("ldap", "account"), ("erp", "profile"), ("mailbox", "mailbox"))


def test_what_was_ended_is_made_anew_for_a_new_hire(world: World) -> None:
    first = world.hire("h1")
    world.appoint(first)
    world.all_checks(first)
    world.confirm_rights(first)
    world.work()
    world.arrive()
    world.work()
    cancel(world.app, first, Word(reason="she never came"))
    world.work()
    person = world.case(first).person
    held = [world.targets[name].held(kind, person) for name, kind in RECORDS]
    assert [record.state for record in held if record] == [State.ENDED] * 3

    cpr = data.hire_event("h1")["data"]["person"]["cpr"]
    second = world.hire("h2", unit="town_hall", position="case_worker", cpr=cpr, start="2027-03-01")
    world.do(second, "appoint", data.DIRECTOR, "appoint", values={"pay": data.PAY, "it": data.IT})
    world.work()
    for name, kind in RECORDS:
        record = world.targets[name].held(kind, person)
        assert record is not None and record.state is State.DISABLED, name
        (owned,) = world.store.owned(person, name)
        assert (owned.gone, owned.opened) == (False, False)
    world.confirm_rights(second)
    world.work()
    world.arrive("2027-03-01")
    world.work()
    record = world.targets["ldap"].held("account", person)
    assert record is not None and record.state is State.ENABLED
    assert record.entitlements == {"all-staff", "town-hall", "case-handling"}
