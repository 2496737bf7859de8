"""The page of a case: what each sees of it, and nothing that isn't theirs."""

from __future__ import annotations

from datetime import date

import pytest

from idm.connector import Refused
from idm.domain.access_rules import Act
from idm.flow.case_page import CasePage, PaperShown, case_page
from idm.flow.comments import add_comment
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


def page(world: World, case: str, person: str = data.HEAD_NORTH, language: str = "en") -> CasePage:
    known = world.case(case)
    return case_page(world.app, known, person, relations_of(world.app, person, known), language)


def papers(world: World, case: str, person: str) -> dict[str, PaperShown]:
    return {paper.kind: paper for paper in page(world, case, person).papers}


def test_the_head_says_who_where_as_what_and_from_when(world: World, case: str) -> None:
    head = page(world, case).head

    assert (head.position, head.unit, head.start, head.manager) == ("Lærer", "Nordskolen", date.fromisoformat(data.START), "Nanna Nord")
    assert " " in head.name and head.end is None and not head.short_notice


def test_papers_are_seen_by_whose_matter_they_are_and_opened_by_who_reviews_them(world: World, case: str) -> None:
    document = world.hand_in(case)
    world.do(case, "review-contract", data.PAY, "return", "the signature is missing")

    assert {*papers(world, case, data.HEAD_NORTH)} == {*data.DOCUMENTS, "child_protection"}
    assert {*papers(world, case, data.IT)} == set()
    for person, opens in ((data.PAY, document), (data.HEAD_NORTH, "")):
        contract = papers(world, case, person)["contract"]
        assert (contract.state, contract.reason, contract.document) == ("returned", "the signature is missing", opens), person
    assert papers(world, case, data.HEAD_NORTH)["contract"].name == ""
    check = papers(world, case, data.HEAD_NORTH)["child_protection"]
    assert (check.check, check.state, check.step, check.blocks_start) == (True, "waiting", "Consent to child protection certificate", True)


def test_a_paper_that_is_accepted_keeps_nothing_waiting(world: World, case: str) -> None:
    world.hand_in(case)
    assert not papers(world, case, data.PAY)["contract"].settled
    world.accept(case, "contract")
    assert papers(world, case, data.PAY)["contract"].settled


def test_rights_are_seen_by_manager_and_it_with_the_rule_that_gave_them(world: World, case: str) -> None:
    assert page(world, case).rights == ()
    world.confirm_rights(case)

    assert page(world, case, data.PAY).rights is None
    for person in (data.HEAD_NORTH, data.IT):
        rights = page(world, case, person).rights
        assert rights is not None
        assert {right.title: right.rule for right in rights}["Teaching"] == "teachers"


def test_comments_are_read_by_who_takes_part(world: World, case: str) -> None:
    add_comment(world.app, case, data.PAY, "The seniority is still missing.")

    (comment,) = page(world, case, data.PAY).comments or ()
    assert (comment.by, comment.mine, comment.to_hire, comment.text) == ("Pia Lønholm", True, False, "The seniority is still missing.")
    assert [each.mine for each in page(world, case).comments or ()] == [False]
    assert page(world, case, data.DIRECTOR).comments is None


def test_a_page_leads_on_only_to_what_one_may_do(world: World, case: str) -> None:
    assert page(world, case).may >= {Act.MOVE_HIRE, Act.CANCEL_HIRE, Act.WRITE_COMMENT, Act.SEE_STORY}
    assert page(world, case, data.DIRECTOR).may & {Act.MOVE_HIRE, Act.CANCEL_HIRE, Act.WRITE_COMMENT} == frozenset()
    assert Act.SEE_STORY not in page(world, case, data.IT).may


def test_the_first_day_is_safe_at_risk_missed_or_met(world: World, case: str) -> None:
    def day_one() -> tuple[str, list[str]]:
        found = page(world, case).day_one
        assert found is not None
        return found.how, [node.id for node in found.because]

    assert day_one() == ("safe", [])
    world.targets["mailbox"].trouble(Refused("no licence left"))
    world.work()
    assert day_one() == ("at_risk", ["mailbox"])
    world.clock.set_day(date(2027, 1, 12))
    assert day_one()[0] == "missed"


def test_of_a_complete_hire_the_first_day_is_met_and_of_a_cancelled_one_nothing_is_said(world: World, case: str) -> None:
    cancel(world.app, case, Word(administrator="admin", reason="changed their mind"))
    assert page(world, case).day_one is None

    met = page(world, world.whole_hire("h2")).day_one
    assert met is not None and met.how == "met"


def test_waiting_with_good_reason_is_told_by_its_title_with_who_and_until_when(world: World, case: str) -> None:
    known = world.app.policies.current().waiting
    reason = next(id for id, each in known.items() if "manager" in each.who)
    wait(world.app, case, reason, world.clock.today(), data.HEAD_NORTH)

    (pause,) = page(world, case).pauses
    assert (pause.reason, pause.by, pause.runs, pause.step) == (known[reason].titles["en"], "Nanna Nord", True, "")


def test_the_questions_to_the_database_are_the_same_however_far_a_hire_is(world: World, case: str, lasting: None) -> None:
    known = world.case(case)
    relations = relations_of(world.app, data.HEAD_NORTH, known)
    with statements(world.database) as new:
        case_page(world.app, known, data.HEAD_NORTH, relations, "da")
    world.people_act(case)
    add_comment(world.app, case, data.PAY, "All is there now.")
    world.work()
    known = world.case(case)
    with statements(world.database) as later:
        case_page(world.app, known, data.HEAD_NORTH, relations, "da")

    assert len(later) <= len(new) <= 20
