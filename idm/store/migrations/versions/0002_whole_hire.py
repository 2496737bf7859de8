"""What the whole hire needs beyond the first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply it."""
    _aliases()


def _aliases() -> None:
    op.create_table(
        "person_aliases",
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_person_aliases")),
    )
    op.create_index(op.f("ix_person_aliases_person_id"), "person_aliases", ["person_id"])
    op.create_table(
        "employment_aliases",
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("employment_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_employment_aliases")),
    )
    op.create_index(op.f("ix_employment_aliases_employment_id"), "employment_aliases", ["employment_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("employment_aliases")
    op.drop_table("person_aliases")
