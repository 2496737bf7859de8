"""How Alembic reaches the database: through the `Database` that `idm.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from idm.store import schema_hand_in, schema_search  # noqa: F401 - their tables are part of the schema
from idm.store.engine import Database
from idm.store.schema import metadata


def run() -> None:
    """Run the migrations that were asked for, in one transaction."""
    database: Database = context.config.attributes["database"]
    with database.writing() as connection:
        context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
        context.run_migrations()


run()
