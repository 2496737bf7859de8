from __future__ import annotations

from string import ascii_uppercase

import pytest

from idm.errors import BadInput
from idm.flow.candidates import MOST_FOUND, candidate, find_people, meant
from tests import data
from tests.support.more_people import import_more
from tests.support.world import World


def test_people_are_found_by_name_address_or_unit_with_what_they_are(world: World) -> None:
    world.import_municipality()

    def ids(typed: str) -> list[str]:
        return [each.id for each in find_people(world.app, typed).people]

    assert ids("lønh") == ids("pay_officer@example.org") == ids("PIA rådhuset") == [data.PAY]
    assert set(ids("skolen")) == {data.HEAD_NORTH, data.HEAD_SOUTH, data.TEACHER}
    assert find_people(world.app, "lønh").people[0].where == "Lønkonsulent, Rådhuset"
    assert ids("p") == ids("") == ids("?") == [], "nobody is listed before something was typed"


def test_no_more_are_shown_than_can_be_looked_through(world: World) -> None:
    import_more(world, *((f"a{number:02}", "Anna", f"Nordby {ascii_uppercase[number]}", "care") for number in range(MOST_FOUND + 2)))

    found = find_people(world.app, "nordby", {"a00"})
    assert (len(found.people), found.more, found.people[0].id) == (MOST_FOUND, True, "a01")
    found = find_people(world.app, "nordby", {"a00", "a01"})
    assert (len(found.people), found.more) == (MOST_FOUND, False)


@pytest.mark.parametrize("typed", [data.PAY, "Pia  Lønholm", "pia lønholm", "PAY_OFFICER@example.org"])
def test_an_id_a_work_address_and_a_full_name_mean_somebody_for_certain(world: World, typed: str) -> None:
    import_more(world, ("a1", "Pia", "Lønholm Bæk", "care"))
    assert meant(world.app, typed, "to") == data.PAY


@pytest.mark.parametrize(
    ("typed", "says"), [("Pia", "choose who is meant"), ("Nobody At All", "nobody is found"), ("P", "nobody is found")]
)
def test_of_part_of_a_name_and_one_that_several_bear_it_is_asked_who_is_meant(world: World, typed: str, says: str) -> None:
    import_more(world, ("a1", "Pia", "Lønholm", "care"))
    for one in (typed, "Pia Lønholm"):
        with pytest.raises(BadInput) as refused:
            meant(world.app, one, "to")
        assert [fault.path for fault in refused.value.faults] == ["to"]
    with pytest.raises(BadInput) as refused:
        meant(world.app, typed, "to")
    assert says in refused.value.faults[0].message


def test_who_was_chosen_already_is_shown_as_they_are_found(world: World) -> None:
    world.import_municipality()
    assert candidate(world.app, data.PAY, "da") == find_people(world.app, "lønholm").people[0]
    assert candidate(world.app, "nobody-knows", "da") is None and candidate(world.app, "team:none", "da") is None
