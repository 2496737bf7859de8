"""The directory simulator: a small LDAP v3 server in a thread and event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from idm.errors import Unavailable
from idm.simulators.ldap_directory import Directory
from idm.simulators.ldap_root import Root
from idm.simulators.ldap_schema import load_schema
from idm.simulators.ldap_session import Session

if TYPE_CHECKING:
    from idm.simulators.service import Failures, Journal

MAX_CONNECTIONS = 500
BACKLOG = 128
STOP_SECONDS = 10.0


class LdapSimulator:
    """A directory that idm, and idm alone, may write to; its entries lie in its journal's file and outlive any crash."""

    def __init__(
        self,
        system: str,
        directory: Path,
        port: int,
        journal: Journal,
        failures: Failures,
        *,
        secret: str,
        reader_secret: str,
        groups: Sequence[str] = (),
        suffix: str = "dc=example,dc=org",
    ) -> None:
        """`port` 0 takes any; `secret` is the password of `writer_dn`, `reader_secret` that of `reader_dn`.

        `directory` is the folder of the system's files. The entries share the journal's file, so that an effect and its
        journal entry are kept together or not at all; nothing else is written. `groups` are made if they aren't there.
        """
        self.system = system
        self.directory = directory
        self.reader_dn = f"cn=reader,ou=services,{suffix}"
        self.writer_dn = f"cn=idm,ou=services,{suffix}"
        self.suffix = suffix
        self._port = port
        self._journal = journal
        self._failures = failures
        self._secret = secret
        self._reader_secret = reader_secret
        self._groups = tuple(groups)
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._trouble: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._sessions: dict[Session, asyncio.Task[None]] = {}

    def start(self) -> str:
        """Read the entries, bind 127.0.0.1 and serve; the URL. Raises `Unavailable` if the port can't be had."""
        if self._thread is not None:
            raise Unavailable("The directory simulator runs already.", next_step="Stop it before you start it again.")
        self._ready.clear()
        self._trouble = None
        self._thread = threading.Thread(target=self._run, name=f"simulator-{self.system}", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._trouble is not None:
            self._thread.join()
            self._thread = None
            if isinstance(self._trouble, OSError):
                raise Unavailable(
                    f"The directory simulator can't listen on 127.0.0.1:{self._port}: {self._trouble.strerror}.",
                    next_step="Choose another port, or end the program that holds it.",
                ) from self._trouble
            raise self._trouble
        return f"ldap://127.0.0.1:{self._port}"

    def stop(self) -> None:
        """End every connection and the thread. What was answered is kept."""
        thread, loop, ending = self._thread, self._loop, self._ending
        if thread is None or loop is None or ending is None:
            return
        loop.call_soon_threadsafe(ending.set)
        thread.join(STOP_SECONDS)
        if thread.is_alive():
            raise Unavailable(f"The directory simulator didn't stop within {STOP_SECONDS:.0f} seconds.", next_step="Stop its process.")
        self._thread = None

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that started this one
            self._trouble = error
            self._ready.set()

    async def _serve(self) -> None:
        schema = load_schema()
        directory = Directory(
            schema, self.suffix, self._journal, secret=self._secret, reader_secret=self._reader_secret, groups=self._groups
        )
        root = Root(schema, self.suffix)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            session = Session(directory, root, self._failures, reader, writer)
            if len(self._sessions) >= MAX_CONNECTIONS or self._failures.is_down():
                session.abort()
                return
            task = asyncio.get_running_loop().create_task(session.serve())
            self._sessions[session] = task
            try:
                await asyncio.wait([task])
            finally:
                del self._sessions[session]
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", self._port, backlog=BACKLOG)
        self._loop = asyncio.get_running_loop()
        self._ending = asyncio.Event()
        # The same port again after a stop and start of this instance.
        self._port = server.sockets[0].getsockname()[1]
        self._failures.subscribe(self._failures_changed)
        self._ready.set()
        try:
            await self._ending.wait()
        finally:
            server.close()
            self._abort_all()
            while self._sessions:
                await asyncio.wait(list(self._sessions.values()))
                await asyncio.sleep(0)

    def _failures_changed(self) -> None:
        """Called in any thread: if the system is down now, its connections end."""
        loop = self._loop
        if loop is not None and not loop.is_closed() and self._failures.is_down():
            loop.call_soon_threadsafe(self._abort_all)

    def _abort_all(self) -> None:
        for session in list(self._sessions):
            session.abort()
