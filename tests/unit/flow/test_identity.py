"""Names are reserved once and for ever, and as quickly when ten thousand share one as when two do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import event, insert

from idm.domain.naming import address_choice, username_choice
from idm.domain.naming_policy import NamingPolicy
from idm.domain.people import Cpr, Person
from idm.flow.depart import Word, cancel
from idm.flow.identity import with_names
from idm.store import schema
from tests.support.world import World

MANY = 10_000
POLICIES = {
    "as shipped": NamingPolicy(),
    "several patterns": NamingPolicy(("{first}", "{given:3}{family:3}", "{given:2}{family:4}"), 20, ("{first}.{last}", "{given}.{family}")),
    "always numbered": NamingPolicy(("{given:3}{family:3}{number:5}",)),
    "cut": NamingPolicy(("{given}{family}",), 8, ("{given}{family}{given}{family}{given}{family}{given}{family}{given}{family}",)),
}


def named(world: World, id: str, policy: NamingPolicy, given: str = "Annemarie", family: str = "Jensen", email: str = "") -> Person:
    person = Person(id, Cpr(""), given, family, email)
    with world.store.write() as writer:
        return with_names(person, policy, writer, world.clock.now())


def taken(world: World, policy: NamingPolicy) -> None:
    """As the database is after so many hires of one name."""
    now = 1
    with world.database.writing() as connection:
        for kind, choice in (
            ("username", username_choice("Annemarie", "Jensen", policy)),
            ("address", address_choice("Annemarie", "Jensen", policy)),
        ):
            names = dict.fromkeys([*choice.bare, *(choice.numbered(number) for number in range(2, MANY + 1))])
            connection.execute(insert(schema.names), [{"kind": kind, "name": name, "person_id": "p", "taken_at": now} for name in names])
            connection.execute(insert(schema.name_numbers), [{"kind": kind, "name": choice.counter, "number": MANY}])


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_the_ten_thousandth_of_a_name_takes_as_many_statements_as_the_second(world: World, policy: NamingPolicy) -> None:
    statements: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))

    def counted(id: str) -> tuple[Person, int]:
        statements.clear()
        found = named(world, id, policy)
        return found, len(statements)

    first, fewest = counted("p1")
    second, few = counted("p2")
    assert {first.username, first.address}.isdisjoint({second.username, second.address})
    with world.database.writing() as connection:
        connection.execute(schema.names.delete())
        connection.execute(schema.name_numbers.delete())
    taken(world, policy)
    last, at_most = counted("p3")

    assert last.username.endswith(str(MANY if policy is POLICIES["always numbered"] else MANY + 1))
    assert last.address.partition("@")[0].endswith(str(MANY + 1))
    assert len(last.username) <= policy.username_length
    assert fewest <= few <= at_most <= few + 2 * len(policy.username)


def test_who_share_the_beginning_of_a_cut_name_do_not_go_through_each_others_numbers(world: World) -> None:
    policy = POLICIES["cut"]
    taken(world, policy)
    statements: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    found = named(world, "p1", policy, "Annemari", "Olsen")
    assert found.username.startswith("ann") and len(found.username) == 8
    assert len(statements) < 12


def test_a_name_is_never_given_again_not_even_after_a_cancelled_hire(world: World) -> None:
    world.import_municipality()
    case = world.hire("h1", given_name="Åse", family_name="Bæk")
    first = world.store.person(world.case(case).person)
    cancel(world.app, case, Word(reason="She took another job."))
    world.work()
    other = world.store.person(world.case(world.hire("h2", given_name="Åse", family_name="Bæk")).person)

    assert first is not None and other is not None and first.id != other.id
    assert (first.username, other.username) == ("aasbae", "aasbae2")
    assert (first.address, other.address) == ("aase.baek@example.org", "aase.baek2@example.org")


def test_addresses_of_the_organisation_are_never_given_to_a_hire(world: World) -> None:
    policy = NamingPolicy()
    with world.store.write() as writer:
        writer.reserve_name("address", "bo.li@example.org", "imported", world.clock.now())
    assert named(world, "p1", policy, "Bo", "Li").address == "bo.li2@example.org"


def test_what_stands_before_the_at_of_an_imported_address_is_no_new_user_name(world: World) -> None:
    world.import_municipality()
    assert named(world, "p1", NamingPolicy(("{given}_{family}",)), "Head", "North").username == "head_north2"


def test_who_is_employed_already_keeps_the_address_they_have(world: World) -> None:
    policy = NamingPolicy()
    with world.store.write() as writer:
        writer.reserve_name("address", "bo.li@example.org", "imported", world.clock.now())
    assert named(world, "imported", policy, "Bo", "Li", "Bo.Li@example.org").address == "bo.li@example.org"


def test_who_has_names_keeps_them(world: World) -> None:
    held = replace(Person("p1", Cpr(""), "Bo", "Li"), username="old", address="old@example.org")
    with world.store.write() as writer:
        assert with_names(held, NamingPolicy(), writer, world.clock.now()) == held
