"""What somebody is to a case and to the house, on any ground; who isn't there is nothing; and the questions are counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event

from idm.domain.access_policy import AccessPolicy
from idm.domain.access_rules import Act, Relation
from idm.domain.authority import Authority
from idm.domain.authority_powers import AuthorityPolicy, Backup, Team
from idm.domain.journey import Actor
from idm.domain.sessions import Session, SessionKind, new_session
from idm.errors import NotFound
from idm.flow.access import take_access
from idm.flow.delegate import delegate
from idm.flow.delegation_life import revoke
from idm.flow.depart import Word, cancel
from idm.flow.relations import demand, demand_task, global_relations, relations_of
from idm.flow.substitute import Absence, substitute
from tests import data
from tests.support.world import World

HIRE, IN_CHARGE, MANAGER, PAY, IT, CONTROL, DECIDED = (
    Relation.HIRE,
    Relation.IN_CHARGE,
    Relation.MANAGER,
    Relation.PAY,
    Relation.IT,
    Relation.CONTROL,
    Relation.DECIDED,
)


@pytest.fixture
def case(world: World) -> str:
    case = world.hire()
    world.appoint(case)
    return case


def are(world: World, case: str, person: str, session: Session | None = None) -> set[Relation]:
    return set(relations_of(world.app, person, world.case(case), session=session))


def signed_in(world: World, person: str, kind: SessionKind = SessionKind.STAFF, case: str = "") -> Session:
    return new_session("w-1", person, kind, case, world.clock.machine())


def test_each_is_what_they_are_to_the_case(world: World, case: str) -> None:
    assert are(world, case, world.case(case).person) == {HIRE}
    assert are(world, case, data.HEAD_NORTH) == {IN_CHARGE, MANAGER, DECIDED}
    assert are(world, case, data.DIRECTOR) == {MANAGER}
    assert are(world, case, data.PAY) == {PAY}
    assert are(world, case, data.IT) == {IT}
    assert are(world, case, data.HEAD_SOUTH) == are(world, case, data.TEACHER) == are(world, case, "nobody") == set()


def test_the_manager_whom_the_event_named_is_in_charge_and_the_units_own_still_sees_it(world: World) -> None:
    case = world.hire(manager=data.HEAD_SOUTH)

    assert are(world, case, data.HEAD_SOUTH) == {IN_CHARGE, MANAGER}
    assert are(world, case, data.HEAD_NORTH) == {MANAGER}


def test_a_substitute_is_what_they_stand_in_for_as_long_as_they_do(world: World, case: str) -> None:
    substitute(world.app, Absence(data.HEAD_NORTH, data.TEACHER, until=world.clock.today()))
    substitute(world.app, Absence(data.PAY, data.HEAD_SOUTH, authorities=("pay",), until=world.clock.today()))

    assert are(world, case, data.TEACHER) == {IN_CHARGE, MANAGER}
    assert are(world, case, data.HEAD_SOUTH) == {PAY}
    assert are(world, case, data.PAY) == {PAY}, "who is away may still act"
    world.clock.set_day(date(2026, 12, 24))
    assert are(world, case, data.TEACHER) == are(world, case, data.HEAD_SOUTH) == set()


def test_a_substitute_of_a_manager_above_sees_it_too(world: World, case: str) -> None:
    substitute(world.app, Absence(data.DIRECTOR, data.TEACHER))

    assert are(world, case, data.TEACHER) == {MANAGER}


def test_a_member_of_a_team_and_a_back_up_hold_the_power_when_it_is_theirs(world: World) -> None:
    world.policies.edit(
        authority=AuthorityPolicy(
            (Backup("it", "it", (data.HEAD_SOUTH,)), Backup("managers", "manager", (data.HEAD_SOUTH,))),
            {"office": Team("office", {}, (data.PAY, data.TEACHER), "office@example.org")},
        )
    )
    case = world.hire()
    delegate(world.app, Authority.PAY, "town", ["team:office"])

    assert are(world, case, data.PAY) == are(world, case, data.TEACHER) == {PAY}
    assert are(world, case, data.HEAD_SOUTH) == {IT}, "the manager is there, so the managers' back-up is nothing to the case"


def test_payroll_control_is_so_by_its_delegation(world: World, case: str) -> None:
    delegate(world.app, Authority.CONTROL, "town", [data.TEACHER])

    assert are(world, case, data.TEACHER) == {CONTROL}


def test_who_is_asked_on_escalation_holds_the_power_too(world: World) -> None:
    world.delegate()
    case = world.hire()
    task = next(each for each in world.store.tasks(case=case, state="open") if each.actor.value == "it")
    delegate(world.app, Authority.IT, "school_north", [data.TEACHER], granter=data.HEAD_NORTH)
    assert are(world, case, data.IT) == set()

    world.sql("update tasks set escalated = 1 where id = :id", id=task.id)

    assert are(world, case, data.IT) == are(world, case, data.TEACHER) == {IT}


def test_a_manager_above_to_whom_a_task_came_up_is_in_charge_of_that_task_alone(world: World) -> None:
    case = world.hire()
    task = world.task_of(case, "appoint")
    with pytest.raises(NotFound):
        demand_task(world.app, data.DIRECTOR, Act.DO_TASK, task)
    world.sql("update tasks set escalated = 1 where id = :id", id=task)

    assert demand_task(world.app, data.DIRECTOR, Act.DO_TASK, task)[0].relations == {IN_CHARGE, MANAGER}
    assert are(world, case, data.DIRECTOR) == {MANAGER}
    for act in (Act.MOVE_HIRE, Act.CANCEL_HIRE, Act.WRITE_COMMENT):
        with pytest.raises(NotFound):
            demand(world.app, data.DIRECTOR, act, case)


def test_a_paper_is_read_by_the_manager_above_to_whom_its_review_came_up(world: World) -> None:
    documents = world.app.policies.current().documents
    world.policies.edit(documents={**documents, "contract": replace(documents["contract"], reviewer=Actor.MANAGER)})
    case = world.hire()
    world.appoint(case)
    world.hand_in(case)
    task = world.task_of(case, "review-contract")
    with pytest.raises(NotFound):
        demand(world.app, data.DIRECTOR, Act.READ_DOCUMENT, case, kind="contract")
    world.sql("update tasks set escalated = 1 where id = :id", id=task)

    demand(world.app, data.DIRECTOR, Act.READ_DOCUMENT, case, kind="contract")
    with pytest.raises(NotFound):
        demand(world.app, data.DIRECTOR, Act.READ_DOCUMENT, case, kind="diploma")


def test_a_power_that_has_ended_is_none_and_a_decision_stays_seen(world: World) -> None:
    world.delegate()
    case = world.hire()
    world.confirm_rights(case)
    for each in world.store.delegations():
        revoke(world.app, each.id)

    assert are(world, case, data.IT) == {DECIDED}
    assert are(world, case, data.PAY) == set()


def test_who_decided_sees_that_task_and_no_other(world: World) -> None:
    world.delegate()
    case = world.hire()
    rights = world.task_of(case, "confirm_rights")
    other = next(each.id for each in world.store.tasks(case=case, state="open") if each.id != rights)
    world.confirm_rights(case)
    for each in world.store.delegations():
        revoke(world.app, each.id)

    admitted, row = demand_task(world.app, data.IT, Act.SEE_TASK, rights)
    assert (admitted.case.id, row.id, set(admitted.relations)) == (case, rights, {DECIDED})
    for act, task in ((Act.SEE_TASK, other), (Act.DO_TASK, rights)):
        with pytest.raises(NotFound):
            demand_task(world.app, data.IT, act, task)


def test_in_their_own_hire_nobody_is_anything_but_the_person_hired(world: World) -> None:
    case = world.hire()
    hired = world.case(case).person
    world.sql("update units set manager = :hired where id = 'schools'", hired=hired)
    delegate(world.app, Authority.PAY, "town", [hired])
    substitute(world.app, Absence(data.HEAD_NORTH, hired))
    world.policies.edit(access=AccessPolicy((hired,), (hired,)))

    assert are(world, case, hired) == {HIRE}
    assert are(world, case, hired, signed_in(world, hired)) == {HIRE}


def test_nobody_is_anything_by_the_word_of_the_person_hired(world: World) -> None:
    case = world.hire()
    hired = world.case(case).person
    world.sql("update units set manager = :hired where id = 'school_north'", hired=hired)
    substitute(world.app, Absence(hired, data.TEACHER))

    assert are(world, case, data.TEACHER) == set()


def test_who_has_left_or_has_no_access_is_nothing(world: World, case: str) -> None:
    world.policies.edit(access=AccessPolicy(auditors=(data.TEACHER,)))
    assert are(world, case, data.TEACHER) == {Relation.AUDITOR}
    world.sql("update employments set end_date = '2026-01-31' where person_id = :id", id=data.TEACHER)
    take_access(world.app, data.PAY, "gone", "root")

    assert are(world, case, data.TEACHER) == are(world, case, data.PAY) == set()
    assert global_relations(world.app, data.TEACHER) == set()


def test_a_new_hires_session_opens_their_own_case_and_nothing_else(world: World, case: str) -> None:
    hired, other = world.case(case).person, world.hire("h2")
    mine = signed_in(world, hired, SessionKind.HIRE, case)

    assert are(world, case, hired, mine) == {HIRE}
    assert are(world, other, world.case(other).person, mine) == set(), "the session of somebody else"
    assert are(world, case, hired, signed_in(world, hired, SessionKind.HIRE, other)) == set(), "a session for another case"
    assert are(world, case, data.PAY, signed_in(world, data.PAY, SessionKind.HIRE, case)) == set()
    assert are(world, case, data.PAY, mine) == set()
    assert global_relations(world.app, hired, session=mine) == set()


def test_what_is_not_yours_is_not_there_in_the_very_same_words(world: World, case: str) -> None:
    assert demand(world.app, data.PAY, Act.SEE_CASE, case).case.id == case
    with pytest.raises(NotFound) as refused:
        demand(world.app, data.HEAD_SOUTH, Act.SEE_CASE, case)
    with pytest.raises(NotFound) as absent:
        demand(world.app, data.HEAD_SOUTH, Act.SEE_CASE, "c-0")
    assert refused.value.message.replace(case, "c-0") == absent.value.message
    assert refused.value.next_step == absent.value.next_step

    task = world.store.tasks(case=case, state="open")[0].id
    with pytest.raises(NotFound) as refused:
        demand_task(world.app, data.HEAD_SOUTH, Act.SEE_TASK, task)
    with pytest.raises(NotFound) as absent:
        demand_task(world.app, data.HEAD_SOUTH, Act.SEE_TASK, "t-0")
    assert refused.value.message.replace(task, "t-0") == absent.value.message


def test_a_paper_is_read_by_who_reviews_that_kind(world: World, case: str) -> None:
    hired = world.case(case).person
    for person, act in ((hired, Act.ADD_DOCUMENT), (hired, Act.READ_DOCUMENT), (data.PAY, Act.READ_DOCUMENT)):
        demand(world.app, person, act, case, kind="contract")
    for person, act in ((data.IT, Act.READ_DOCUMENT), (data.HEAD_NORTH, Act.READ_DOCUMENT), (data.PAY, Act.ADD_DOCUMENT)):
        with pytest.raises(NotFound):
            demand(world.app, person, act, case, kind="contract")
    with pytest.raises(NotFound):
        demand(world.app, hired, Act.READ_DOCUMENT, case, kind="no_such_kind")


def test_of_a_cancelled_hire_the_person_hired_reads_the_receipt_only(world: World, case: str) -> None:
    hired = world.case(case).person
    demand(world.app, hired, Act.SEE_CHECKLIST, case)
    cancel(world.app, case, Word(reason="withdrew"))

    demand(world.app, hired, Act.SEE_RECEIPT, case)
    with pytest.raises(NotFound):
        demand(world.app, hired, Act.SEE_CHECKLIST, case)


def test_the_house_knows_managers_payroll_staff_and_auditors(world: World) -> None:
    world.policies.edit(access=AccessPolicy((data.PAY,), (data.TEACHER,)))

    assert global_relations(world.app, data.HEAD_NORTH) == {MANAGER, Relation.STARTER}
    assert global_relations(world.app, data.PAY) == {Relation.PAYROLL_STAFF}
    assert global_relations(world.app, data.TEACHER) == {Relation.AUDITOR}
    assert global_relations(world.app, data.IT) == global_relations(world.app, "nobody") == set()


def test_the_questions_to_the_database_are_the_same_for_a_long_case(world: World) -> None:
    world.delegate()
    young, old = world.hire("h1"), world.whole_hire("h2")
    for number in range(30):
        world.sql(
            "insert into units (id, name, parent, manager) values (:id, 'Class', 'school_north', :head)",
            id=f"u{number}",
            head=data.HEAD_NORTH,
        )
    statements: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    counts: dict[tuple[str, str], int] = {}
    for case in (young, old):
        loaded = world.case(case)
        for person in (data.HEAD_NORTH, data.DIRECTOR, data.PAY, data.HEAD_SOUTH):
            statements.clear()
            relations_of(world.app, person, loaded)
            counts[case, person] = sum("select" in each.lower() for each in statements)
    assert len(set(counts.values())) == 1, counts
    assert max(counts.values()) < 10
