"""The parts of a server live on: through a database that ends their sessions, and lanes that nobody told them of."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from idm.dispatch.app import make_celery, queue_name
from idm.dispatch.publisher import CeleryPublisher
from idm.errors import Unavailable
from idm.flow.relay import relay
from tests.support.world import World

END_SESSIONS = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


def end_sessions(world: World) -> None:
    """Let the database end every session but the one that asks, as a restart of it does."""
    with world.database.auto.connect() as connection:
        connection.execute(text(END_SESSIONS))


@pytest.fixture
def postgres_world(new_world: Callable[..., World], request: pytest.FixtureRequest) -> World:
    """An installation on PostgreSQL."""
    return new_world()


class TestOnPostgres:
    """What SQLite, which has no sessions, can't show."""

    @pytest.fixture(params=["postgresql"])
    def database_url(self, request: pytest.FixtureRequest) -> str:
        """Instead of both databases."""
        from tests.support.databases import emptied

        return emptied(request.getfixturevalue("postgres_tables"))

    def test_who_waits_for_work_hears_that_the_database_ended_the_session_and_can_wait_again(self, postgres_world: World) -> None:
        world = postgres_world
        world.store.wait(0.01)
        end_sessions(world)
        with pytest.raises(Unavailable):
            world.store.wait(5)
        world.store.wait(0.01)

    def test_a_relay_that_loses_the_database_says_so_in_idms_own_words(self, postgres_world: World) -> None:
        world = postgres_world
        looks = iter([False, False, True])
        ended = threading.Event()

        def stopping() -> bool:
            if not ended.is_set():
                ended.set()
                return False
            end_sessions(world)
            return next(looks)

        with pytest.raises(Unavailable):
            relay(world.app, stopping, lambda _: None)


def test_a_message_for_a_lane_that_came_later_goes_to_the_queue_for_all_others() -> None:
    celery = make_celery("memory://", ["ldap"])
    CeleryPublisher(celery).publish([("c-1", "ldap"), ("c-2", "parking")])
    with celery.connection_for_read() as connection:
        found = {name: connection.SimpleQueue(queue_name(name)).get_nowait().payload[0] for name in ("ldap", "default")}
    assert found == {"ldap": ["c-1", "ldap"], "default": ["c-2", "parking"]}


def test_an_error_of_the_database_does_not_tell_what_was_being_written(world: World) -> None:
    with pytest.raises(DBAPIError) as error:
        world.sql("insert into settings (name, value) values (:name, :value), (:name, :value)", name="x", value="a private address")
    assert "a private address" not in str(error.value).replace(str(error.value.orig), "")
