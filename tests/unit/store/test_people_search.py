from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import text

from idm.flow.access import take_access
from idm.store.people_search import people_sql
from tests import data
from tests.support.more_people import import_more
from tests.support.world import World

NOWHERE: tuple[str, ...] = ()


def found(world: World, *asked: str, units: tuple[str, ...] = NOWHERE, limit: int = 20) -> list[str]:
    return list(world.store.find_people([(word, units) for word in asked], today=world.clock.today(), limit=limit))


def test_every_word_asked_for_must_begin_one_of_theirs_and_they_come_by_name(world: World) -> None:
    import_more(world, ("a1", "Anna", "Nordby", "care"), ("a2", "Åse", "Nordby", "care"), ("a3", "Anna", "Bæk", "care"))

    assert found(world, "nord") == ["a1", data.HEAD_NORTH, "a2"]
    assert found(world, "nord", "an") == ["a1"] and found(world, "ordby") == [] and found(world) == []
    assert found(world, "nord", limit=1) == ["a1"]


def test_a_unit_asked_for_finds_who_works_there_today(world: World) -> None:
    import_more(world, ("a1", "Anna", "Nordby", "care"))

    assert found(world, "pleje", units=("care",)) == ["a1"]
    assert found(world, "pleje", units=("daycare",)) == []


def test_nobody_is_found_whose_employment_is_over_or_to_come_or_whose_access_was_taken(world: World) -> None:
    today = world.clock.today()
    import_more(world, ("over", "Anna", "Over", "care"), end_date=(today - timedelta(1)).isoformat())
    import_more(world, ("to_come", "Anna", "Come", "care"), start_date=(today + timedelta(1)).isoformat())
    import_more(world, ("last_day", "Anna", "Last", "care"), end_date=today.isoformat())
    import_more(world, ("taken", "Anna", "Taken", "care"))
    take_access(world.app, "taken", "left at once", administrator="root")

    assert found(world, "anna") == ["last_day"] == found(world, "pleje", units=("care",))


def test_a_new_name_is_found_and_the_old_one_no_more(world: World) -> None:
    import_more(world, ("a1", "Anna", "Nordby", "care"))
    import_more(world, ("a1", "Anna", "Østby", "care"))

    assert found(world, "østby") == ["a1"] and found(world, "nordby") == []


def test_indexes_find_them_and_no_table_is_read_through(world: World) -> None:
    sqlite = world.database.sqlite
    statement, values = people_sql([("nord", ["care"]), ("an", NOWHERE)], sqlite=sqlite)
    values |= {"today": "2026-11-22", "limit": 20}
    with world.database.writing() as connection:
        if not sqlite:
            # The few rows of a test are read through unless that is forbidden.
            connection.execute(text("set local enable_seqscan = off"))
        plan = connection.execute(text(f"explain {'query plan ' if sqlite else ''}{statement}"), values)
        lines = [str(row[-1]) for row in plan]
    read = [line for line in lines if line.strip(" ->").startswith(("SCAN", "Seq Scan")) and "VIRTUAL" not in line]
    assert [line for line in read if re.search(r"\b(w|e|p|person_words|employments|people)\b", line)] == []
    assert any("person_words" in line for line in lines) and any("ix_employments_unit" in line for line in lines), lines
