"""A real PostgreSQL: durable as in production (fsync on), or quicker for tests, where it outlives every kill but not a power cut."""

from __future__ import annotations

import itertools
import shutil
import signal
from pathlib import Path
from typing import Self

import psycopg

from tests.servers import NotInstalled
from tests.servers.ports import free_port
from tests.servers.server import Server

HOW_TO_GET_IT = "PostgreSQL isn't installed (Debian: sudo apt-get install postgresql)"


def programs() -> Path:
    """The folder of the newest PostgreSQL's programs. Raises `NotInstalled` if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise NotInstalled(HOW_TO_GET_IT)


class PostgresServer(Server):
    """PostgreSQL on a loopback port; `new_database` gives each test an empty database of its own."""

    name = "postgres"
    user = "postgres"
    # "Fast": ends sessions that are still open instead of waiting for them.
    stop_signal = signal.SIGINT

    def __init__(self, *, survives_power_cuts: bool = True) -> None:
        """Without `survives_power_cuts` nothing waits for the disk: what is committed is safe from kill -9, not from the machine's end."""
        self._fsync = "on" if survives_power_cuts else "off"
        self._programs = programs()
        super().__init__()
        self.port = free_port()
        self._numbers = itertools.count(1)
        self.give_to_user(self.folder)
        self.run_once(
            [self._programs / "initdb", "-D", self._data, "-U", "idm", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        )

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def start(self) -> Self:
        """Start it, and return when it takes connections. After `kill_hard` it first recovers from its log."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "fsync": self._fsync,
            "full_page_writes": self._fsync,
            "log_min_messages": "warning",
            # Two test sessions on one machine must not fight over it.
            "shared_buffers": "64MB",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.process = self.launch([self._programs / "postgres", "-D", self._data, *options])
        self.wait_ready(self._answers)
        return self

    def url(self, database: str) -> str:
        """Where `database` is, as SQLAlchemy writes it."""
        return f"postgresql+psycopg://idm@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database, and answer its URL."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self._maintenance, autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database that `new_database` made, ending what is still connected to it."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self._maintenance, autocommit=True) as connection:
            connection.execute(f"drop database if exists {name} with (force)".encode())

    @property
    def _maintenance(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=idm dbname=postgres connect_timeout=5"

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self._maintenance):
                return True
        except psycopg.OperationalError:
            return False
