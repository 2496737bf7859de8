from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import partial

import pytest

from idm.domain.authority import Authority
from idm.domain.case import Case
from idm.domain.people import Organisation, Person
from idm.errors import BadInput, Conflict, IdmError
from idm.flow.delegate import delegate
from idm.flow.depart import Word, cancel
from idm.flow.intake import Receipt, Taken, refused, take
from idm.ports import App
from idm.store.store import SqlStore
from idm.store.writer import SqlWriter
from tests import data
from tests.support.together import together
from tests.support.world import World


def case_of(app: App, receipt: Receipt) -> Case | None:
    """The case that a receipt names."""
    loaded = app.store.load(receipt.case)
    return loaded.case if loaded is not None else None


def count(world: World, table: str) -> int:
    with world.database.reading() as connection:
        return int(connection.exec_driver_sql(f"select count(*) from {table}").scalar_one())  # noqa: S608 - a table of the test's own


def rows(world: World) -> dict[str, int]:
    return {table: count(world, table) for table in ("events", "cases", "people", "employments", "names", "tasks", "audit")}


def test_an_event_becomes_a_person_an_employment_and_a_case(world: World) -> None:
    receipt = world.take("h1")
    case = case_of(world.app, receipt)

    assert receipt.outcome is Taken.CREATED and case is not None
    person, employment = world.store.person(case.person), world.store.employment(case.employment)
    assert person is not None and employment is not None
    hire = world.hire_of("h1")
    assert (person.cpr, person.given_name, person.private_email) == (hire.cpr, hire.given_name, hire.private_email)
    assert person.username and person.address.endswith("@example.org")
    assert (employment.unit, employment.position, employment.start_date, employment.weekly_hours, employment.case) == (
        "school_north",
        "teacher",
        date(2027, 1, 4),
        "37",
        case.id,
    )
    papers = [(paper.kind, paper.reviewer) for paper in case.wanted]
    assert papers == [("contract", "pay"), ("diploma", "pay"), ("seniority_proof", "pay"), ("child_protection", "manager")]
    assert world.actions(case.id) == ["hire-taken"]
    assert [task.step for task in world.store.tasks(state="open")] == ["appoint"]


def test_a_replay_answers_the_same_case_and_writes_nothing(world: World) -> None:
    first = world.take("h1")
    before = rows(world)
    again = world.take("h1")

    assert (again.outcome, again.case) == (Taken.REPLAYED, first.case)
    assert rows(world) == before
    assert world.take("h2").case != first.case


def test_the_same_id_with_other_content_is_refused(world: World) -> None:
    first = world.take("h1")
    before = rows(world)
    with pytest.raises(Conflict, match="other content") as refusal:
        world.take("h1", position="nurse")

    assert refusal.value.faults[0].rule == "same-id-other-content"
    assert first.case in refusal.value.faults[0].message
    assert rows(world) == before


def test_the_same_id_from_another_source_is_another_event(world: World) -> None:
    assert world.take("h1").case != world.take("h1", source="/hr/other", cpr=data.cpr(7777)).case


def test_an_event_that_names_what_is_not_there_is_refused_with_every_fault(world: World) -> None:
    before = rows(world)
    with pytest.raises(BadInput) as refusal:
        world.take("h1", unit="nowhere", position="astronaut", manager="nobody")

    assert [(fault.path, fault.rule) for fault in refusal.value.faults] == [
        ("data.employment.unit", "unknown-unit"),
        ("data.employment.position", "unknown-position"),
        ("data.employment.manager", "unknown-person"),
    ]
    assert rows(world) == before
    with pytest.raises(BadInput, match="No journey"):
        take(world.app, replace(world.hire_of("h1"), type="dk.idm.leave"))


