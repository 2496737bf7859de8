"""An effect that happened twice would be found, and one that was undone between would not."""

from __future__ import annotations

import pytest

from tests.acceptance.outcome import doubles


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("create:applied create:applied", 1),
        ("create:applied create:unchanged create:refused", 0),
        ("create:applied delete:applied create:applied", 0),
        ("grant:applied revoke:applied grant:applied grant:applied", 1),
        ("enable:applied disable:applied enable:applied", 0),
        ("post:applied post:applied", 1),
    ],
)
def test_what_happened_twice(told: str, found: int) -> None:
    entries = [dict(zip(("op", "result"), entry.split(":"), strict=True)) for entry in told.split()]
    assert len(doubles({"system": "ldap", "effect_key": "account/p-1", **entry} for entry in entries)) == found
