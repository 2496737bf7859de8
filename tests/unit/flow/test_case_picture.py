"""The picture of a case: whose each step is, where it is, what it waits for, and who may know why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from idm.connector import Refused, Retry
from idm.domain.picture import Mark, Next, Node, Picture, Whose
from idm.flow.case_picture import Looker, case_picture
from idm.flow.depart import Word, cancel
from idm.flow.relations import relations_of
from idm.flow.waiting import wait
from tests import data
from tests.support.queries import statements
from tests.support.world import World


@pytest.fixture
def case(world: World) -> str:
    case = world.hire()
    world.appoint(case)
    return case


def picture(world: World, case: str, person: str = data.HEAD_NORTH, language: str = "en") -> Picture:
    known = world.case(case)
    return case_picture(world.app, known, language, Looker(person, relations_of(world.app, person, known)))


def nodes(world: World, case: str, person: str = data.HEAD_NORTH, language: str = "en") -> dict[str, Node]:
    return {node.id: node for node in picture(world, case, person, language).nodes}


def test_every_step_stands_in_the_lane_of_whose_it_is(world: World, case: str) -> None:
    lanes = {id: node.whose for id, node in nodes(world, case).items()}

    assert (lanes["appoint"], lanes["document-contract"], lanes["review-contract"]) == (Whose.MANAGER, Whose.HIRE, Whose.PAY)
    assert (lanes["confirm_rights"], lanes["payroll_control"], lanes["record"]) == (Whose.IT, Whose.CONTROL, Whose.SYSTEMS)
    assert lanes["opening"] is Whose.DATES


def test_steps_are_called_as_people_call_them_in_both_languages(world: World, case: str) -> None:
    danish, english = nodes(world, case, language="da"), nodes(world, case)

    assert danish["document-contract"].title == "Aflever underskrevet ansættelseskontrakt"
    assert english["document-contract"].title == "Hand in signed contract of employment"
    assert (danish["account"].title, danish["account"].system) == ("Opret konto", "Brugerkataloget")
    assert (english["opening"].title, danish["opening"].title) == ("Start date", "Startdato")
    assert not [node.title for node in danish.values() if "_" in node.title or "{" in node.title or not node.title[:1].isupper()]


def test_a_step_that_waits_for_people_says_for_whom_why_they_and_until_when(world: World, case: str) -> None:
    found = nodes(world, case)["document-contract"]
    hired = world.case(case).person

    assert (found.mark, found.next, [waiter.person for waiter in found.waits_for]) == (Mark.WAITING, Next.WAIT, [hired])
    assert found.due is not None and found.task == f"{case}.document-contract.1"
    assert " " in found.waits_for[0].name
    world.hand_in(case)
    review = nodes(world, case)["review-contract"]
    (waiter,) = review.waits_for
    assert (waiter.person, waiter.name, waiter.holder.authority, waiter.granter) == (data.PAY, "Pia Lønholm", "pay", "Nanna Nord")


def test_what_waits_for_the_viewer_is_theirs_to_do_and_stands_first(world: World, case: str) -> None:
    world.hand_in(case)

    seen = picture(world, case, data.PAY)
    assert [node.id for node in seen.now if node.next is Next.ACT] == ["review-contract"] == [seen.now[0].id]
    assert [node.id for node in picture(world, case, data.IT).now if node.next is Next.ACT] == ["confirm_rights"]


def test_what_failed_says_why_and_what_is_put_off_when_it_is_tried_again(world: World, case: str) -> None:
    world.targets["erp"].trouble(Refused("no such cost centre"))
    world.targets["mailbox"].trouble(Retry("busy", after=60, down=False))
    world.work()
    found = picture(world, case)
    by_id = {node.id: node for node in found.nodes}

    assert (by_id["profile"].mark, by_id["profile"].next, by_id["profile"].reason) == (Mark.FAILED, Next.LOOK, "no such cost centre")
    assert (by_id["mailbox"].mark, by_id["mailbox"].next, by_id["mailbox"].reason) == (Mark.WAITING, Next.AGAIN, "busy")
    assert by_id["mailbox"].until is not None and by_id["mailbox"].attempts == 1
    assert found.now[0].id == "profile"


def test_what_is_to_come_says_after_what(world: World, case: str) -> None:
    found = nodes(world, case)["payroll_form"]

    assert found.mark is Mark.TO_COME
    assert "Review signed contract of employment" in found.after
    assert "Hand in signed contract of employment" not in found.after


def test_what_this_hire_does_not_ask_for_is_listed_but_not_drawn(world: World, case: str) -> None:
    seen = picture(world, case)

    assert {"approve_whole", "payroll_control"} <= {node.id for node in seen.marked(Mark.PASSED)}
    assert "approve_whole" not in {node.id for fold in seen.folds for node in fold.nodes}
    assert seen.far.asked == len(seen.nodes) - len(seen.marked(Mark.PASSED))


def test_what_systems_have_done_is_folded_and_every_step_that_is_asked_is_drawn_once(world: World, case: str) -> None:
    world.work()
    seen = picture(world, case)
    drawn = [node.id for fold in seen.folds for node in fold.nodes]

    assert ("account", "profile", "mailbox") in [tuple(node.id for node in fold.nodes) for fold in seen.folds]
    assert sorted(drawn) == sorted(node.id for node in seen.nodes if node.mark is not Mark.PASSED)
    ids = [fold.id for fold in seen.folds]
    assert all(ids.index(need) < ids.index(fold.id) for fold in seen.folds for need in fold.needs)


def test_a_complete_hire_has_nothing_left_and_says_who_did_what(world: World) -> None:
    case = world.whole_hire()
    seen = picture(world, case)

    assert seen.now == () and seen.ahead == ()
    assert seen.far.done == seen.far.asked
    assert {node.id: node.by for node in seen.nodes}["payroll_form"] == "Pia Lønholm"
    assert not [node for node in seen.nodes if node.risk]


def test_a_cancelled_hire_shows_what_was_withdrawn(world: World, case: str) -> None:
    world.work()
    cancel(world.app, case, Word(administrator="admin", reason="changed their mind"))
    world.work()
    seen = picture(world, case)

    assert {node.id for node in seen.marked(Mark.WITHDRAWN)} >= {"payroll_form", "confirm_rights"}
    assert seen.ahead == ()


def test_the_steps_that_decide_the_first_day_are_marked(world: World, case: str) -> None:
    found = nodes(world, case)

    assert found["open_account"].day_one and found["confirm_rights"].day_one and found["appoint"].day_one
    assert not found["record"].day_one
    assert not [node.id for node in found.values() if node.risk]
    world.targets["ldap"].trouble(Refused("no such place"))
    world.work()
    assert [node.id for node in nodes(world, case).values() if node.risk] == ["account"]


def test_waiting_with_good_reason_and_lateness_are_told(world: World, case: str) -> None:
    until = world.clock.today() + timedelta(days=3)
    reason = next(id for id, each in world.app.policies.current().waiting.items() if "manager" in each.who)
    wait(world.app, case, reason, until, data.HEAD_NORTH)
    assert nodes(world, case)["document-contract"].paused == until

    world.clock.set_day(date.fromisoformat(data.START))
    late = nodes(world, case)["confirm_rights"]
    assert late.late > 0 and late.paused is None


def test_days_ahead_come_in_order_and_end_with_the_start(world: World, case: str) -> None:
    ahead = picture(world, case).ahead

    assert [each.day for each in ahead] == sorted(each.day for each in ahead)
    assert [(each.day.isoformat(), each.what) for each in ahead if each.what == "start"] == [(data.START, "start")]
    assert "Hand in signed contract of employment" in [each.title for each in ahead if each.what == "due"]


def test_why_the_pay_stands_still_is_told_to_those_who_may_see_the_pay(world: World, case: str) -> None:
    world.people_act(case)
    world.targets["payroll"].trouble(Refused("salary step 99 is unknown"))
    world.work()

    for person, reason, hidden in (
        (data.PAY, "salary step 99 is unknown", False),
        (data.HEAD_NORTH, "", True),
        (data.IT, "", True),
        (data.DIRECTOR, "", True),
    ):
        record = nodes(world, case, person)["record"]
        assert (record.mark, record.reason, record.hidden) == (Mark.FAILED, reason, hidden), person


def test_who_may_not_know_which_papers_are_wanted_reads_of_no_title_and_no_reason(world: World, case: str) -> None:
    world.hand_in(case)
    world.do(case, "review-contract", data.PAY, "return", "the signature is missing")

    manager, it = nodes(world, case)["document-contract"], nodes(world, case, data.IT)["document-contract"]
    assert (manager.title, manager.reason, manager.hidden) == (
        "Hand in signed contract of employment",
        "the signature is missing",
        False,
    )
    assert (it.title, it.reason, it.hidden) == ("Hand in a document", "", True)
    danish = nodes(world, case, data.IT, "da")
    assert danish["consent-child_protection"].title == "Giv samtykke til en attest"
    texts = [each.title for each in picture(world, case, data.IT).ahead] + [node.title for node in nodes(world, case, data.IT).values()]
    assert not [text for text in texts if "contract" in text or "protection" in text.lower()]


def test_the_questions_to_the_database_are_the_same_for_a_new_hire_and_one_on_its_way(world: World, case: str, lasting: None) -> None:
    known = world.case(case)
    looker = Looker(data.HEAD_NORTH, relations_of(world.app, data.HEAD_NORTH, known))
    with statements(world.database) as new:
        case_picture(world.app, known, "da", looker)
    world.all_documents(case)
    world.work()
    known = world.case(case)
    with statements(world.database) as later:
        case_picture(world.app, known, "da", looker)

    assert len(new) == len(later) <= 12
