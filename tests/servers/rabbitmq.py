"""A real RabbitMQ node for a test session; each test gets a virtual host of its own."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Self

from tests.servers import NotInstalled
from tests.servers.keeper import kill_family
from tests.servers.ports import free_ports
from tests.servers.server import Server
from tests.waiting import wait_until

HOW_TO_GET_IT = "RabbitMQ isn't installed (Debian: sudo apt-get install rabbitmq-server)"
INSTALLED = Path("/usr/lib/rabbitmq")
USER = "idm"

# Idle schedulers don't spin: the tests need the processor.
IDLE = "+sbwt none +sbwtdcpu none +sbwtdio none"

# A node looks at every plugin in its folder when it starts: with only what the broker itself needs, that takes half the time.
NEEDED = (
    "accept", "amqp_client", "amqp10_common", "aten", "credentials_obfuscation", "cuttlefish", "enough", "gen_batch_server", "getopt",
    "observer_cli", "osiris", "ra", "rabbit", "rabbit_common", "rabbitmq_prelaunch", "ranch", "recon", "redbug", "seshat",
    "stdout_formatter", "syslog", "sysmon_handler", "systemd", "thoas", "jsx", "horus", "khepri", "khepri_mnesia_migration",
)  # fmt: skip


def programs() -> tuple[Path, Path, str, str]:
    """The server's start script, its plugin folder, and the programs `epmd` and `erl_call`. Raises `NotInstalled`."""
    script = INSTALLED / "bin" / "rabbitmq-server"
    plugins = sorted(INSTALLED.glob("lib/rabbitmq_server-*/plugins"))
    epmd, erl_call = shutil.which("epmd"), shutil.which("erl_call")
    if not script.exists() or not plugins or epmd is None or erl_call is None:
        raise NotInstalled(HOW_TO_GET_IT)
    return script, plugins[-1], epmd, erl_call


class RabbitServer(Server):
    """One RabbitMQ node with its own Erlang port mapper, all on loopback."""

    name = "rabbitmq"

    def __init__(self) -> None:
        self._script, self._plugins, self._epmd_program, self._erl_call = programs()
        super().__init__()
        self.port, self._distribution, self._epmd_port = free_ports(3)
        self._password = secrets.token_hex(8)
        self._numbers = itertools.count(1)
        self._epmd: subprocess.Popen[bytes] | None = None
        self._write_configuration()

    def start(self) -> Self:
        """Start it, and return when it takes connections."""
        self._start_port_mapper()
        self.process = self.launch([self._script], self._environment())
        self.wait_ready(self._is_up)
        return self

    def stop(self) -> None:
        """End the node, then its port mapper."""
        super().stop()
        self._end_port_mapper()

    def kill_hard(self) -> None:
        """Kill the node with -9; its port mapper too, so that nothing remembers the node."""
        super().kill_hard()
        self._end_port_mapper()

    def new_vhost(self) -> str:
        """Make an empty virtual host, and answer its URL."""
        name = f"test-{next(self._numbers)}"
        self.evaluate(
            f'ok = rabbit_vhost:add(<<"{name}">>, <<"idm">>), '
            f'ok = rabbit_auth_backend_internal:set_permissions(<<"{USER}">>, <<"{name}">>, <<".*">>, <<".*">>, <<".*">>, <<"idm">>), '
            "done."
        )
        return self.url(name)

    def drop_vhost(self, url: str) -> None:
        """Remove a virtual host that `new_vhost` made, with its queues and connections."""
        name = url.rpartition("/")[2]
        self.evaluate(f'ok = rabbit_vhost:delete(<<"{name}">>, <<"idm">>), done.')

    def unfinished(self, url: str, queue: str) -> int:
        """How many messages of a quorum queue nobody has acknowledged: those that are ready, and those that are in somebody's hands."""
        vhost = url.rpartition("/")[2]
        return int(
            self.evaluate(
                f'{{ok, Q}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"{vhost}">>, queue, <<"{queue}">>)), '
                "{ok, {_, Count}, _} = ra:leader_query(amqqueue:get_pid(Q), fun rabbit_fifo:query_messages_total/1), Count."
            )
        )

    def url(self, vhost: str) -> str:
        """Where `vhost` is, as kombu writes it."""
        return f"amqp://{USER}:{self._password}@127.0.0.1:{self.port}/{vhost}"

    def evaluate(self, expression: str) -> str:
        """Evaluate Erlang in the node (10 ms; rabbitmqctl takes 700) and answer what it printed. Raises RuntimeError if it fails."""
        done = subprocess.run(
            [self._erl_call, "-address", f"127.0.0.1:{self._distribution}", "-R", "-timeout", "30", "-e"],
            input=expression + "\n",
            capture_output=True,
            text=True,
            env=self._environment(),
        )
        if done.returncode != 0 or not done.stdout.startswith("{ok, "):
            raise RuntimeError(f"RabbitMQ did not take {expression!r}: {done.stdout}{done.stderr}")
        return done.stdout.removeprefix("{ok, ").removesuffix("}")

    def _write_configuration(self) -> None:
        plugins = self.folder / "plugins"
        plugins.mkdir()
        for source in self._plugins.iterdir():
            if source.name.rpartition("-")[0] in NEEDED:
                (plugins / source.name).symlink_to(source)
        home = self.folder / "home"
        home.mkdir(mode=0o700)
        cookie = home / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)
        (self.folder / "enabled_plugins").write_text("[].\n")
        (self.folder / "env.conf").touch()
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            f"default_user = {USER}\n"
            f"default_pass = {self._password}\n"
            f"log.file = {self.folder}/rabbit.log\n"
            # The machine that runs the tests may be fuller than a broker likes, which would block every publisher.
            "disk_free_limit.absolute = 50MB\n"
            "vm_memory_high_watermark.relative = 0.8\n"
        )

    def _environment(self) -> dict[str, str]:
        # Nothing of the caller's settings: they might point at the machine's own broker.
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_BASE": str(self.folder),
            "RABBITMQ_NODENAME": f"idm{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self.folder / "generated"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced"),
            "RABBITMQ_PLUGINS_DIR": str(self.folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 " + IDLE,
            # The script then becomes the node, instead of staying beside it as a second process to end.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _start_port_mapper(self) -> None:
        # In the foreground: the one a node starts by itself detaches and stays.
        self._epmd = self.launch([self._epmd_program, "-port", str(self._epmd_port), "-address", "127.0.0.1"], self._environment())
        wait_until(lambda: self._listens(self._epmd_port), 60.0, "epmd does not listen")

    def _end_port_mapper(self) -> None:
        if self._epmd is not None:
            kill_family(self._epmd.pid)
            self._epmd.wait()
            self._epmd = None

    def _is_up(self) -> bool:
        # The listener opens last, when virtual hosts and users are there.
        return self._listens(self.port)

    @staticmethod
    def _listens(port: int) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1.0):
                return True
        except OSError:
            return False
