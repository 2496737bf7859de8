from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from idm.domain import transitions
from idm.domain.case import Case
from idm.domain.hours import HOME
from idm.domain.journey import Graph
from idm.domain.notices import Audience, Notice, NoticeState
from idm.flow.changing import Note, change
from idm.flow.graphs import journey_of
from idm.flow.notices import tell
from idm.flow.own_data import give_anew
from tests import data
from tests.support.world import World
from tests.unit.flow.test_deadlines import move


def cancel(world: World, case: str) -> None:
    """The hire is cancelled, whoever did it."""

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        return transitions.cancel(before, journey_of(world.app, before), (), now), Note("test", "cancelled", {})

    change(world.app, case, mutate)


def slugs(world: World, case: str = "") -> list[str]:
    return sorted(notice.slug for notice in world.store.notices(case=case))


def newest(world: World, slug: str) -> Notice:
    return [notice for notice in world.store.notices() if notice.slug == slug][-1]


def test_a_new_hire_is_invited_and_then_asked_for_papers_in_one_mail(world: World) -> None:
    case = world.hire()
    assert slugs(world) == ["invitation"]
    world.appoint(case)
    assert slugs(world, case).count("documents_wanted") == 1
    wanted = newest(world, "documents_wanted")
    steps = ["personal_data", *(f"document-{kind}" for kind in world.case(case).documents)]
    tasks = wanted.context["tasks"]
    assert isinstance(tasks, list)
    assert sorted(tasks) == sorted(f"{case}.{step}.1" for step in steps)
    assert (wanted.audience, wanted.person) == (Audience.HIRE, world.case(case).person)


def test_a_form_of_their_own_is_asked_again_by_mail_unless_they_wished_it_themselves(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.tell_personal(case)
    give_anew(world.app, case, "personal", world.case(case).person)
    assert slugs(world, case).count("documents_wanted") == 1
    world.tell_personal(case)
    give_anew(world.app, case, "personal", data.PAY, "This account is closed.")
    told = [notice.context["tasks"] for notice in world.store.notices(case=case) if notice.slug == "documents_wanted"]
    assert len(told) == 2
    assert [f"{case}.personal_data.3"] in told


def test_a_returned_document_is_told_with_its_reason(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.hand_in(case)
    world.do(case, "review-contract", data.PAY, "return", "page 2 is missing")
    told = newest(world, "document_returned")
    assert told.context == {"task": f"{case}.document-contract.2", "document": "contract", "reason": "page 2 is missing"}
    assert slugs(world, case).count("documents_wanted") == 1


def test_a_moved_start_and_a_cancelled_hire_are_told_once(world: World) -> None:
    case = world.hire()
    move(world, case, "2027-02-01")
    cancel(world, case)
    assert slugs(world, case) == ["hire_cancelled", "invitation", "start_moved"]
    assert newest(world, "start_moved").context == {"old_start_date": "2027-01-04", "start_date": "2027-02-01"}


def test_a_replayed_event_invites_nobody_again(world: World) -> None:
    world.hire()
    world.hire()
    assert slugs(world) == ["invitation"]


def test_policy_may_leave_a_mail_out(world: World) -> None:
    policy = world.policies.current().deadlines
    world.policies.edit(deadlines=replace(policy, mail=replace(policy.mail, send=("hire_cancelled",))))
    case = world.hire()
    world.appoint(case)
    cancel(world, case)
    assert slugs(world) == ["hire_cancelled"]


def test_nothing_is_written_when_the_change_is_not(world: World) -> None:
    case = world.hire()
    with pytest.raises(RuntimeError), world.store.write() as writer:
        tell(world.app, writer, data.HEAD_NORTH, "managed", "x", case=case, context={"unit": "school_north"})
        raise RuntimeError
    assert slugs(world) == ["invitation"]


def test_at_night_a_notice_waits_for_the_morning(world: World) -> None:
    world.clock.set_day(date(2026, 11, 23), 23)
    world.hire()
    assert newest(world, "invitation").due_at == datetime(2026, 11, 24, 8, tzinfo=HOME).astimezone(UTC)


def test_the_same_news_is_told_once(world: World) -> None:
    for _ in range(2):
        with world.store.write() as writer:
            tell(world.app, writer, data.HEAD_NORTH, "managed", "school_north/2026-11-23", context={"unit": "school_north"})
    assert [notice.state for notice in world.store.notices(person=data.HEAD_NORTH)] == [NoticeState.NEWS]


def test_no_address_and_no_cpr_is_kept_in_a_notice(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    person = world.store.person(world.case(case).person)
    assert person is not None
    kept = repr(world.store.notices())
    assert person.private_email.reveal() not in kept
    assert person.cpr.reveal() not in kept
