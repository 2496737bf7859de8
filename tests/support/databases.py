"""Databases for tests: an empty one with tables, quickly, on SQLite and PostgreSQL."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import text

from idm.store import migrate, schema
from idm.store.engine import Database


def sqlite_url(path: Path) -> str:
    """How SQLAlchemy writes a SQLite file."""
    return f"sqlite:///{path}"


def migrated(url: str) -> str:
    """Give the database at `url` its tables, and answer the URL."""
    database = Database(url, 1)
    try:
        migrate.upgrade(database)
    finally:
        database.close()
    return url


def copied(template: Path, to: Path) -> str:
    """A copy of a SQLite file that nobody has open; its URL."""
    shutil.copyfile(template, to)
    return sqlite_url(to)


def emptied(url: str) -> str:
    """Take every row out of a database of idm's, and answer its URL: quicker than a database of its own for each test."""
    database = Database(url, 1)
    try:
        with database.writing() as connection:
            if database.sqlite:
                for table in schema.metadata.sorted_tables:
                    connection.execute(table.delete())
            else:
                connection.execute(text(f"truncate {', '.join(table.name for table in schema.metadata.sorted_tables)}"))
    finally:
        database.close()
    return url
