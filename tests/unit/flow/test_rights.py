"""Rights on terms: windows that open and close by themselves, limits, what may be granted, and what nobody holds together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from idm.domain.case import Case
from idm.domain.grants import Grant, Reach
from idm.domain.matching import Match
from idm.domain.roles import NEEDS_REASON, REFUSE, Conflict, DataLimit, Grantable
from idm.errors import BadInput, Fault
from idm.errors import Conflict as Refusal
from idm.flow import rights
from idm.flow.depart import Word, cancel
from idm.flow.explain import explain
from idm.flow.rights import offered
from idm.flow.sweep import sweep_once
from tests import data
from tests.support.together import together
from tests.support.world import World

CPR = "0102804321"


def confirm(world: World, case: str, *add: Any, remove: Sequence[str] = (), reason: str = "") -> Case:
    return world.do(case, "confirm_rights", data.IT, "confirm", reason, {"add": list(add), "remove": list(remove)})


def refused(world: World, case: str, *add: Any, **more: Any) -> list[Fault]:
    with pytest.raises(BadInput) as refusal:
        confirm(world, case, *add, **more)
    assert "nothing was saved" in refusal.value.next_step
    assert world.states(case)["confirm_rights"] == "waiting"
    return list(refusal.value.faults)


def appointed(world: World, id: str = "h1", **changes: Any) -> str:
    case = world.hire(id, **changes)
    if world.states(case)["appoint"] == "waiting":
        world.appoint(case)
    return case


def groups(world: World, case: str) -> frozenset[str]:
    held = world.targets["ldap"].held("account", world.case(case).person)
    return held.entitlements if held is not None else frozenset()


def on(world: World, day: date) -> None:
    world.clock.set_day(day)
    while sweep_once(world.app):
        world.work()


def edit_role(world: World, id: str, **changes: Any) -> None:
    roles = world.policies.current().roles
    world.policies.edit(roles={**roles, id: replace(roles[id], **changes)})


def test_a_right_for_a_time_begins_and_ends_by_itself(world: World) -> None:
    world.import_municipality()
    case = world.hire()
    world.appoint(case)
    world.all_documents(case)
    world.fill_payroll(case)
    confirm(world, case, {"role": "remote_access", "from": "2027-02-01", "until": "2027-02-28"})
    world.work()
    on(world, date(2027, 1, 4))
    always = groups(world, case)
    assert "all-staff" in always and "remote-access" not in always
    assert world.states(case)["directory_rights"] == "done"

    on(world, date(2027, 2, 1))
    assert groups(world, case) == always | {"remote-access"}
    assert world.states(case)["directory_rights"] == "done"
    changes = len(world.targets["ldap"].applied())
    on(world, date(2027, 2, 28))
    assert groups(world, case) == always | {"remote-access"}
    assert len(world.targets["ldap"].applied()) == changes

    on(world, date(2027, 3, 1))
    assert groups(world, case) == always
    changes = len(world.targets["ldap"].applied())
    on(world, date(2028, 1, 1))
    assert len(world.targets["ldap"].applied()) == changes
    assert [action for action in world.actions(case) if action == "timer-fell"].count("timer-fell") == 3


def test_a_right_whose_whole_time_passed_unseen_is_never_given(world: World) -> None:
    world.import_municipality()
    case = appointed(world)
    world.work()
    confirm(world, case, {"role": "remote_access", "from": "2027-02-01", "until": "2027-02-28"})
    world.work()
    on(world, date(2027, 4, 1))

    assert "remote-access" not in groups(world, case) and "all-staff" in groups(world, case)
    assert world.store.due_timers(world.clock.now() + timedelta(days=9999)) == []


def test_a_right_that_ends_while_its_target_is_away_goes_when_it_is_back(world: World) -> None:
    world.import_municipality()
    case = appointed(world)
    confirm(world, case, {"role": "remote_access", "until": "2027-01-31"})
    world.work()
    assert "remote-access" in groups(world, case)

    world.clock.set_day(date(2027, 2, 1))
    sweep_once(world.app)
    assert world.states(case)["directory_rights"] == "ready"
    world.clock.set_day(date(2027, 1, 31), hour=23)
    world.app.cache.clear()
    world.work()
    # The clock of the worker is behind: the day whose timer fell counts.
    assert "remote-access" not in groups(world, case)


def test_a_cancelled_hire_waits_for_no_rights(world: World) -> None:
    world.import_municipality()
    case = appointed(world)
    confirm(world, case, {"role": "remote_access", "from": "2027-02-01"})
    world.work()
    cancel(world.app, case, Word(reason="She took another job."))
    world.work()
    on(world, date(2027, 2, 1))
    assert groups(world, case) == frozenset()


def test_roles_that_exclude_each_other_are_refused_over_all_employments(world: World) -> None:
    world.import_municipality()
    apart = Conflict("buys_and_teaches", ("purchaser", "teaching"), REFUSE)
    world.policies.edit(conflicts=(apart,))
    first, second = appointed(world, cpr=CPR), appointed(world, "h2", cpr=CPR, position="caretaker")
    confirm(world, first)
    (fault,) = refused(world, second, "purchaser", reason="I want it")
    assert (fault.path, fault.rule) == ("values", "conflict")
    assert "purchaser (employment" in fault.message and "by request" in fault.message
    assert f"teaching (employment {world.case(first).employment}, by rule teachers)" in fault.message

    after = date(2027, 7, 31)
    assert refused(world, second, {"role": "purchaser", "until": after.isoformat()})
    confirm(world, second)


def test_roles_that_exclude_each_other_are_refused_within_one_hire(world: World) -> None:
    world.import_municipality()
    world.policies.edit(conflicts=(Conflict("apart", ("purchaser", "teaching"), REFUSE),))
    case = appointed(world)
    assert [fault.rule for fault in refused(world, case, "purchaser")] == ["conflict"]
    confirmed = confirm(world, case, "purchaser", remove=["teaching"])
    assert "teaching" not in confirmed.roles and "purchaser" in confirmed.roles


def test_employments_that_follow_each_other_may_hold_what_excludes(world: World) -> None:
    world.import_municipality()
    world.policies.edit(conflicts=(Conflict("apart", ("purchaser", "teaching"), REFUSE),))
    first = appointed(world, cpr=CPR, end_date="2027-01-31")
    second = appointed(world, "h2", cpr=CPR, position="caretaker", start="2027-02-01")
    confirm(world, first)
    assert refused(world, second, "purchaser")
    confirm(world, second, {"role": "purchaser", "from": "2027-02-01"})


def test_what_a_cancelled_hire_was_to_hold_excludes_nothing(world: World) -> None:
    world.import_municipality()
    world.policies.edit(conflicts=(Conflict("apart", ("purchaser", "teaching"), REFUSE),))
    first, second = appointed(world, cpr=CPR), appointed(world, "h2", cpr=CPR, position="caretaker")
    confirm(world, first)
    cancel(world.app, first, Word(reason="She took another job."))
    confirm(world, second, "purchaser")


def test_a_conflict_may_be_accepted_with_a_reason_that_stays_on_record(world: World) -> None:
    world.import_municipality()
    world.policies.edit(conflicts=(Conflict("apart", ("purchaser", "teaching"), NEEDS_REASON),))
    edit_role(world, "purchaser", limit=DataLimit())
    case = appointed(world)
    (fault,) = refused(world, case, "purchaser")
    assert (fault.path, fault.rule) == ("reason", "conflict")
    confirmed = confirm(world, case, "purchaser", reason="She buys the books.")

    expected = Grant(accepted=("apart",), by=data.IT, reason="She buys the books.")
    assert confirmed.grants["purchaser"] == expected
    assert confirmed.grants["teaching"] == replace(expected, rule="teachers")
    assert confirmed.grants["employee"] == Grant("everybody")
    assert world.case(case).grants == confirmed.grants
    world.work()
    (right,) = [item for item in explain(world.app, case) if item.get("entitlement") == "requester"]
    assert right["reasons"][0]["terms"]["accepted_by"] == data.IT
    entry = next(entry for entry in world.store.audit(case) if entry.action == "rights-confirm")
    assert entry.payload is not None and "She buys the books." in entry.payload and "'apart' keeps apart" in entry.payload


def test_a_role_reaches_as_far_as_policy_says_and_a_request_no_further(world: World) -> None:
    world.import_municipality()
    edit_role(world, "purchaser", limit=DataLimit("own", (), Decimal(50000)))
    case = appointed(world)
    for terms in ({"amount": 50001}, {"units": ["school_south"]}, {"units": ["schools"]}):
        assert [fault.rule for fault in refused(world, case, {"role": "purchaser", **terms})] == ["beyond-limit"]
    assert [fault.rule for fault in refused(world, case, {"role": "purchaser", "units": ["nowhere"]})] == ["unknown-unit"]
    confirmed = confirm(world, case, {"role": "purchaser", "amount": 20000})

    assert confirmed.grants["purchaser"].reach == Reach(("school_north",), False, Decimal(20000))
    world.work()
    (right,) = [item for item in explain(world.app, case) if item.get("entitlement") == "requester"]
    assert (right["reasons"][0]["terms"]["units"], right["reasons"][0]["terms"]["amount"]) == (["school_north"], "20000")


def test_what_may_be_granted_depends_on_the_hire_and_for_how_long(world: World) -> None:
    world.import_municipality()
    edit_role(world, "remote_access", grantable=Grantable(Match(units=("schools",), hours_from=Decimal(20)), 90))
    part = appointed(world, weekly_hours=10)
    (fault,) = refused(world, part, {"role": "remote_access", "until": "2026-12-24"})
    assert "20 hours a week or more" in fault.message

    full = appointed(world, "h2")
    assert [fault.rule for fault in refused(world, full, "remote_access")] == ["too-long"]
    assert [fault.rule for fault in refused(world, full, {"role": "remote_access", "until": "2026-01-01"})] == ["past"]
    first = world.clock.today()
    assert refused(world, full, {"role": "remote_access", "until": (first + timedelta(days=90)).isoformat()})
    confirm(world, full, {"role": "remote_access", "until": (first + timedelta(days=89)).isoformat()})


def test_a_role_is_not_both_added_and_removed(world: World) -> None:
    world.import_municipality()
    case = appointed(world)
    assert [fault.rule for fault in refused(world, case, "teaching", remove=["teaching"])] == ["twice"]


def test_a_proposed_role_may_be_given_for_a_shorter_time(world: World) -> None:
    world.import_municipality()
    case = appointed(world)
    confirmed = confirm(world, case, {"role": "teaching", "from": "2027-01-04"})
    assert confirmed.grants["teaching"] == Grant("teachers", date(2027, 1, 4))
    world.work()
    assert "teachers" not in groups(world, case)
    on(world, date(2027, 1, 4))
    assert "teachers" in groups(world, case)


def test_the_task_tells_rules_terms_and_what_clashes(world: World) -> None:
    world.import_municipality()
    edit_role(world, "purchaser", limit=DataLimit("subtree", (), Decimal(50000)))
    edit_role(world, "invoice_reader", grantable=Grantable(Match(units=("care",))))
    world.policies.edit(conflicts=(Conflict("apart", ("purchaser", "teaching"), NEEDS_REASON),))
    told = offered(world.app, world.case(appointed(world)))

    assert told["proposed"]["teaching"] == "teachers"
    assert "purchaser" in told["grantable"] and "invoice_reader" not in told["grantable"]
    assert told["terms"]["purchaser"] == {"units": ["school_north"], "below": True, "amount": "50000", "most_days": None}
    (clash,) = told["conflicts"]
    assert (clash["conflict"], clash["severity"], set(clash["roles"])) == ("apart", NEEDS_REASON, {"purchaser", "teaching"})
    assert set(clash["rules"]) == {None, "teachers"}


def test_rules_ask_for_more_than_position_and_unit(world: World) -> None:
    world.import_municipality()
    rules = [
        replace(rule, when=Match(age_below=18, new_person=True)) if rule.id == "teachers" else rule
        for rule in world.policies.current().role_rules
    ]
    world.policies.edit(role_rules=tuple(rules))
    young, grown = appointed(world, cpr="0101104321"), appointed(world, "h2", cpr=CPR)
    assert "teaching" in offered(world.app, world.case(young))["proposed"]
    assert "teaching" not in offered(world.app, world.case(grown))["proposed"]


def test_of_two_decisions_at_the_same_time_the_second_sees_the_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.import_municipality()
    world.policies.edit(conflicts=(Conflict("apart", ("purchaser", "teaching"), NEEDS_REASON),))
    first, second = appointed(world, cpr=CPR), appointed(world, "h2", cpr=CPR, position="caretaker")
    confirm(world, first)
    before, real = world.case(second), rights.held_elsewhere
    looks = iter([lambda *told: (), real])
    monkeypatch.setattr(rights, "held_elsewhere", lambda *told: next(looks)(*told))

    with pytest.raises(Refusal, match="decided in the meantime") as refusal:
        confirm(world, second, "purchaser")
    assert [fault.rule for fault in refusal.value.faults] == ["conflict"]
    assert world.case(second) == before

    monkeypatch.setattr(rights, "held_elsewhere", real)
    confirm(world, second, "purchaser", reason="She buys for the school.")


def test_many_decisions_about_one_person_never_leave_what_excludes(world: World) -> None:
    world.import_municipality()
    world.policies.edit(conflicts=(Conflict("apart", ("purchaser", "invoice_reader"), REFUSE),))
    cases = [appointed(world, f"h{n}", cpr=CPR, position=position) for n, position in enumerate(("teacher", "caretaker", "pedagogue"))]
    wanted = ["purchaser", "invoice_reader", "purchaser"]
    together([partial(confirm, world, case, role) for case, role in zip(cases, wanted, strict=True)])

    held = {role for case in cases for role in world.case(case).roles}
    assert len(held & {"purchaser", "invoice_reader"}) == 1
