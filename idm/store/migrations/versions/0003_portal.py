"""What the portal needs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from idm.store.migrations.open_tasks import fill_in

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply it."""
    _lists()
    _sessions()
    _invitations()
    _hand_in()


def _hand_in() -> None:
    op.create_table(
        "drafts",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "person_id", name=op.f("pk_drafts")),
    )
    op.create_table(
        "pages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("vault_name", sa.Text(), nullable=False),
        sa.Column("wrapped_key", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
    )
    op.create_index(op.f("ix_pages_case_id_kind_place"), "pages", ["case_id", "kind", "place"])


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_token_hash"), "sessions", ["token_hash"], unique=True)
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"])
    op.create_index(op.f("ix_sessions_case_id"), "sessions", ["case_id"])
    op.create_index(op.f("ix_sessions_ends_at"), "sessions", ["ends_at"])


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("spent_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_token_hash"), "invitations", ["token_hash"], unique=True)
    op.create_index(op.f("ix_invitations_case_id"), "invitations", ["case_id"])
    op.create_table(
        "pending",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("invitation_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("code_until", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending")),
    )
    op.create_index(op.f("ix_pending_token_hash"), "pending", ["token_hash"], unique=True)
    op.create_index(op.f("ix_pending_case_id"), "pending", ["case_id"])
    op.create_index(op.f("ix_pending_ends_at"), "pending", ["ends_at"])


_OPEN_TASKS = {
    "ix_tasks_free": (("actor", "unit", "due", "id", "kind"), "state = 'open' and named is null"),
    "ix_tasks_escalated": (("actor", "unit", "due", "id"), "state = 'open' and escalated > 0"),
    "ix_tasks_named": (("named", "due", "id"), "state = 'open' and named is not null"),
    "ix_tasks_hire": (("person_id", "due", "id"), "state = 'open'"),
    "ix_tasks_case": (("case_id", "actor", "due", "id"), "state = 'open'"),
    "ix_tasks_apart": (("apart",), "state = 'open' and apart is not null"),
}


def _lists() -> None:
    op.add_column("tasks", sa.Column("named", sa.Text(), nullable=True))
    op.add_column("tasks", sa.Column("apart", sa.Text(), nullable=True))
    fill_in(op.get_bind())
    for name, (columns, where) in _OPEN_TASKS.items():
        op.create_index(name, "tasks", list(columns), sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("ix_cases_place", "cases", ["unit", "state", "start_date", "id"])
    op.create_index(op.f("ix_delegations_to_person_case_id"), "delegations", ["to_person", "case_id"])
    op.create_index(op.f("ix_delegations_granted_by_case_id"), "delegations", ["granted_by", "case_id"])
    op.create_index(op.f("ix_delegations_confirmed_by"), "delegations", ["confirmed_by"])
    op.create_index(op.f("ix_employments_manager"), "employments", ["manager"])
    op.create_index(op.f("ix_decisions_person_id_at"), "decisions", ["person_id", "at"])


def _without_lists() -> None:
    op.drop_index("ix_decisions_person_id_at", "decisions")
    op.drop_index("ix_employments_manager", "employments")
    op.drop_index("ix_delegations_confirmed_by", "delegations")
    op.drop_index("ix_delegations_granted_by_case_id", "delegations")
    op.drop_index("ix_delegations_to_person_case_id", "delegations")
    op.drop_index("ix_cases_place", "cases")
    for name in _OPEN_TASKS:
        op.drop_index(name, "tasks")
    with op.batch_alter_table("tasks") as batch:
        batch.drop_column("apart")
        batch.drop_column("named")


def downgrade() -> None:
    """Take it back."""
    op.drop_table("pages")
    op.drop_table("drafts")
    _without_lists()
    op.drop_table("pending")
    op.drop_table("invitations")
    op.drop_table("sessions")
