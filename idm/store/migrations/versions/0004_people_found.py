"""People are found by parts of their names"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from idm.store.migrations.person_words import fill_in

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "person_words",
        sa.Column("word", sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("word", "person_id", name=op.f("pk_person_words")),
    )
    op.create_index(op.f("ix_person_words_person_id"), "person_words", ["person_id"])
    op.create_index(op.f("ix_employments_unit"), "employments", ["unit"])
    fill_in(op.get_bind())


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f("ix_employments_unit"), "employments")
    op.drop_table("person_words")
