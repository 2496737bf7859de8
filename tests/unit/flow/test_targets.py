from __future__ import annotations

import pytest

from idm.connector import Confidential, Observed, Refused, Retry, State
from idm.errors import NotFound, Unavailable
from idm.flow.targets import as_item, show_target
from tests.support.world import World


def test_a_live_read_shows_what_the_target_holds_of_an_employment(world: World) -> None:
    case = world.whole_hire()
    employment = world.case(case).employment
    (item,) = show_target(world.app, "ldap", case)

    assert show_target(world.app, "ldap", employment) == [item]
    assert (item["kind"], item["state"], item["employment"], item["managed"]) == ("account", "enabled", employment, True)
    assert item["entitlements"] == sorted(item["entitlements"]) and "teachers" in item["entitlements"]
    (record,) = show_target(world.app, "payroll", case)
    assert record["key"] == employment
    assert record["attributes"]["cpr"] == "***"
    assert sorted(item["kind"] for item in show_target(world.app, "personnel_file", case)) == ["document"] * 3 + ["file"]


def test_without_an_id_every_record_but_postings_is_shown_also_foreign_ones(world: World) -> None:
    case = world.whole_hire()
    world.targets["personnel_file"].put_foreign("file", "theirs", title="Other")
    assert {(item["kind"], item["managed"]) for item in show_target(world.app, "personnel_file")} == {("file", True), ("file", False)}
    assert show_target(world.app, "mail") == []
    assert [item["key"] for item in show_target(world.app, "ldap")] == [world.case(case).person]


def test_what_is_not_there_is_not_shown(world: World) -> None:
    case = world.hire()
    assert show_target(world.app, "ldap", case) == []
    assert show_target(world.app, "personnel_file", case) == []


@pytest.mark.parametrize("error", [Retry("away"), Refused("wrong password")])
@pytest.mark.parametrize("of_one", [True, False])
def test_a_target_that_cannot_be_read_is_said_in_words(world: World, error: Exception, of_one: bool) -> None:
    case = world.hire()
    world.targets["ldap"].trouble_reading(error)
    with pytest.raises(Unavailable, match=r"ldap can't be read: (away|wrong password)"):
        show_target(world.app, "ldap", case if of_one else "")


def test_unknown_systems_and_employments_are_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="no system 'sap'") as refusal:
        show_target(world.app, "sap")
    assert "ldap" in refusal.value.next_step
    with pytest.raises(NotFound):
        show_target(world.app, "ldap", "e-gone")


def test_confidential_values_are_masked_also_among_several() -> None:
    observed = Observed("k", "key", "link", State.ENABLED, {"one": Confidential("secret"), "many": ("a", Confidential("secret"))})
    assert as_item(observed, "e-1")["attributes"] == {"one": "***", "many": ["a", "***"]}
