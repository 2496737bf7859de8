"""What the shipped policies must say because the law says it: of whom which paper is asked, by when, and what waits for it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from idm.domain.journey import PAY
from idm.domain.matching import Circumstances, groups_of
from idm.domain.paper_rules import wanted_papers
from idm.domain.policy import Policies
from idm.policy_files import load
from tests.unit.policy_files.shipped_edits import ORGANISATION, SHIPPED


@pytest.fixture(scope="module")
def policies() -> Policies:
    return load(SHIPPED)


def asked(policies: Policies, unit: str, position: str, **facts: Any) -> set[str]:
    """The kinds of paper that somebody there is asked for."""
    path = tuple(each.id for each in ORGANISATION.path(unit))
    groups = groups_of(policies.groups, position, path)
    here = Circumstances(position, path, date(2027, 1, 4), groups=groups, **facts)
    return {paper.kind for paper in wanted_papers(policies.documents, policies.checks, here)}


def test_the_signed_contract_is_there_within_seven_days_of_the_start(policies: Policies) -> None:
    assert policies.documents["contract"].needed_by == 7  # lov om ansættelsesbeviser, § 3
    assert all("contract" in asked(policies, "school_north", position) for position in ORGANISATION.positions)


@pytest.mark.parametrize(("unit", "position", "is_asked"), [("school_north", "caretaker", True), ("library", "librarian", False)])
def test_who_works_with_children_opens_nothing_without_the_certificate(
    policies: Policies, unit: str, position: str, is_asked: bool
) -> None:
    check = policies.checks["child_protection"]

    assert ("child_protection" in asked(policies, unit, position)) == is_asked
    assert (check.blocks, check.steps[0], check.lapses) == (("start",), "consent", 14)


@pytest.mark.parametrize(("citizenship", "is_asked"), [("DK", False), ("SE", False), ("DE", False), ("UA", True), ("US", True)])
def test_who_comes_from_a_third_country_starts_with_a_permit_that_is_watched(policies: Policies, citizenship: str, is_asked: bool) -> None:
    permit = policies.documents["work_permit"]

    assert ("work_permit" in asked(policies, "library", "librarian", citizenship=citizenship)) == is_asked
    assert set(permit.blocks) == {"start", PAY}
    assert permit.watch >= 30


def test_pay_waits_for_seniority_papers_only_until_the_payroll_needs_it(policies: Policies) -> None:
    proof = policies.documents["seniority_proof"]

    assert proof.blocks == (PAY,)
    assert proof.waive is not None and proof.needed_by is not None and 0 < proof.waive < -proof.needed_by
