"""Acting on many tasks at once: which kinds, only as they were shown, and what becomes of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idm.domain.authority_powers import AuthorityPolicy
from idm.domain.four_eyes import FourEyesRule
from idm.domain.journey import Source, TaskKind
from idm.domain.matching import EVERYBODY
from idm.domain.roles import REFUSE, Conflict
from idm.flow.act_many import DECISIONS, MOST, Chosen, Offer, act_many, confirm_many, offer
from idm.flow.delegation_life import revoke
from idm.flow.tasks import task
from tests import data
from tests.support.world import World


def offered(world: World, case: str, step: str = "confirm_rights") -> Offer:
    """What is offered of the open task of a step."""
    found = offer(world.app, task(world.app, world.task_of(case, step)))
    assert found is not None
    return found


def chosen(given: Offer) -> Chosen:
    return Chosen(given.task.id, given.mark)


@pytest.fixture
def cases(world: World) -> list[str]:
    """Two hires whose contacts are known."""
    world.delegate()
    return [world.hire("h1"), world.hire("h2", unit="school_south")]


def test_rights_are_confirmed_as_proposed_each_by_itself(world: World, cases: list[str]) -> None:
    offers = [offered(world, case) for case in cases]
    assert all(each.what and each.mark and not each.why_not for each in offers)

    outcomes = act_many(world.app, data.IT, [chosen(each) for each in offers])

    assert [each.done for each in outcomes] == [True, True]
    assert [world.states(case)["confirm_rights"] for case in cases] == ["done", "done"]
    assert set(world.case(cases[0]).roles) == set(offers[0].what)
    again = act_many(world.app, data.IT, [chosen(offers[0])])[0]
    assert (again.done, again.why_not) == (False, "it was answered already")


def test_what_shows_something_else_by_now_and_what_isnt_theirs_is_left_alone_and_the_rest_done(world: World, cases: list[str]) -> None:
    first, second = (offered(world, case) for case in cases)
    strange = Chosen("c-x.y.1", "m")

    stale, gone, done = act_many(world.app, data.IT, [Chosen(first.task.id, "another"), strange, chosen(second)])

    assert (stale.done, stale.why_not) == (False, "it has changed since it was shown")
    assert not gone.done and "no task" in gone.why_not
    assert done.done
    assert world.states(cases[0])["confirm_rights"] == "waiting"
    (refused,) = act_many(world.app, data.TEACHER, [chosen(first)])
    assert not refused.done and "does not hold" in refused.why_not and refused.next_step


def test_a_proposal_that_changes_changes_its_mark(world: World, cases: list[str]) -> None:
    shown = offered(world, cases[0])
    roles = world.app.policies.current().role_rules
    world.policies.edit(role_rules=roles[:0])

    (outcome,) = act_many(world.app, data.IT, [chosen(shown)])

    assert not outcome.done and "look" in outcome.why_not
    assert offered(world, cases[0]).why_not == "no role is proposed, so somebody must look"


def test_what_clashes_and_what_a_second_person_must_look_at_is_offered_with_the_reason_alone(world: World, cases: list[str]) -> None:
    roles = offered(world, cases[0]).what
    world.policies.edit(conflicts=(Conflict("apart", roles[:2], REFUSE),))
    clash = offered(world, cases[0])
    assert (clash.mark, clash.why_not) == ("", "roles clash, and somebody must say what becomes of them")
    (refused,) = act_many(world.app, data.IT, [chosen(clash)])
    assert not refused.done and world.states(cases[0])["confirm_rights"] == "waiting"

    eyes = FourEyesRule("rights", ("rights",), source=Source("authority.yaml", 7, "h"))
    world.policies.edit(conflicts=(), authority=AuthorityPolicy(four_eyes=(eyes,)))
    world.do(cases[0], "confirm_rights", data.IT, "confirm")
    second = offered(world, cases[0])
    assert (second.mark, second.why_not) == ("", "a second person must agree, and look at what was decided")


def test_documents_forms_and_words_of_ones_own_are_done_one_by_one(world: World, cases: list[str]) -> None:
    kinds = {row.kind: row for case in cases for row in world.store.tasks(case=case, state="open")}
    assert {"document", "rights"} <= set(kinds)

    for kind, row in kinds.items():
        assert (offer(world.app, row) is None) == (kind not in DECISIONS)
    (outcome,) = act_many(world.app, world.case(cases[0]).person, [Chosen(kinds["document"].id, "")])
    assert outcome.why_not == "tasks of this kind are done one by one"
    assert not {TaskKind.REVIEW, TaskKind.FORM, TaskKind.APPROVE, TaskKind.CONSENT, TaskKind.ASSESS, TaskKind.APPOINT} & set(DECISIONS)


def test_no_more_are_done_in_one_go_than_somebody_can_mean(world: World) -> None:
    outcomes = act_many(world.app, data.IT, [Chosen(f"c.{number}.1", "") for number in range(MOST + 1)])

    assert len(outcomes) == MOST + 1
    assert "only" in outcomes[-1].why_not


def test_delegations_are_confirmed_each_by_itself(world: World, cases: list[str]) -> None:
    pay, it = world.store.delegations()
    revoke(world.app, pay.id, revoker=data.DIRECTOR)

    over, fine = confirm_many(world.app, data.DIRECTOR, [pay.id, it.id, it.id])

    assert not over.done and "over" in over.why_not
    assert fine.done
    confirmed = world.store.delegation(it.id)
    assert confirmed is not None and confirmed.confirmed_by == data.DIRECTOR


def test_receipts_of_equipment_are_recorded_as_they_were_shown(world: World) -> None:
    world.policies.edit(equipment=replace(world.policies.current().equipment, ask=EVERYBODY))
    world.delegate()
    case = world.hire()
    laptop = {"item": "laptop", "quantity": 1, "account": "3.22.01-4010"}
    world.do(case, "equipment", data.IT, "order", values={"lines": [laptop]})
    if world.states(case)["approve_equipment"] == "waiting":
        world.do(case, "approve_equipment", data.HEAD_NORTH, "approve")
    world.work()

    shown = offered(world, case, "receive_equipment")
    (outcome,) = act_many(world.app, data.IT, [chosen(shown)])

    assert [what.partition(" × ")[0] for what in shown.what] == ["1"]
    assert outcome.done, outcome
    assert world.states(case)["receive_equipment"] == "done"
