"""Order lines: every sequence of acts keeps every line that was sent, and the case document keeps all of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain import orders
from idm.domain.case_json import decode, encode
from idm.domain.orders import LineState, OrderLine
from idm.errors import Conflict, NotFound
from tests.support.cases import NOW, new_case

STATES = st.sampled_from(list(LineState))


def line(number: int = 1, state: LineState = LineState.PROPOSED, *, returnable: bool = True, confirm: bool = False) -> OrderLine:
    return OrderLine(number, "chair", "Kontorstol", 2, "6.45.51-4010", Decimal("3450.50"), "house", returnable, confirm, state, "it", NOW)


LINES = st.lists(st.builds(line, st.integers(1, 99), STATES, returnable=st.booleans(), confirm=st.booleans()), max_size=8)


@given(LINES, st.sets(st.integers(1, 99)))
def test_a_cancel_loses_no_line_and_leaves_none_on_order(lines: list[OrderLine], sent: set[int]) -> None:
    after = orders.cancelled(lines, sent)
    assert [each.number for each in after] == [each.number for each in lines]
    for before, now in zip(lines, after, strict=True):
        assert now.state not in (LineState.PROPOSED, LineState.ORDERED, LineState.RECEIVED)
        arrived = before.state is LineState.RECEIVED or (before.state is LineState.ORDERED and before.number in sent)
        if arrived:
            assert now.state is (LineState.TO_RETURN if before.returnable else LineState.KEPT)
        assert replace(now, state=before.state) == before
    assert orders.cancelled(after, sent) == after


@given(LINES)
def test_an_approval_orders_what_was_proposed_and_nothing_else(lines: list[OrderLine]) -> None:
    for before, now in zip(lines, orders.approved(lines), strict=True):
        assert now.state is (LineState.ORDERED if before.state is LineState.PROPOSED else before.state)


@pytest.mark.parametrize("state", LineState)
def test_only_what_is_on_order_is_received_and_only_what_goes_back_returned(state: LineState) -> None:
    for act, needed, made in (
        (orders.received, LineState.ORDERED, LineState.RECEIVED),
        (orders.returned, LineState.TO_RETURN, LineState.RETURNED),
    ):
        if state is needed:
            (after,) = act([line(state=state)], 1, "boss", NOW)
            assert (after.state, after.by) == (made, "boss")
        else:
            with pytest.raises(Conflict):
                act([line(state=state)], 1, "boss", NOW)
        with pytest.raises(NotFound):
            act([line(state=state)], 2, "boss", NOW)


@given(LINES)
def test_the_case_document_keeps_every_line_and_costs_nothing_without_one(lines: list[OrderLine]) -> None:
    case = replace(new_case(), orders=tuple(lines))
    text = encode(case)
    columns = {"id": case.id, "person": case.person, "employment": case.employment, "journey_hash": case.journey_hash}
    assert decode(text, **columns, version=0, state=case.state, head=(0, "")).orders == case.orders
    assert ("orders" in text) is bool(lines)


def test_amounts_are_exact() -> None:
    assert line().amount == Decimal("6901.00")
    assert orders.total([line(), line(2)]) == Decimal("13802.00")
    assert orders.awaited([line(state=LineState.ORDERED, confirm=True), line(2, LineState.ORDERED)])[0].number == 1
    assert line(state=LineState.TO_RETURN, confirm=True).receipt == "not_needed"
