"""Who else is appointed for the case of a task, and an index that tells a person's appointments by itself"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from idm.store.migrations.open_tasks import fill_in_beside

revision = "0005"
down_revision = "0004"

_OPEN_TASKS = {
    "ix_tasks_beside": (("beside", "due", "id"), "state = 'open' and beside is not null"),
    "ix_tasks_crowd": (("case_id", "actor", "due", "id"), "state = 'open' and beside = '*'"),
}


def upgrade() -> None:
    """Apply it."""
    op.add_column("tasks", sa.Column("beside", sa.Text(), nullable=True))
    fill_in_beside(op.get_bind())
    for name, (columns, where) in _OPEN_TASKS.items():
        op.create_index(name, "tasks", list(columns), sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("ix_delegations_held", "delegations", ["to_person", "case_id", "authority", "revoked"])
    op.drop_index(op.f("ix_delegations_to_person_case_id"), "delegations")


def downgrade() -> None:
    """Take it back."""
    op.create_index(op.f("ix_delegations_to_person_case_id"), "delegations", ["to_person", "case_id"])
    op.drop_index("ix_delegations_held", "delegations")
    for name in _OPEN_TASKS:
        op.drop_index(name, "tasks")
    with op.batch_alter_table("tasks") as batch:
        batch.drop_column("beside")
