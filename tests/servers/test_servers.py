"""The hand-started servers: durable, killable, gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import kombu
import psycopg
import pytest

from tests.servers.keeper import started_at
from tests.servers.postgres import PostgresServer
from tests.servers.rabbitmq import RabbitServer
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]

ABANDON = """
import os, sys
from tests.servers.postgres import PostgresServer
server = PostgresServer().start()
print(server.process.pid, server.folder, flush=True)
sys.stdin.read()
"""


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


def test_what_postgresql_committed_survives_a_kill(postgres: PostgresServer, postgres_url: str) -> None:
    with psycopg.connect(plain(postgres_url)) as connection:
        connection.execute("create table kept (number int)")
        connection.execute("insert into kept values (1)")
    postgres.kill_hard()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain(postgres_url), connect_timeout=10)
    postgres.start()
    with psycopg.connect(plain(postgres_url)) as connection:
        assert connection.execute("select number from kept").fetchall() == [(1,)]


def test_every_test_has_a_database_of_its_own(postgres: PostgresServer) -> None:
    assert postgres.new_database() != postgres.new_database()


def test_what_rabbitmq_confirmed_survives_a_kill(rabbitmq: RabbitServer, rabbitmq_url: str) -> None:
    with kombu.Connection(rabbitmq_url, transport_options={"confirm_publish": True}) as connection, connection.SimpleQueue("kept") as queue:
        queue.put("one", serializer="json")
    rabbitmq.kill_hard()
    with pytest.raises(OSError):
        kombu.Connection(rabbitmq_url).connect()
    rabbitmq.start()
    with kombu.Connection(rabbitmq_url) as connection, connection.SimpleQueue("kept") as queue:
        assert queue.get(timeout=60).payload == "one"


def test_a_virtual_host_is_gone_after_it_was_dropped(rabbitmq: RabbitServer) -> None:
    url = rabbitmq.new_vhost()
    with kombu.Connection(url) as connection:
        connection.connect()
    rabbitmq.drop_vhost(url)
    with pytest.raises(kombu.Connection(url).connection_errors):
        kombu.Connection(url).connect()


def test_a_server_ends_even_if_the_tests_are_killed() -> None:
    run = subprocess.Popen([sys.executable, "-c", ABANDON], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with run:
        assert run.stdout is not None
        pid, folder = run.stdout.readline().split()
        assert started_at(int(pid))
        os.kill(run.pid, signal.SIGKILL)
    wait_until(lambda: not started_at(int(pid)) and not Path(folder).exists(), 60.0, "the server or its folder is still there")
