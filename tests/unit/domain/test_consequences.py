"""What follows from a departure, in words, told by comparing the case before and after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from idm.domain import transitions
from idm.domain.case import Case, CaseState, Step, StepState
from idm.domain.consequences import Consequence, consequences
from idm.domain.departures import revise, touched
from idm.domain.journey import Actor, Paper
from idm.domain.plan import Owned
from tests.support.cases import FACTS, HIRE, NOW, WANTED, approval, graph, new_case

AGAIN = replace(HIRE, asks_again=(("unit", ("appoint", "rights")),))
ACCOUNT = Owned("ldap", "account", "p-1", "p-1", "e-1", "l", opened=True)


def told(before: Case, after: Case, *owned: Owned) -> dict[tuple[str, str], str]:
    return {(each.what, each.about): each.words for each in consequences(before, after, graph(before), graph(after), owned)}


def moved(case: Case, papers: tuple[Paper, ...] = WANTED, **facts: Any) -> Case:
    other = replace(case.facts, **facts)
    return revise(case, AGAIN, other, papers, systems=touched(case, graph(case)), reason="so", by_itself={}, now=NOW + timedelta(1))


def test_each_fact_says_what_it_was_and_becomes() -> None:
    case = new_case()

    found = told(case, moved(case, weekly_hours="30", end_date=date(2027, 6, 30)))

    assert found["fact", "weekly_hours"] == "weekly_hours was 37, and becomes 30"
    assert found["fact", "end_date"] == "end_date was not given, and becomes 2027-06-30"


def test_what_was_decided_and_is_asked_again() -> None:
    case = new_case(by_itself=True)
    case = transitions.decide(case, graph(case), "rights", approval(), NOW)

    found = told(case, moved(case, unit="south"))

    assert {about for what, about in found if what == "asked-again"} == {"appoint", "rights"}


def test_papers_that_are_wanted_now_or_no_longer_and_tasks_that_go_with_them() -> None:
    case = new_case(by_itself=True)

    found = told(case, moved(case, (WANTED[0], Paper("permit", Actor.PAY)), position="clerk"))

    assert {key for key in found if key[0].startswith("paper")} == {("paper-wanted", "permit"), ("paper-dropped", "photo")}
    assert ("task-withdrawn", "document-photo") in found


def test_a_later_start_closes_what_is_open_and_what_was_never_opened_only_follows() -> None:
    case = new_case(by_itself=True)
    later = moved(case, start_date=FACTS.start_date + timedelta(days=7))

    assert told(case, later)["timer", "opening"] == "what waits for start_date happens on 2027-01-11"
    assert told(case, later, ACCOUNT)["brought-into-line", "ldap.account"].endswith("closed until the new start")
    assert not told(case, later, replace(ACCOUNT, opened=False))["brought-into-line", "ldap.account"].endswith("start")


def test_what_is_gone_or_another_employments_is_not_told() -> None:
    case = new_case(by_itself=True)

    found = told(case, moved(case, weekly_hours="30"), replace(ACCOUNT, gone=True), replace(ACCOUNT, employment="e-2"))

    assert not [what for what, _ in found if what == "brought-into-line"]


def test_a_cancel_withdraws_tasks_and_takes_back_what_is_there_or_may_be() -> None:
    case = new_case(by_itself=True)
    case = replace(case, state=CaseState.COMPLETED, steps={**case.steps, "profile": Step(StepState.UNKNOWN, NOW, 1)})
    after = transitions.cancel(case, HIRE, ("ldap", "erp"), NOW)

    found = told(case, after, ACCOUNT, replace(ACCOUNT, kind="group", opened=False))

    assert ("task-withdrawn", "rights") in found
    assert found["taken-back", "ldap.account"].endswith("was in use and is ended")
    assert found["taken-back", "ldap.group"].endswith("was never opened and is removed")
    assert set(found) >= {("looked-after", "erp"), ("reopened", "c-1")}
    assert ("looked-after", "ldap") not in found


def test_a_consequence_as_the_commands_answer_it() -> None:
    assert Consequence("fact", "unit", "words").as_json() == {"what": "fact", "about": "unit", "words": "words"}
