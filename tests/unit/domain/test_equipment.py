"""The equipment policy: limits, receipts and faults, over drawn orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from idm.domain.equipment import MOST_LINES, Accounts, ApprovalLimit, EquipmentPolicy, Favourite, Item, Supplier, as_lines
from idm.domain.matching import Circumstances, Match
from idm.domain.orders import LineState
from tests.support.cases import NOW

HIRE = Circumstances("teacher", ("north", "schools", "town"), date(2027, 1, 4))
POLICY = EquipmentPolicy(
    items={
        "pen": Item("pen", {"da": "Pen"}, Decimal("9.95"), "house", maximum=50),
        "laptop": Item("laptop", {"da": "Pc"}, Decimal(6995), "house", account="1.1"),
        "boat": Item("boat", {"da": "Båd"}, Decimal(99000), "docks", match=Match(positions=("captain",))),
        "vest": Item("vest", {"da": "Vest"}, Decimal(100), "docks", maximum=3),
    },
    suppliers={"house": Supplier("house", "House", trusted=True), "docks": Supplier("docks", "Docks")},
    accounts=(Accounts("schools", ("1.1", "1.2"), ("schools",)), Accounts("care", ("3.1",), ("care",)), Accounts("all", ("9.9",))),
    account_form=r"\d\.\d",
    approvals=(ApprovalLimit("small", Match(units=("north",)), line_over=Decimal(300)), ApprovalLimit("rest", total_over=Decimal(10))),
    confirm_from=Decimal(5000),
    favourites=(Favourite("usual", ("teacher",), {"pen": 3}),),
)
LINE = st.fixed_dictionaries(
    {},
    optional={
        "item": st.sampled_from(["pen", "laptop", "boat", "vest", "none", 5]),
        "quantity": st.one_of(st.integers(-1, 60), st.booleans(), st.just("2")),
        "account": st.sampled_from(["1.1", "1.2", "3.1", "9.9", "x", "", 4]),
        "note": st.just("x"),
    },
)


@given(st.one_of(st.none(), st.text(max_size=3), st.lists(st.one_of(LINE, st.integers(), st.text(max_size=3)), max_size=6)))
def test_any_order_is_taken_whole_or_refused_whole(wanted: Any) -> None:
    lines, faults = as_lines(POLICY, HIRE, wanted, "it", NOW)
    assert bool(lines) is not bool(faults)
    if faults:
        assert all(fault.path.startswith("values.lines") and fault.message for fault in faults)
        return
    assert [line.number for line in lines] == list(range(1, len(wanted) + 1))
    for line in lines:
        assert line.state is LineState.PROPOSED
        assert line.account in ("1.1", "1.2", "9.9")
        assert line.item != "boat"
        assert line.confirm is (line.item == "vest" or line.amount >= 5000)
    for item in POLICY.items.values():
        assert sum(line.quantity for line in lines if line.item == item.id) <= item.maximum


def test_what_was_sent_before_counts_against_the_maximum_and_numbers_go_on() -> None:
    before, _ = as_lines(POLICY, HIRE, [{"item": "vest", "quantity": 2, "account": "1.1"}], "it", NOW)
    lines, faults = as_lines(POLICY, HIRE, [{"item": "vest", "account": "1.1"}], "it", NOW, before)
    assert ([line.number for line in lines], faults) == ([2], ())
    _, faults = as_lines(POLICY, HIRE, [{"item": "vest", "quantity": 2, "account": "1.1"}], "it", NOW, before)
    assert [fault.rule for fault in faults] == ["maximum"]


def test_a_default_account_must_be_allowed_for_the_unit_too() -> None:
    assert as_lines(POLICY, HIRE, [{"item": "laptop"}], "it", NOW)[0][0].account == "1.1"
    elsewhere = Circumstances("teacher", ("home", "care"), date(2027, 1, 4))
    _, faults = as_lines(POLICY, elsewhere, [{"item": "laptop"}], "it", NOW)
    assert [(fault.path, fault.rule) for fault in faults] == [("values.lines[0].account", "account-not-allowed")]


def test_an_order_has_a_first_and_a_last_line() -> None:
    assert [fault.rule for fault in as_lines(POLICY, HIRE, [], "it", NOW)[1]] == ["required"]
    many = [{"item": "pen", "account": "1.1"}] * (MOST_LINES + 1)
    assert [fault.rule for fault in as_lines(POLICY, HIRE, many, "it", NOW)[1]] == ["length"]


def test_the_first_limit_that_fits_counts_and_the_amount_itself_is_not_over() -> None:
    def over(quantity: int, hire: Circumstances = HIRE) -> str | None:
        lines, _ = as_lines(POLICY, hire, [{"item": "vest", "quantity": quantity, "account": "9.9"}], "it", NOW)
        found = POLICY.over_limit(hire, lines)
        return found[0].id if found else None

    assert over(3) is None
    elsewhere = Circumstances("teacher", ("south", "schools"), date(2027, 1, 4))
    assert over(1, elsewhere) == "rest"
    pens, _ = as_lines(POLICY, elsewhere, [{"item": "pen", "account": "9.9"}], "it", NOW)
    assert POLICY.over_limit(elsewhere, pens) is None


def test_both_limits_are_named_where_an_order_is_over_both() -> None:
    policy = replace(POLICY, approvals=(ApprovalLimit("both", total_over=Decimal(250), line_over=Decimal(150)),))
    lines, _ = as_lines(policy, HIRE, [{"item": "vest", "quantity": 3, "account": "9.9"}], "it", NOW)

    found = policy.over_limit(HIRE, lines)

    assert found is not None
    whole, line = found[1].split("; ")
    assert whole == "the order comes to DKK 300.00, more than DKK 250.00 (both)"
    assert line == "line 1 comes to DKK 300.00, more than DKK 150.00 (both)"


def test_a_receipt_is_confirmed_from_the_limit_on_and_always_of_who_isnt_trusted() -> None:
    laptop, pen, vest = (POLICY.items[name] for name in ("laptop", "pen", "vest"))
    assert (POLICY.must_confirm(laptop, 1), POLICY.must_confirm(pen, 50), POLICY.must_confirm(vest, 1)) == (True, False, True)
    exact = Item("x", {}, Decimal(5000), "house")
    assert POLICY.must_confirm(exact, 1)
    assert not POLICY.must_confirm(Item("x", {}, Decimal("4999.99"), "house"), 1)


def test_nobody_is_asked_unless_policy_says_whom() -> None:
    assert not POLICY.asked(HIRE)
    assert POLICY.favourites_for("teacher") == {"pen": 3}
    assert POLICY.favourites_for("nurse") == {}


def test_of_a_line_whose_number_is_none_the_account_is_not_asked_yet() -> None:
    _, faults = as_lines(POLICY, HIRE, [{"item": "vest", "quantity": "many", "account": ""}], "it", NOW)

    assert [(fault.path, fault.rule) for fault in faults] == [("values.lines[0].quantity", "quantity")]
