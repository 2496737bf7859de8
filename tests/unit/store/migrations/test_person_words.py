from __future__ import annotations

from sqlalchemy import text

from idm.store.migrations.person_words import fill_in
from tests.support.more_people import import_more
from tests.support.world import World


def words(world: World) -> set[tuple[str, str]]:
    with world.database.reading() as connection:
        return {(row.person_id, row.word) for row in connection.execute(text("select * from person_words"))}


def test_those_from_before_are_found_as_those_who_come_are(world: World) -> None:
    import_more(world, ("a1", "Anne-Marie", "Åkjær", "care"), ("a2", "Amélie", "Sørensen", "care"))
    wanted = words(world)
    assert {("a1", "åkjær"), ("a2", "amelie")} <= wanted
    world.sql("delete from person_words")

    with world.database.writing() as connection:
        fill_in(connection)

    assert words(world) == wanted
