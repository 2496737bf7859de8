"""Approvals by rule and by sample: who is asked, why, and what is certain before pay is known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.approvals import ApprovalPolicy, AskedOf
from idm.domain.journey import Source
from idm.domain.matching import Circumstances, Match

HERE = Source("approvals.yaml", 12, "x")
HIRE = Circumstances("teacher", ("school_north", "town"), date(2027, 1, 4), amount=Decimal(40000))


def policy(*rules: Match, percent: str = "0") -> ApprovalPolicy:
    return ApprovalPolicy("control", {}, tuple(AskedOf(f"r{n}", rule, HERE) for n, rule in enumerate(rules)), Decimal(percent), HERE)


@given(st.floats(0, 1, exclude_max=True))
def test_without_a_rule_nobody_is_asked(draw: float) -> None:
    verdict = policy().verdict(HIRE, draw)

    assert not verdict.asked
    assert verdict.reason == "no rule of control asks it here (approvals.yaml:12)"


@pytest.mark.parametrize(
    ("rule", "asked"),
    [
        (Match(units=("town",)), True),
        (Match(units=("school_south",)), False),
        (Match(positions=("teacher",)), True),
        (Match(positions=("nurse",)), False),
        (Match(amount_from=Decimal(40000)), True),
        (Match(amount_from=Decimal(40001)), False),
        (Match(positions=("teacher",), amount_from=Decimal(50000)), False),
        (Match(), True),
    ],
)
def test_a_rule_asks_by_unit_position_and_amount(rule: Match, asked: bool) -> None:
    verdict = policy(Match(positions=("director",)), rule).verdict(HIRE, 0.0)

    assert verdict.asked is asked
    assert ("control.r1 (approvals.yaml:12)" in verdict.reason) is asked


def test_a_rule_that_means_everybody_says_so() -> None:
    assert policy(Match()).verdict(HIRE, 0.5).reason.endswith("everybody")


@given(st.floats(0, 1, exclude_max=True))
def test_a_sample_of_everything_draws_everybody(draw: float) -> None:
    verdict = policy(percent="100").verdict(HIRE, draw)

    assert verdict.asked
    assert verdict.reason == "drawn at random: 100 % of those that no rule asks (approvals.yaml:12)"


@given(st.floats(0, 1, exclude_max=True), st.decimals(0, 100, places=2))
def test_a_sample_draws_by_the_number_alone(draw: float, percent: Decimal) -> None:
    assert policy(percent=str(percent)).verdict(HIRE, draw).asked is (Decimal(str(draw)) * 100 < percent)


def test_what_only_pay_could_ask_is_not_certain_before_it_is_known() -> None:
    assert policy(Match(amount_from=Decimal(1))).never(HIRE) is None
    assert policy(Match(agreements=("TEACH",), units=("town",))).never(HIRE) is None


def test_what_no_later_fact_can_ask_is_certain_at_once() -> None:
    verdict = policy(Match(units=("school_south",), amount_from=Decimal(1))).never(HIRE)

    assert verdict is not None and not verdict.asked
    assert policy(Match(units=("school_south",)), percent="0.1").never(HIRE) is None


@given(st.booleans(), st.booleans(), st.decimals(0, 100000, places=0))
def test_what_never_is_asked_is_not_asked_in_the_end(here: bool, pay: bool, amount: Decimal) -> None:
    rule = Match(units=("school_north" if here else "school_south",), amount_from=Decimal(30000) if pay else None)
    hire = Circumstances("teacher", ("school_north", "town"), date(2027, 1, 4), amount=amount)

    if policy(rule).never(hire) is not None:
        assert not policy(rule).verdict(hire, 0.0).asked