def test_one_event_in_eight_threads_is_one_case(world: World) -> None:
    answers = together([lambda: world.take("h1")] * 8)

    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    assert len(receipts) == 8, answers
    assert len({receipt.case for receipt in receipts}) == 1
    assert sorted(receipt.outcome for receipt in receipts) == ["created"] + ["replayed"] * 7
    assert (count(world, "cases"), count(world, "events"), count(world, "people")) == (1, 1, 7)


def test_namesakes_at_the_same_time_get_different_names(world: World) -> None:
    names = {"given_name": "Åse", "family_name": "Bæk"}
    answers = together([partial(world.take, f"h{number}", **names) for number in range(6)])

    cases = [case_of(world.app, answer) for answer in answers if isinstance(answer, Receipt)]
    people = [world.store.person(case.person) for case in cases if case is not None]
    assert sorted(person.username for person in people if person) == ["aasbae", *(f"aasbae{number}" for number in range(2, 7))]
    assert len({person.address for person in people if person}) == 6


def test_two_events_about_one_new_person_at_the_same_time_make_one_person(world: World) -> None:
    answers = together(
        [
            lambda: world.take("a", cpr=data.cpr(500), position="teacher"),
            lambda: world.take("b", cpr=data.cpr(500), position="substitute_teacher"),
        ]
    )

    cases = [case_of(world.app, answer) for answer in answers if isinstance(answer, Receipt)]
    assert len(cases) == 2, answers
    assert len({case.person for case in cases if case}) == 1
    assert count(world, "people") == 7


def test_a_second_employment_keeps_the_names_and_takes_newer_ways_to_reach_them(world: World) -> None:
    first = case_of(world.app, world.take("h1", cpr=data.cpr(500)))
    assert first is not None
    known = world.store.person(first.person)
    world.take("h2", cpr=data.cpr(500), position="nurse", given_name="Ny", family_name="Navn", private_email="new@example.net")
    person = world.store.person(first.person)

    assert known is not None and person is not None
    assert (person.username, person.address, person.cpr) == (known.username, known.address, known.cpr)
    assert (person.full_name, person.private_email) == ("Ny Navn", "new@example.net")


def test_the_same_hire_from_another_source_is_refused_until_the_first_is_cancelled(world: World) -> None:
    from idm.flow.depart import Word, cancel

    case = world.hire("h1", cpr=data.cpr(500))
    with pytest.raises(Conflict, match="already") as refusal:
        world.take("h2", cpr=data.cpr(500))
    assert case in refusal.value.next_step
    assert world.take("h3", cpr=data.cpr(500), start="2027-02-01").outcome is Taken.CREATED

    cancel(world.app, case, Word(reason="changed her mind"))
    assert world.take("h2", cpr=data.cpr(500)).outcome is Taken.CREATED


def test_a_known_employees_own_employment_is_not_hired_again(world: World) -> None:
    with pytest.raises(Conflict) as refusal:
        world.take("h1", cpr=data.cpr(6), start="2015-08-01")
    assert refusal.value.next_step == "See the organisation."


def test_standing_delegations_of_both_authorities_appoint_by_themselves(world: World) -> None:
    delegate(world.app, Authority.PAY, "town", [data.PAY])
    assert world.states(world.hire("h1"))["appoint"] == "waiting"
    delegate(world.app, Authority.IT, "school_north", [data.IT])
    case = world.case(world.hire("h2"))

    assert case.steps["appoint"].state == "done"
    assert (case.approvals["appoint"].by, case.approvals["appoint"].authority) == (data.DIRECTOR, "manager")
    assert len(case.approvals["appoint"].delegation.split(",")) == 2
    assert {run.lane for run in (world.store.load(case.id) or pytest.fail()).runs.values() if run.state == "ready"} == {
        "ldap",
        "erp",
        "mailbox",
    }


