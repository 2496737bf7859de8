"""Migrations: bring a database's schema up to this version, and tell whether it is."""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from idm.store.engine import Database


def _config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["database"] = database
    return config


def upgrade(database: Database) -> tuple[str, str]:
    """Bring the schema to the newest revision; the revisions before ("" if there was none) and after."""
    # It tells of every step as if it were news.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    before = current(database)
    command.upgrade(_config(database), "head")
    return before, current(database)


def downgrade(database: Database, revision: str) -> None:
    """Take the schema back to `revision` ("base" for none). Data in what goes away is lost."""
    command.downgrade(_config(database), revision)


def current(database: Database) -> str:
    """The revision that the database is at, "" if it has no schema."""
    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def newest(database: Database) -> str:
    """The newest revision that this version of idm knows."""
    return ScriptDirectory.from_config(_config(database)).get_current_head() or ""
