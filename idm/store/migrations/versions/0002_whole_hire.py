"""What the whole hire needs beyond the first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply it."""
    op.add_column("people", sa.Column("language", sa.Text(), nullable=True))
    _aliases()
    _seals()
    _comments()
    _powers()
    _notices()


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


def _seals() -> None:
    op.create_table(
        "seals",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("heads", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("mac", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seals")),
    )
    op.create_table(
        "sealed_heads",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("seal", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "seq", name=op.f("pk_sealed_heads")),
    )
    op.create_index(op.f("ix_sealed_heads_seal"), "sealed_heads", ["seal"])
    unsealed = sa.text("not sealed")
    op.create_index("ix_audit_unsealed", "audit", ["stream", "seq"], sqlite_where=unsealed, postgresql_where=unsealed)


def _comments() -> None:
    op.create_table(
        "comments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("administrator", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("to_hire", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("salt", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index(op.f("ix_comments_case_id_at"), "comments", ["case_id", "at"])


def _powers() -> None:
    for name in ("limit_amount", "limit_units", "limit_kinds", "confirmed_on", "confirmed_by"):
        op.add_column("delegations", sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "substitutions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("substitute", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("authorities", sa.Text(), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitutions")),
    )
    op.create_index(op.f("ix_substitutions_person_id"), "substitutions", ["person_id"])
    op.create_table(
        "access_marks",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("marked_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_access_marks")),
    )
    op.create_table(
        "decisions",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("delegation", sa.Text(), nullable=False),
        sa.Column("place_of", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_case_id"), "decisions", ["case_id"])
    op.create_index(op.f("ix_decisions_delegation"), "decisions", ["delegation"])
    op.create_index(op.f("ix_decisions_place_of_at"), "decisions", ["place_of", "at"])


def _notices() -> None:
    op.add_column("tasks", sa.Column("due", sa.Text(), nullable=True))
    op.add_column("tasks", sa.Column("escalated", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_tasks_state_due"), "tasks", ["state", "due"])
    op.create_table(
        "notices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("again_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_state_due_at"), "notices", ["state", "due_at"])
    op.create_index(op.f("ix_notices_person_id_state"), "notices", ["person_id", "state"])
    op.create_index(op.f("ix_notices_case_id"), "notices", ["case_id"])
    op.create_table(
        "reminders",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "level", "day", name=op.f("pk_reminders")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("reminders")
    op.drop_table("notices")
    op.drop_index("ix_tasks_state_due", "tasks")
    with op.batch_alter_table("tasks") as batch:
        batch.drop_column("escalated")
        batch.drop_column("due")
    op.drop_table("decisions")
    op.drop_table("access_marks")
    op.drop_table("substitutions")
    with op.batch_alter_table("delegations") as batch:
        for name in ("confirmed_by", "confirmed_on", "limit_kinds", "limit_units", "limit_amount"):
            batch.drop_column(name)
    op.drop_table("comments")
    op.drop_index("ix_audit_unsealed", "audit")
    op.drop_table("sealed_heads")
    op.drop_table("seals")
    op.drop_table("employment_aliases")
    op.drop_table("person_aliases")
    with op.batch_alter_table("people") as batch:
        batch.drop_column("language")
