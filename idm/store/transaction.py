"""An open transaction, and the two statements that every part of the writer needs, as each database says them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


class Transaction:
    """What the parts of the writer stand on. It neither begins nor commits."""

    def __init__(self, connection: Connection, *, sqlite: bool) -> None:
        self._connection = connection
        self._sqlite = sqlite

    def _insert(self, table: Table, values: dict[str, Any]) -> Any:
        statement = sqlite.insert(table) if self._sqlite else postgresql.insert(table)
        return statement.values(values)

    def _put(self, table: Table, values: dict[str, Any], *keys: str) -> None:
        """Insert, or write over the row that has these `keys`."""
        statement = self._insert(table, values)
        update = {name: value for name, value in values.items() if name not in keys}
        self._connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=update))

    def _add(self, table: Table, values: dict[str, Any]) -> bool:
        """Insert unless the key is there: an insert that fails would spoil the whole transaction on PostgreSQL."""
        key = next(iter(table.primary_key.columns))
        statement = self._insert(table, values).on_conflict_do_nothing().returning(key)
        return self._connection.execute(statement).first() is not None
