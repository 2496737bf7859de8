"""deadlines.yaml: the shipped file is what holds without one, and absurd edits are named with file, line and consequence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from idm.bootstrap import shipped
from idm.domain.deadlines import DeadlinePolicy
from idm.domain.journey import Source
from idm.errors import Fault
from idm.policy_files import check_texts, load, policy_text
from idm.policy_files.folder import read_texts

FILE = "deadlines.yaml"


def edited(old: str, new: str) -> tuple[list[Fault], list[Fault], str]:
    """Faults and warnings after one edit of the shipped file, and the number of the edited line."""
    texts, unread = read_texts(shipped("policies"))
    [text] = [text for text in texts if text.file == FILE]
    assert text.text.count(old) == 1, "the edit must be possible in one place only"
    line = text.text[: text.text.index(old)].count("\n") + 1
    others = [each for each in texts if each.file != FILE]
    _, faults, warnings = check_texts([*others, policy_text(FILE, text.text.replace(old, new))], unread=unread)
    return faults, warnings, f"{FILE}:{line}"


def without_sources(policy: DeadlinePolicy) -> DeadlinePolicy:
    nowhere = Source()
    return replace(
        policy,
        rules=tuple(replace(rule, source=nowhere) for rule in policy.rules),
        cut_offs=tuple(replace(run, source=nowhere) for run in policy.cut_offs),
        short_notice=replace(policy.short_notice, source=nowhere),
        escalation=replace(policy.escalation, source=nowhere),
        stranded=replace(policy.stranded, source=nowhere),
        mail=replace(policy.mail, source=nowhere),
        source=nowhere,
    )


def test_the_shipped_file_is_what_holds_without_one() -> None:
    policy = load(shipped("policies")).deadlines
    assert policy.source.file == FILE
    assert policy.escalation.source.line > 1
    assert without_sources(policy) == DeadlinePolicy()


def test_without_the_file_the_shipped_rules_hold(tmp_path: Path) -> None:
    texts, _ = read_texts(shipped("policies"))
    policies, faults, _ = check_texts([text for text in texts if text.file != FILE])
    assert faults == []
    assert policies is not None
    assert policies.deadlines == DeadlinePolicy()


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("days: 15, before", "days: -15, before", "range"),
        ("days: 15, before", "days: 1500, before", "range"),
        ("days: 15, before", 'days: "15", before', "type"),
        ("tasks: [appoint]", "tasks: [apoint]", "unknown-task"),
        ("tasks: [appoint]", "steps: [nowhere]", "unknown-step"),
        ("tasks: [appoint], ", "", "hides-others"),
        ("everything_else: {days", "everything_else: {tasks: [rights], days", "no-rule-for-the-rest"),
        ("days: 2, before: payroll_cut_off", "days: 2, before: payday", "choice"),
        ("first: 16, last: 31", "first: 15, last: 31", "overlap"),
        ("first: 1, last: 15", "first: 15, last: 1", "rule"),
        ("closes: 20", "closes: 32", "range"),
        ("# moved_cut_offs: {2026-12-20: 2026-12-16}", "moved_cut_offs: {2026-12-20: 2027-12-16}", "far-move"),
        ("# moved_cut_offs: {2026-12-20: 2026-12-16}", "moved_cut_offs: {2026-12-21: 2026-12-16}", "moves-nothing"),
        ("# moved_cut_offs: {2026-12-20: 2026-12-16}", "moved_cut_offs: {2026-13-20: 2026-12-16}", "name"),
        ("every_year: [06-05,", "every_year: [06-31,", "rule"),
        ("every_year: [06-05,", "every_year: [june,", "pattern"),
        ("due: 1 #", "due: 9 #", "not-tighter"),
        ("escalation: {after: 3", "escalation: {after: 0", "range"),
        ("every: 2}", "every: 0}", "range"),
        ("digest: 7", "digest: 5", "never-sent"),
        ("digest: 7", "digest: 24", "range"),
        ("staff: {since: 7", "staff: {since: 3", "at-night"),
        ("hires: {since: 8, until: 20", "hires: {since: 8, until: 23", "at-night"),
        ("hires: {since: 8, until: 20", "hires: {since: 20, until: 8", "rule"),
        ("language: da\n", "language: sv\n", "choice"),
        ("    - invitation", "    - invitaton", "unknown-mail"),
        ("# citizens: {GB: en, US: en}", "citizens: {British: en}", "name"),
    ],
)
def test_an_absurd_edit_is_refused_at_its_line(old: str, new: str, rule: str) -> None:
    faults, _, place = edited(old, new)
    assert [(fault.path, fault.rule) for fault in faults] == [(place, rule)]
    assert len(faults[0].message) > 20


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("days: 15, before", "days: 200, before", "far-ahead"),
        ("before: start_date, at_least: 3", "before: start_date, at_least: 40", "too-late"),
        ("reminders: [-2, 0, 2, 5]", "reminders: []", "no-reminders"),
        ("escalation: {after: 3", "escalation: {after: 60", "late-escalation"),
        ("days: 10\n", "days: 90\n", "always-short"),
        ("# days: [2027-05-07]", "days: [2027-05-08]", "weekend"),
    ],
)
def test_what_is_probably_not_meant_is_warned_of_at_its_line(old: str, new: str, rule: str) -> None:
    faults, warnings, place = edited(old, new)
    assert faults == []
    assert [(warning.path, warning.rule) for warning in warnings if warning.path.startswith(FILE)] == [(place, rule)]


def test_a_run_that_serves_nobody_leaves_days_unserved() -> None:
    faults, _, _ = edited("  second_half: {first: 16, last: 31, closes: 8, month: same}\n", "")
    assert [fault.rule for fault in faults] == ["not-served"]
    assert "day 16" in faults[0].message