def test_a_delegation_to_the_hire_or_out_of_time_appoints_nobody(world: World) -> None:
    delegate(world.app, Authority.PAY, "town", [data.PAY], until=date(2026, 11, 22), since=date(2026, 11, 1))
    delegate(world.app, Authority.IT, "town", [data.IT])
    assert world.states(world.hire("h1"))["appoint"] == "waiting"
    delegate(world.app, Authority.PAY, "town", [data.TEACHER])
    assert world.states(world.hire("h2", cpr=data.cpr(6), position="nurse"))["appoint"] == "waiting"
    assert world.states(world.hire("h3"))["appoint"] == "done"


def test_delegations_by_the_person_hired_do_not_approve_their_own_hire(world: World) -> None:
    """The head of a school takes a second post there: what she delegated herself vouches for nobody's hire but others'."""
    for authority, person in ((Authority.PAY, data.PAY), (Authority.IT, data.IT)):
        delegate(world.app, authority, "school_north", [person])
    case = world.case(world.hire("h1", cpr=data.cpr(2), position="teacher"))

    assert case.person == data.HEAD_NORTH
    assert case.steps["appoint"].state == "waiting"


def test_the_text_of_the_journey_is_kept_for_the_case_that_pinned_it(world: World) -> None:
    case = world.case(world.hire("h1"))
    kept = world.store.policy_text(case.journey_hash)

    assert kept is not None
    assert kept[0] == "journeys/hire.yaml"
    assert "dk.idm.hire" in kept[1]
    assert world.store.policy_text("nothing") is None


def test_a_refused_event_has_a_receipt_too() -> None:
    error = BadInput("Wrong.", faults=[])
    receipt = refused("/hr", "h1", error)

    assert receipt.as_json() == {"source": "/hr", "id": "h1", "outcome": "refused", "case": None, "faults": [], "reason": "Wrong."}
    assert isinstance(error, IdmError)


def test_one_event_taken_between_two_looks_of_another_process_is_a_replay(world: World) -> None:
    """Another process takes the very event after this one looked for it: it is the same hire, and no conflict."""
    organisation = world.store.organisation
    taken: list[str] = []

    class Late(SqlStore):
        """The store of a process that is overtaken while it reads the organisation."""

        def organisation(self) -> Organisation:
            taken.append(world.hire("h1"))
            return organisation()

    late = Late(world.database, world.keys.decrypt)
    receipt = take(replace(world.app, store=late), world.hire_of("h1"))
    assert (receipt.outcome, [receipt.case]) == (Taken.REPLAYED, taken)


def test_a_person_who_keeps_changing_is_said_and_nothing_is_taken(world: World) -> None:
    class Blind(SqlStore):
        """The store of a process that always sees the person just before somebody else writes them."""

        def person_by_cpr(self, cpr_index: str) -> Person | None:
            return None

    before = rows(world)
    with pytest.raises(Conflict, match="keeps changing"):
        take(replace(world.app, store=Blind(world.database, world.keys.decrypt)), world.hire_of("h1", cpr=data.cpr(6)))
    assert rows(world) == before


def test_the_hundredth_of_a_name_is_numbered_without_trying_the_ones_before(world: World) -> None:
    tried: list[str] = []
    real = SqlWriter.reserve_name

    def counted(self: SqlWriter, kind: str, name: str, person: str, at: datetime) -> None:
        tried.append(name)
        real(self, kind, name, person, at)

    names = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqlWriter, "reserve_name", counted)
        for number in range(40):
            case = world.hire(f"h{number}", given_name="Bo", family_name="Berg")
            person = world.store.person(world.case(case).person)
            assert person is not None
            names.append(person.username)
    assert len(set(names)) == 40
    assert names[-1].endswith("40")
    assert len(tried) <= 40 * 4, "each new hire tries the bare name and one number, for user name and address"


def test_the_replay_of_a_cancelled_hire_says_so(world: World) -> None:
    case = world.hire("h1")
    assert world.take("h1").as_json()["reason"] == ""
    cancel(world.app, case, Word(reason="took another position"))

    receipt = world.take("h1")

    assert (receipt.outcome, receipt.case) == (Taken.REPLAYED, case)
    assert "new id" in receipt.as_json()["reason"]
