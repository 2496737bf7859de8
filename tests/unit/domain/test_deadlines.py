from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.deadlines import CutOff, DeadlinePolicy, DueRule, Escalation, chain, due_date, is_short_notice, overdue
from idm.domain.people import Organisation, Unit
from idm.domain.working_days import WorkingDays
from idm.public_holidays import is_public_holiday

POLICY = DeadlinePolicy()
CALENDAR = WorkingDays(lambda day: is_public_holiday(day) or POLICY.closes(day))
DAYS = st.dates(date(2026, 1, 1), date(2032, 12, 31))
TASKS = st.sampled_from(["appoint", "document", "review", "form", "rights"])
TREE = Organisation(
    {
        unit.id: unit
        for unit in (Unit("town", "", None, "director"), Unit("schools", "", "town", "director"), Unit("north", "", "schools", "head"))
    }
)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("kind", "opened", "start", "due"),
    [
        ("appoint", "2026-11-02", "2027-01-04", "2026-12-08"),  # 15 working days before the start, over Christmas
        ("appoint", "2026-12-10", "2027-01-04", "2026-12-14"),  # too late for that: two days to act
        ("document", "2026-11-23", "2027-01-04", "2026-12-11"),
        ("review", "2026-11-23", "2027-01-04", "2026-12-15"),
        ("form", "2026-11-23", "2027-01-04", "2026-12-16"),  # closes Sunday 20 December, so Friday 18, less two days
        ("form", "2026-11-23", "2027-01-18", "2027-01-06"),  # the second run closes on 8 January
        ("form", "2026-12-30", "2027-01-04", "2027-01-05"),  # that run is over: two working days
        ("rights", "2026-11-23", "2027-01-04", "2026-12-22"),
    ],
)
def test_when_a_task_is_due(kind: str, opened: str, start: str, due: str) -> None:
    assert due_date(POLICY, CALENDAR, kind, kind, day(opened), day(start)) == day(due)


@pytest.mark.parametrize("step", ["approve_whole", "payroll_control"])
@pytest.mark.parametrize(("start", "due"), [("2027-01-04", "2026-12-17"), ("2027-01-18", "2027-01-07")])
def test_who_approves_the_pay_must_do_it_before_the_run_closes_and_after_the_form(step: str, start: str, due: str) -> None:
    form = due_date(POLICY, CALENDAR, "form", "payroll_form", day("2026-11-23"), day(start))
    assert form < due_date(POLICY, CALENDAR, "approve", step, day("2026-11-23"), day(start)) == day(due)


@given(TASKS, DAYS, DAYS, st.booleans())
def test_due_on_a_working_day_and_not_before_there_was_time(kind: str, opened: date, start: date, short: bool) -> None:
    due = due_date(POLICY, CALENDAR, kind, kind, opened, start, short=short)
    assert CALENDAR.is_open(due)
    least = POLICY.short_notice.due if short else POLICY.rule_for(kind, kind).at_least
    assert CALENDAR.between(opened, due) >= least


@given(TASKS, DAYS, DAYS)
def test_short_notice_is_never_slower(kind: str, opened: date, start: date) -> None:
    tight = due_date(POLICY, CALENDAR, kind, kind, opened, start, short=True)
    assert tight <= due_date(POLICY, CALENDAR, kind, kind, opened, start)


@given(TASKS, DAYS, DAYS, st.integers(0, 100))
def test_a_later_start_is_never_due_earlier(kind: str, opened: date, start: date, later: int) -> None:
    moved = start + timedelta(days=later)
    if kind == "form":  # the runs' cut-offs jump back at the half of a month, but not before the month's own
        moved = (moved + timedelta(days=32)).replace(day=start.day if start.day < 29 else 28)
    assert due_date(POLICY, CALENDAR, kind, kind, opened, start) <= due_date(POLICY, CALENDAR, kind, kind, opened, moved)


@given(TASKS, DAYS, DAYS, st.integers(1, 20), st.booleans())
def test_justified_waiting_moves_the_due_date_by_as_many_working_days(
    kind: str, opened: date, start: date, paused: int, short: bool
) -> None:
    without = due_date(POLICY, CALENDAR, kind, kind, opened, start, short=short)
    assert CALENDAR.between(without, due_date(POLICY, CALENDAR, kind, kind, opened, start, short=short, paused=paused)) == paused


