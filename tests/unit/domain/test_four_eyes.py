from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from idm.domain.four_eyes import FirstLook, FourEyesRule, await_second, first_look, rule_for, seen_by, start_over, without_look
from idm.domain.matching import Circumstances, Match
from tests.support.cases import NOW, approval, new_case

HIRE = Circumstances("teacher", ("school", "town"), date(2027, 1, 4), amount=Decimal(500))
LOOK = FirstLook(approval("a"), 0, "accept", {"x": "y"}, "rule")


@pytest.mark.parametrize(
    ("rule", "kinds", "asked"),
    [
        (FourEyesRule("r"), ("review", "contract"), True),
        (FourEyesRule("r"), ("document", "contract"), False),
        (FourEyesRule("r", ("contract",)), ("review", "contract"), True),
        (FourEyesRule("r", ("form",)), ("review", "contract"), False),
        (FourEyesRule("r", when=Match(amount_from=Decimal(500))), ("form",), True),
        (FourEyesRule("r", when=Match(amount_from=Decimal(501))), ("form",), False),
        (FourEyesRule("r", when=Match(units=("town",))), ("form",), True),
        (FourEyesRule("r", when=Match(positions=("nurse",))), ("form",), False),
    ],
)
def test_policy_says_what_takes_two_persons(rule: FourEyesRule, kinds: tuple[str, ...], asked: bool) -> None:
    assert rule_for((rule,), kinds, HIRE) == (rule if asked else None)


def test_the_first_rule_that_asks_is_the_reason() -> None:
    first, second = FourEyesRule("a", ("form",)), FourEyesRule("b")
    assert rule_for((first, second), ("review",), HIRE) == second
    assert rule_for((first, second), ("form",), HIRE) == first
    assert rule_for((), ("form",), HIRE) is None


def test_the_first_decision_waits_for_a_second_in_the_next_round() -> None:
    case = new_case(by_itself=True)
    assert first_look(case, "rights") is None
    assert seen_by(case, "rights") == frozenset()
    kept = await_second(case, "rights", LOOK, NOW)

    assert kept.steps["rights"].round == case.steps["rights"].round + 1
    assert kept.steps["rights"].reason == "a decided; a second person must agree (rule)"
    assert first_look(kept, "rights") == replace(LOOK, round=kept.steps["rights"].round)
    assert seen_by(kept, "rights") == frozenset({"a"})
    assert seen_by(kept, "appoint") == frozenset()
    assert without_look(kept, "rights").looks == {}
    assert without_look(case, "rights") is case


def test_a_first_decision_counts_no_more_when_its_step_moved_on() -> None:
    kept = await_second(new_case(by_itself=True), "rights", LOOK, NOW)
    moved = replace(kept.steps["rights"], round=kept.steps["rights"].round + 1)
    assert first_look(replace(kept, steps={**kept.steps, "rights": moved}), "rights") is None


def test_who_disagrees_has_it_decided_anew() -> None:
    kept = await_second(new_case(by_itself=True), "rights", LOOK, NOW)
    anew = start_over(kept, "rights", "b", "too much", NOW)
    assert (anew.steps["rights"].round, anew.steps["rights"].reason) == (kept.steps["rights"].round + 1, "b disagrees: too much")
    assert anew.looks == {}
    assert first_look(anew, "rights") is None
