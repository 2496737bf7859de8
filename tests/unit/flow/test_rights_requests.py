from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from idm.domain.grants import Reach
from idm.flow.rights_requests import Request, read_requests


def test_a_role_is_asked_for_by_name_or_with_terms() -> None:
    found, faults = read_requests(
        ["a", {"role": "b", "from": "2027-01-04", "until": "2027-01-04", "units": "north", "amount": 500}, {"role": "c", "amount": "9.5"}]
    )
    assert faults == []
    assert found == [
        Request("values.add[0]", "a"),
        Request("values.add[1]", "b", date(2027, 1, 4), date(2027, 1, 4), ("north",), Decimal(500)),
        Request("values.add[2]", "c", amount=Decimal("9.5")),
    ]


@pytest.mark.parametrize("nothing", [None, [], ()])
def test_nothing_is_asked_for(nothing: object) -> None:
    assert read_requests(nothing) == ([], [])


@pytest.mark.parametrize("one", ["a", {"role": "a"}])
def test_one_alone_needs_no_list(one: object) -> None:
    assert read_requests(one) == ([Request("values.add[0]", "a")], [])


@pytest.mark.parametrize(
    ("value", "place", "rule"),
    [
        (5, "values.add", "type"),
        ([5], "values.add[0]", "type"),
        ([{}], "values.add[0].role", "required"),
        ([{"role": ""}], "values.add[0].role", "required"),
        ([{"role": "a", "to": "2027-01-04"}], "values.add[0].to", "unknown-field"),
        ([{"role": "a", "from": "4/1/2027"}], "values.add[0].from", "date"),
        ([{"role": "a", "from": "2027-02-30"}], "values.add[0].from", "date"),
        ([{"role": "a", "from": 20270104}], "values.add[0].from", "date"),
        ([{"role": "a", "from": "2027-01-04", "until": "2027-01-03"}], "values.add[0].until", "order"),
        ([{"role": "a", "units": []}], "values.add[0].units", "type"),
        ([{"role": "a", "units": [5]}], "values.add[0].units", "type"),
        ([{"role": "a", "amount": 0}], "values.add[0].amount", "number"),
        ([{"role": "a", "amount": "much"}], "values.add[0].amount", "number"),
        ([{"role": "a", "amount": "NaN"}], "values.add[0].amount", "number"),
        ([{"role": "a", "amount": True}], "values.add[0].amount", "number"),
        (["a", {"role": "a"}], "values.add", "twice"),
    ],
)
def test_what_is_no_request_is_named(value: object, place: str, rule: str) -> None:
    _, faults = read_requests(value)
    assert [(fault.path, fault.rule) for fault in faults] == [(place, rule)]


@pytest.mark.parametrize(
    ("request_", "widest", "reach"),
    [
        (Request("", "a"), Reach(("north",), False, Decimal(10)), Reach(("north",), False, Decimal(10))),
        (Request("", "a", units=("north",)), Reach(("north",), False), Reach(("north",), False)),
        (Request("", "a", units=("north",)), Reach(("schools",)), Reach(("north",))),
        (Request("", "a", amount=Decimal(5)), Reach(amount=Decimal(10)), Reach(amount=Decimal(5))),
    ],
)
def test_what_a_request_leaves_open_is_as_far_as_the_role_goes(request_: Request, widest: Reach, reach: Reach) -> None:
    assert request_.reach(widest) == reach
