from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from idm.domain.authority import Authority, Delegation, Limits
from idm.domain.authority_directory import Use
from idm.domain.authority_powers import PersonState, Substitution
from idm.rows import DecisionRow
from tests import data
from tests.support.world import World

DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_a_delegation_comes_back_as_it_was_written(world: World) -> None:
    full = Delegation(
        "d-1",
        Authority.CONTROL,
        "town",
        "team:office",
        "director",
        DAY,
        DAY + timedelta(9),
        "c-1",
        True,
        Limits(Decimal("50000.50"), ("schools", "care"), ("form",)),
        DAY,
        "head",
    )
    plain = Delegation("d-2", Authority.PAY, "town", "a", "director", DAY)
    with world.store.write() as writer:
        writer.add_delegation(full)
        writer.add_delegation(plain)
    assert (world.store.delegation("d-1"), world.store.delegation("d-2"), world.store.delegation("d-3")) == (full, plain, None)
    assert list(world.store.delegations(units=["schools"], case="c-1")) == [full]


def test_substitutions_are_found_by_day_and_by_either_person(world: World) -> None:
    open_end = Substitution("s-1", "a", "b", DAY, None, ("pay",), ("town", "care"), "a")
    over = Substitution("s-2", "b", "", DAY - timedelta(9), DAY - timedelta(1))
    ended = Substitution("s-3", "a", "c", DAY, DAY + timedelta(5), ended=DAY)
    with world.store.write() as writer:
        for each in (open_end, over, ended):
            writer.put_substitution(each)
    assert list(world.store.substitutions()) == [over, open_end, ended]
    assert list(world.store.substitutions(since=DAY)) == [open_end]
    assert list(world.store.substitutions(since=DAY - timedelta(1))) == [over, open_end]
    assert list(world.store.substitutions(person="b")) == [over, open_end]


def test_person_states_tell_of_all_who_are_asked_for_however_many(world: World) -> None:
    with world.store.write() as writer:
        writer.put_access(data.PAY, "locked", "admin", AT)
    many = [f"nobody-{number}" for number in range(1200)]
    found = world.store.person_states([*many, data.PAY, data.IT])
    assert found == {data.PAY: PersonState(date(2015, 8, 1), None, "locked"), data.IT: PersonState(date(2015, 8, 1))}
    assert set(world.store.person_states()) >= {data.PAY, data.IT, data.DIRECTOR}
    assert world.store.person_states([]) == {}
    with world.store.write() as writer:
        writer.put_access(data.PAY, "", "admin", AT)
    assert world.store.without_access() == {}


def test_decisions_are_found_by_case_person_and_whose_place_it_was(world: World) -> None:
    own = DecisionRow("t-1", "c-1", "review-accept", AT, "a", "pay", "own", "d-1")
    for_a = DecisionRow("t-2", "c-1", "form-submit", AT + timedelta(minutes=1), "b", "pay", "substitute", "d-1", "a")
    other = DecisionRow("t-3", "c-2", "rights-confirm", AT, "b", "it", "backup")
    with world.store.write() as writer:
        for each in (own, for_a, other):
            writer.add_decision(each)
    assert list(world.store.decisions(case="c-1")) == [for_a, own]
    assert list(world.store.decisions(by="b", limit=1)) == [for_a]
    assert list(world.store.decisions(place_of="a")) == [for_a]
    assert set(world.store.last_uses()) == {
        Use("d-1", "pay", "a", "own", "", AT),
        Use("d-1", "pay", "b", "substitute", "a", AT + timedelta(minutes=1)),
        Use("", "it", "b", "backup", "", AT),
    }


def test_only_cases_that_are_over_are_told(world: World) -> None:
    first, second = world.hire("h1"), world.hire("h2")
    world.sql("update cases set state = 'completed' where id = :case", case=first)
    assert world.store.cases_over({first, second, "c-none"}) == {first}
    assert world.store.cases_over(()) == set()
