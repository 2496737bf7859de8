"""What every table is made with: the names of indexes and keys, and the columns that idm uses."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, MetaData, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def text_column(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    """A text."""
    return Column(name, Text, primary_key=key, nullable=null)


def moment_column(name: str, *, null: bool = False) -> Column[int]:
    """A moment, in microseconds since 1970 (UTC)."""
    return Column(name, BigInteger, nullable=null)
