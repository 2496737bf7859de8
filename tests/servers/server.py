"""What every hand-started server has: a folder, a process, a log, and an end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.keeper import keeper, kill_family
from tests.waiting import wait_until

SECONDS_TO_STOP = 30.0


class Server(ABC):
    """One server of one test session. A subclass says how to start it and how to tell that it is ready."""

    name = "server"
    user: str | None = None
    """The account it runs under when the tests run as root; None for root itself."""
    stop_signal = signal.SIGTERM

    def __init__(self) -> None:
        # Under /tmp and open to pass through: a server that runs under its own account must reach its files,
        # and a Unix socket's path may have 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix=f"idm-test-{self.name}-"))
        self.folder.chmod(0o755)
        keeper().watch_folder(self.folder)
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def start(self) -> Self:
        """Start, or start again after `stop` or `kill_hard`, on the same port and data; returns when it answers."""

    def stop(self) -> None:
        """End it as an administrator would, waiting until it is gone. Does nothing if it isn't running."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                kill_family(self.process.pid)
                self.process.wait()
        self.process = None

    def kill_hard(self) -> None:
        """Kill it and its children with -9, as a power cut would; `start` brings it back with what it had written."""
        if self.process is not None:
            kill_family(self.process.pid)
            self.process.wait()
            self.process = None

    def remove(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.remove()

    def give_to_user(self, path: Path) -> None:
        """Make `path` belong to the account that the server runs under."""
        if self._switches_user:
            shutil.chown(path, self.user, pwd.getpwnam(str(self.user)).pw_gid)

    def run_once(self, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> None:
        """Run a helper program to its end under the server's account; its output is in the error if it fails."""
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=env,
            user=self._account,
            group=self._group,
            extra_groups=self._groups,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: {Path(command[0]).name} failed with {done.returncode}:\n{done.stdout}{done.stderr}")

    def launch(self, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a program under the server's account, its output appended to `output`, its end watched over."""
        with self.output.open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                env=env,
                user=self._account,
                group=self._group,
                extra_groups=self._groups,
                start_new_session=True,
            )
        keeper().watch(process.pid)
        return process

    def wait_ready(self, is_ready: Callable[[], bool], timeout: float = 180.0) -> None:
        """Wait until `is_ready`; fails at once, with the end of its output, if the server ends instead."""

        def ready_or_gone() -> bool:
            return is_ready() or self.process is None or self.process.poll() is not None

        wait_until(ready_or_gone, timeout, f"{self.name} is not ready; its output:\n{self.tail()}")
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended instead of starting; its output:\n{self.tail()}")

    @property
    def output(self) -> Path:
        """What the server printed."""
        return self.folder / "output"

    def tail(self) -> str:
        """The last 2,000 characters that the server printed."""
        return self.output.read_text(errors="replace")[-2000:] if self.output.exists() else "(none)"

    @property
    def _switches_user(self) -> bool:
        return self.user is not None and os.getuid() == 0

    @property
    def _account(self) -> str | None:
        return self.user if self._switches_user else None

    @property
    def _group(self) -> int | None:
        return pwd.getpwnam(str(self.user)).pw_gid if self._switches_user else None

    @property
    def _groups(self) -> list[int] | None:
        return [] if self._switches_user else None
