"""Which one person the claims of a sign-in service mean, and that nothing of them goes on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from idm.errors import NotAllowed
from idm.flow.access import take_access
from idm.flow.signing_in import STREAM, ClaimRule, Match, who_signs_in
from tests import data
from tests.support.world import World

ID = ClaimRule("employee", Match.ID)
EMAIL = ClaimRule("email", Match.EMAIL)
USERNAME = ClaimRule("upn", Match.USERNAME)
CPR = ClaimRule("cpr", Match.CPR)


def _alter(world: World, person: str, **changes: Any) -> None:
    found = world.store.person(person)
    assert found is not None
    with world.store.write() as writer:
        index = world.keys.blind_index("cpr", found.cpr.reveal())
        writer.put_person(replace(found, **changes), index, world.keys.encrypt(found.cpr.reveal()))


@pytest.fixture
def house(world: World) -> World:
    """The municipality, where one has a user name and an address from idm, and one an id from HR."""
    world.import_municipality()
    _alter(world, data.PAY, username="pilohm", address="pia.lonholm@example.org")
    with world.store.write() as writer:
        writer.put_person_alias("HR-4711", data.IT)
    return world


@pytest.mark.parametrize(
    ("rule", "claims", "person"),
    [
        (ID, {"employee": data.PAY}, data.PAY),
        (ID, {"employee": f" {data.PAY} "}, data.PAY),
        (ID, {"employee": "HR-4711"}, data.IT),
        (USERNAME, {"upn": "PiLohm"}, data.PAY),
        (EMAIL, {"email": f"{data.PAY}@Example.org", "email_verified": True}, data.PAY),
        (EMAIL, {"email": "pia.lonholm@example.org", "email_verified": True}, data.PAY),
        (CPR, {"cpr": data.cpr(1)}, data.DIRECTOR),
        (CPR, {"cpr": f"{data.cpr(1)[:6]}-{data.cpr(1)[6:]}"}, data.DIRECTOR),
    ],
)
def test_claims_mean_one_person(house: World, rule: ClaimRule, claims: dict[str, Any], person: str) -> None:
    assert who_signs_in(house.app, rule, claims) == person


def test_a_number_names_a_person_as_text_does(house: World) -> None:
    with house.store.write() as writer:
        writer.put_person_alias("4711", data.IT)
    assert who_signs_in(house.app, ID, {"employee": 4711}) == data.IT


@pytest.mark.parametrize(
    ("rule", "claims", "reason"),
    [
        (ID, {}, "no-claim"),
        (ID, {"employee": ""}, "no-claim"),
        (ID, {"employee": None}, "no-claim"),
        (ID, {"employee": True}, "no-claim"),
        (ID, {"employee": [data.PAY]}, "no-claim"),
        (ID, {"employee": {"id": data.PAY}}, "no-claim"),
        (ID, {"employee": f"{data.PAY}\0"}, "no-claim"),
        (ID, {"employee": "p" * 321}, "no-claim"),
        (ID, {"employee": "stranger"}, "nobody"),
        (ID, {"employee": f"{data.PAY}@example.org"}, "nobody"),
        (ID, {"employee": data.PAY.upper()}, "nobody"),
        (USERNAME, {"upn": data.PAY}, "nobody"),
        (USERNAME, {"upn": "%"}, "nobody"),
        (EMAIL, {"email": f"{data.PAY}@example.org"}, "unverified"),
        (EMAIL, {"email": f"{data.PAY}@example.org", "email_verified": False}, "unverified"),
        (EMAIL, {"email": f"{data.PAY}@example.org", "email_verified": "true"}, "unverified"),
        (EMAIL, {"email": f"{data.PAY}@example.org", "email_verified": 1}, "unverified"),
        (EMAIL, {"email": f"\u212aay@{data.PAY}", "email_verified": True}, "nobody"),
        (EMAIL, {"email": "%@example.org", "email_verified": True}, "nobody"),
        (CPR, {"cpr": data.cpr(99)}, "nobody"),
    ],
)
def test_claims_that_mean_nobody_are_refused_and_recorded_without_their_values(
    house: World, rule: ClaimRule, claims: dict[str, Any], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(NotAllowed) as refused:
        who_signs_in(house.app, rule, claims)
    entry = house.store.audit(STREAM)[-1]
    assert (entry.action, entry.actor) == ("sign-in-refused", "idm")
    assert f'"reason":"{reason}"' in (entry.payload or "") and f'"claim":"{rule.claim}"' in (entry.payload or "")
    for value in claims.values():
        if isinstance(value, str) and len(value) > 3:
            assert value not in f"{entry.payload}{refused.value.as_json()}{caplog.text}"


def _private(world: World) -> None:
    found = world.store.person(data.PAY)
    assert found is not None
    with world.store.write() as writer:
        index = world.keys.blind_index("cpr", found.cpr.reveal())
        changed = replace(found, private_email=type(found.private_email)("home@example.net"))
        writer.put_person(changed, index, world.keys.encrypt(found.cpr.reveal()))


def test_a_private_address_lets_nobody_in(house: World) -> None:
    _private(house)
    with pytest.raises(NotAllowed):
        who_signs_in(house.app, EMAIL, {"email": "home@example.net", "email_verified": True})


def test_an_address_of_two_people_lets_neither_in(house: World) -> None:
    _alter(house, data.PAY, email="office@example.org")
    _alter(house, data.IT, email="Office@example.org")
    with pytest.raises(NotAllowed, match="fits several people"):
        who_signs_in(house.app, EMAIL, {"email": "office@example.org", "email_verified": True})
    assert '"reason":"several"' in (house.store.audit(STREAM)[-1].payload or "")


def _left(world: World) -> None:
    employment = world.store.employments(data.PAY)[0]
    with world.store.write() as writer:
        writer.put_employment(replace(employment, end_date=world.clock.today().replace(month=1)))


def _barred(world: World) -> None:
    take_access(world.app, data.PAY, "long leave", "admin")


@pytest.mark.parametrize("gone", [_left, _barred])
def test_an_address_that_was_somebodys_who_is_gone_means_who_has_it_now(house: World, gone: Callable[[World], None]) -> None:
    _alter(house, data.PAY, email="office@example.org")
    _alter(house, data.IT, email="office@example.org")
    gone(house)
    assert who_signs_in(house.app, EMAIL, {"email": "office@example.org", "email_verified": True}) == data.IT


def test_the_refusals_chain(house: World) -> None:
    for _ in range(3):
        with pytest.raises(NotAllowed):
            who_signs_in(house.app, ID, {})
    assert [entry.seq for entry in house.store.audit(STREAM)] == [1, 2, 3]
