"""The bare loop: eight commits a hire to the same database, with nothing around them. The least that a durable engine could do."""

from __future__ import annotations

import json

import psycopg

_DOCUMENT = json.dumps({"steps": {f"part{number}": ["pending", 1700000000000000, 0, 1] for number in range(1, 9)}})


class Loop:
    """The loop on one connection."""

    def __init__(self, url: str) -> None:
        """`url` as SQLAlchemy writes it."""
        self._connection = psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)
        self._connection.execute("create table if not exists bench_loop (id text primary key, step int not null, doc text not null)")
        self._next = 0

    def run(self, hires: int) -> None:
        """Take `hires` through eight steps, one committed update a step."""
        for _ in range(hires):
            self._next += 1
            id = f"loop-{self._next}"
            self._connection.execute("insert into bench_loop values (%s, 0, %s)", (id, _DOCUMENT))
            for step in range(1, 9):
                self._connection.execute("update bench_loop set step = %s, doc = %s where id = %s", (step, _DOCUMENT, id))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
