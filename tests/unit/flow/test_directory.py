from __future__ import annotations

from datetime import date

import pytest

from idm.domain.authority import Authority
from idm.domain.authority_powers import AuthorityPolicy, Backup, ConfirmRule
from idm.errors import BadInput
from idm.flow.delegate import delegate
from idm.flow.directory import directory_today, resolve_case
from idm.flow.substitute import Absence, substitute
from tests import data
from tests.support.world import World


def test_the_directory_says_who_may_do_what_and_when_it_was_last_used(world: World) -> None:
    world.delegate("town")
    case = world.hire("h1")
    world.hand_in(case)
    world.accept(case, "contract")

    found = directory_today(world.app)
    (pay,) = [row for row in found.powers if row.authority == "pay"]
    assert (pay.person, pay.unit, pay.word, pay.since, pay.until, pay.state) == (
        data.PAY,
        "town",
        data.DIRECTOR,
        date(2026, 11, 23),
        None,
        "holds",
    )
    assert pay.last_used == world.clock.now()
    (it,) = [row for row in found.powers if row.authority == "it"]
    assert it.last_used is None
    assert found.gaps == ()
    assert found.oddities == ()


def test_units_without_a_contact_or_with_one_who_is_away_are_gaps(world: World) -> None:
    delegate(world.app, Authority.PAY, "town", [data.PAY])
    gaps = {(gap.unit, gap.authority, gap.kind) for gap in directory_today(world.app).gaps}
    units = set(world.store.organisation().units)
    assert gaps == {(unit, "it", "nobody") for unit in units}
    substitute(world.app, Absence(data.PAY, until=date(2026, 12, 1)))
    assert {(gap.authority, gap.kind) for gap in directory_today(world.app).gaps} == {("it", "nobody"), ("pay", "away")}


def test_powers_of_those_who_left_and_of_granters_who_went_are_odd(world: World) -> None:
    world.policies.edit(authority=AuthorityPolicy((Backup("b", "it", ("ghost",)),), confirm=ConfirmRule(12)))
    (granted,) = delegate(world.app, Authority.PAY, "school_north", [data.TEACHER])
    case = world.hire("h1")
    own = delegate(world.app, Authority.IT, "school_north", [data.IT], case=case)[0]
    world.sql("update cases set state = 'cancelled' where id = :case", case=case)
    world.sql("update employments set end_date = '2026-11-22' where person_id = :person", person=data.TEACHER)
    world.sql("update units set manager = :person where id = 'school_north'", person=data.HEAD_SOUTH)

    odd = {(each.kind, each.delegation or each.person) for each in directory_today(world.app).oddities}
    assert odd == {("unknown-person", "ghost"), ("left", granted.id), ("granter", granted.id), ("case-over", own.id)}
    world.clock.set_day(date(2028, 1, 1))
    assert ("unconfirmed", granted.id) in {(each.kind, each.delegation) for each in directory_today(world.app).oddities}


def test_the_resolution_of_a_case_is_told_in_order_with_the_reasons(world: World) -> None:
    world.delegate("town")
    world.delegate("school_north", pay=data.TEACHER)
    case = world.hire("h1")
    substitute(world.app, Absence(data.TEACHER, until=date(2026, 12, 1)))

    told = resolve_case(world.app, case)
    assert [item["authority"] for item in told["items"]][:3] == ["manager", "pay", "it"]
    (pay,) = [item for item in told["items"] if item["authority"] == "pay"]
    assert [(holder["person"], holder["name"], holder["via"]) for holder in pay["asked"]] == [(data.PAY, "Pia Lønholm", "own")]
    assert [holder["person"] for holder in pay["also"]] == [data.TEACHER]
    assert [(passed["person"], passed["why"]) for passed in pay["passed"]] == [(data.TEACHER, "away")]
    (only,) = resolve_case(world.app, case, "it")["items"]
    assert only["authority"] == "it"
    (step,) = resolve_case(world.app, case, step="review-contract")["items"]
    assert (step["authority"], step["step"]) == ("pay", "review-contract")
    with pytest.raises(BadInput):
        resolve_case(world.app, case, step="record")
