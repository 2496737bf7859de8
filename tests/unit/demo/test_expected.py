from __future__ import annotations

import pytest

from idm.demo.expected import HIRE, Ending, Expected, Outcome, expected
from idm.demo.municipality import table

WAITING = Expected(Ending.WAITING, False, "P1", "appoint", "not cleared")
REFUSED = Expected(Ending.REFUSED, because="data.person.cpr id")


def test_the_table_has_a_row_for_each_event_and_says_whom_each_waits_for() -> None:
    rows = expected()
    people = {row["id"] for row in table("people")} | {HIRE}
    assert list(rows) == [int(row["number"]) for row in table("events")] == list(range(1, 61))
    for row in rows.values():
        assert row.because
        assert (row.ends is Ending.WAITING) == bool(row.waits_for) == bool(row.step)
        assert not row.waits_for or row.waits_for in people


@pytest.mark.parametrize(
    ("outcome", "fits"),
    [
        (Outcome("waiting", "appoint", ("P0", "P1"), "nobody has answered"), True),
        (Outcome("waiting", "appoint", ("P1",), "Not cleared: why", told="Not cleared: why"), True),
        (Outcome("waiting", "appoint", ("P1",), "late", told="late"), False),
        (Outcome("waiting", "appoint", ("P0",), "nobody has answered"), False),
        (Outcome("waiting", "appoint", ("P1",), ""), False),
        (Outcome("waiting", "form", ("P1",), "nobody has answered"), False),
        (Outcome("completed"), False),
    ],
)
def test_who_is_waited_for_where_and_why_are_compared(outcome: Outcome, fits: bool) -> None:
    assert outcome.fits(WAITING, "p-1") is fits


def test_a_refusal_names_exactly_what_is_wrong() -> None:
    assert Outcome("refused", reason="x", fields=frozenset({"data.person.cpr", "id"})).fits(REFUSED, "")
    assert not Outcome("refused", reason="x", fields=frozenset({"id"})).fits(REFUSED, "")
    assert not Outcome("refused", fields=frozenset({"data.person.cpr", "id"})).fits(REFUSED, "")


def test_the_person_hired_is_known_by_the_case() -> None:
    wanted = Expected(Ending.WAITING, False, HIRE, "document-contract", "x")
    assert Outcome("waiting", "document-contract", ("p-1",), "x").fits(wanted, "p-1")
    assert not Outcome("waiting", "document-contract", ("p-2",), "x").fits(wanted, "p-1")
