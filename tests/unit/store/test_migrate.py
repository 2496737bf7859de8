from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from idm.store import migrate, schema
from idm.store.engine import Database
from tests.support.databases import sqlite_url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """An empty database of each kind."""
    url = sqlite_url(tmp_path / "x.sqlite") if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    database = Database(url, 2)
    request.addfinalizer(database.close)
    return database


def tables(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_the_schema_goes_up_down_and_up_again(empty: Database) -> None:
    assert migrate.current(empty) == ""
    assert migrate.upgrade(empty) == ("", migrate.newest(empty))
    assert tables(empty) == set(schema.metadata.tables)
    assert migrate.upgrade(empty) == (migrate.newest(empty), migrate.newest(empty))
    migrate.downgrade(empty, "base")
    assert (tables(empty), migrate.current(empty)) == (set(), "")
    migrate.upgrade(empty)
    assert tables(empty) == set(schema.metadata.tables)


def test_the_migrations_make_exactly_the_schema(empty: Database) -> None:
    migrate.upgrade(empty)
    with empty.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, schema.metadata) == []


def test_a_difference_would_be_found(empty: Database) -> None:
    migrate.upgrade(empty)
    with empty.writing() as connection:
        connection.exec_driver_sql("drop index ix_timers_due")
    with empty.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) != []