@given(TASKS, DAYS, DAYS, DAYS)
def test_a_paper_that_is_needed_sooner_is_due_sooner(kind: str, opened: date, start: date, needed: date) -> None:
    without = due_date(POLICY, CALENDAR, kind, kind, opened, start)
    due = due_date(POLICY, CALENDAR, kind, kind, opened, start, needed=needed)
    soonest = CALENDAR.add(opened, POLICY.rule_for(kind, kind).at_least)
    assert due == max(soonest, min(without, CALENDAR.on_or_before(needed)))


def test_a_rule_for_a_step_and_its_documents() -> None:
    policy = replace(POLICY, rules=(DueRule("contract", 1, 0, steps=("review",)), DueRule("rest", 9, 0)))
    start = day("2027-02-01")
    assert due_date(policy, CALENDAR, "review", "review-contract", day("2026-11-23"), start) == CALENDAR.add(start, -1)
    assert due_date(policy, CALENDAR, "form", "payroll_form", day("2026-11-23"), start) == CALENDAR.add(start, -9)


def test_zero_days_before_a_start_on_a_closing_day_is_before_it() -> None:
    policy = replace(POLICY, rules=(DueRule("rest", 0, 0),))
    assert due_date(policy, CALENDAR, "form", "form", day("2026-11-23"), day("2027-01-01")) == day("2026-12-30")


@pytest.mark.parametrize(
    ("start", "closes"),
    [
        ("2027-01-01", "2026-12-18"),
        ("2027-01-15", "2026-12-18"),
        ("2027-01-16", "2027-01-08"),
        ("2027-03-01", "2027-02-19"),  # Saturday the 20th
        ("2027-03-31", "2027-03-08"),
    ],
)
def test_the_cut_off_that_serves_a_start(start: str, closes: str) -> None:
    assert POLICY.cut_off(day(start), CALENDAR) == day(closes)


def test_a_run_that_closes_on_a_day_the_month_does_not_have_closes_on_its_last() -> None:
    policy = replace(POLICY, cut_offs=(CutOff("late", 1, 31, 31, month_before=True),))
    assert policy.cut_off(day("2027-03-10"), CALENDAR) == day("2027-02-26")


def test_a_single_run_can_be_moved() -> None:
    policy = replace(POLICY, moved_cut_offs={day("2026-12-20"): day("2026-12-14")})
    assert policy.cut_off(day("2027-01-04"), CALENDAR) == day("2026-12-14")
    assert policy.cut_off(day("2027-02-01"), CALENDAR) == day("2027-01-20")


@pytest.mark.parametrize(("told", "short"), [("2026-12-14", False), ("2026-12-15", False), ("2026-12-16", True), ("2027-02-01", True)])
def test_short_notice_is_fewer_than_ten_working_days(told: str, short: bool) -> None:
    assert is_short_notice(POLICY, CALENDAR, day(told), day("2027-01-04")) is short


@pytest.mark.parametrize(("today", "late"), [("2026-12-18", 0), ("2026-12-19", 0), ("2026-12-20", 0), ("2026-12-21", 1), ("2026-12-28", 4)])
def test_how_late_in_working_days(today: str, late: int) -> None:
    assert overdue(day("2026-12-18"), day(today), CALENDAR) == late


def test_a_task_without_a_due_date_is_never_late() -> None:
    assert overdue(None, day("2027-12-18"), CALENDAR) == 0


def test_escalation_climbs_by_policy() -> None:
    assert [Escalation(3, 2).level(days) for days in range(9)] == [0, 0, 0, 1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize(
    ("hire", "holders", "above"),
    [("p", (), ("head", "director")), ("p", ("head",), ("director",)), ("head", (), ("director",)), ("p", ("head", "director"), ())],
)
def test_who_is_above(hire: str, holders: tuple[str, ...], above: tuple[str, ...]) -> None:
    assert chain("north", hire, TREE, holders) == above
