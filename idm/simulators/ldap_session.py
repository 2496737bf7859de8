"""One client's connection to the directory: its requests, answered in the order in which they can be."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idm.simulators import ldap_ber as ber
from idm.simulators import ldap_messages as wire
from idm.simulators.ldap_ber import BerError
from idm.simulators.ldap_directory import NOBODY, Directory
from idm.simulators.ldap_entry import Code, Entry, LdapRefusal
from idm.simulators.ldap_messages import Abandon, Add, Bind, BodyError, Compare, Delete, Extended, Message, Modify, Rename, Search, Unbind
from idm.simulators.ldap_root import Root

if TYPE_CHECKING:
    from idm.simulators.service import Failure, Failures

MAX_PACKET = 4 * 1024 * 1024
"""Bytes of one request; before the login MAX_PACKET_ANONYMOUS."""
MAX_PACKET_ANONYMOUS = 256 * 1024
MAX_OUTSTANDING = 100
MAX_PAGED = 4

_GLANCE = 0.05
"""Seconds between two looks at whether what is slow needn't be any longer."""

_log = logging.getLogger(__name__)
_KNOWN_CONTROLS = frozenset({wire.PAGED_RESULTS, wire.MANAGE_DSA_IT})


async def _linger(slow: Failure | None) -> None:
    """Take as long as an operation that is slow takes, or until the system is told otherwise."""
    ends = time.monotonic() + (slow.seconds if slow is not None else 0.0)
    while slow is not None and not slow.over.is_set() and (left := ends - time.monotonic()) > 0:
        await asyncio.sleep(min(left, _GLANCE))
    await asyncio.sleep(0)


class _Gone(Exception):
    """The connection shall end at once, without an answer."""


@dataclass(slots=True)
class _Paged:
    """A search that is being read page by page."""

    query: tuple[object, ...]
    entries: Iterator[Entry | None]
    ahead: Entry | None = None


class Session:
    """Serves one connection until it ends."""

    def __init__(
        self, directory: Directory, root: Root, failures: Failures, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """For a connection that was just taken."""
        self._directory = directory
        self._root = root
        self._failures = failures
        self._reader = reader
        self._writer = writer
        self._who = NOBODY
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._paged: dict[bytes, _Paged] = {}

    async def serve(self) -> None:
        """Read and answer requests until either side ends."""
        try:
            while await self._take(wire.read_message(await self._packet())):
                pass
        except BodyError as error:
            self._answer_broken(error)
        except BerError as error:
            self._write(wire.notice_of_disconnection(error.message))
        except (_Gone, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            await self._end_tasks()

    def abort(self) -> None:
        """End the connection at once, whatever it is doing."""
        self._writer.transport.abort()

    async def _packet(self) -> bytes:
        """The next whole request. Raises BerError before reading one that is too long."""
        head = await self._reader.readexactly(2)
        if head[0] != ber.SEQUENCE:
            raise BerError("a message is a sequence")
        if head[1] >= 0x80:
            if not 0 < head[1] & 0x7F <= ber.MAX_LENGTH_BYTES:
                raise BerError("an indefinite length, or one of more than four bytes")
            head += await self._reader.readexactly(head[1] & 0x7F)
        _, length = ber.read_length(head, 1, len(head))
        if length > (MAX_PACKET if self._who.name else MAX_PACKET_ANONYMOUS):
            raise BerError("a message that is too long")
        return head + await self._reader.readexactly(length)

    async def _take(self, message: Message) -> bool:
        """Begin to answer a message; whether the connection goes on."""
        if self._failures.is_down():
            self.abort()
            return False
        if isinstance(message.request, Unbind):
            return False
        if isinstance(message.request, Abandon):
            task = self._tasks.get(message.request.message_id)
            if task is not None:
                task.cancel()
            return True
        if isinstance(message.request, Bind):
            await self._end_tasks()
        if len(self._tasks) >= MAX_OUTSTANDING:
            self._finish(message, Code.BUSY, "too many requests at once")
            return True
        task = asyncio.get_running_loop().create_task(self._answer(message))
        self._tasks[message.id] = task
        task.add_done_callback(lambda done: self._forget(message.id, done))
        if isinstance(message.request, Bind):
            await asyncio.wait([task])
        return True

    def _forget(self, message_id: int, done: asyncio.Task[None]) -> None:
        if self._tasks.get(message_id) is done:
            del self._tasks[message_id]

    async def _end_tasks(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _answer(self, message: Message) -> None:
        try:
            await self._perform(message)
            await self._writer.drain()
        except LdapRefusal as refusal:
            self._finish(message, refusal.result, refusal.text, matched=refusal.matched)
        except (_Gone, ConnectionError):
            self.abort()
        except BerError as error:
            self._finish(message, Code.PROTOCOL_ERROR, error.message)
        except Exception:  # noqa: BLE001 - one request's fault must not end the others; it is logged and answered
            # The text may hold an entry's values: the kind of request is enough to find the fault by its traceback.
            _log.exception("the directory failed on a %s request", type(message.request).__name__)
            self._finish(message, Code.OTHER, "internal error")

    async def _perform(self, message: Message) -> None:
        """Carry out one request under the failure that applies to it, and answer."""
        request = message.request
        writes = isinstance(request, Add | Modify | Delete | Rename)
        failure = self._failures.take(writes)
        mode = failure.mode if failure is not None else ""
        if mode == "down":
            raise _Gone
        self._refuse_controls(message)
        if isinstance(request, Add | Modify | Delete | Rename):
            if mode == "timeout-before":
                return
            if mode == "refuse":
                raise self._directory.refuse(request, "refused by the simulator")
        slow = failure if mode == "slow" else None
        match request:
            case Add() | Modify() | Delete() | Rename():
                refusal = None
                try:
                    self._directory.write(request, self._who)
                except LdapRefusal as error:
                    refusal = error
                # A refusal comes as late as a success, and not at all where no answer shall come.
                await _linger(slow)
                if mode == "timeout-after":
                    return
                if refusal is not None:
                    raise refusal
                self._finish(message, Code.SUCCESS)
            case Search():
                await _linger(slow)
                await self._search(message, request)
            case Bind():
                await _linger(slow)
                self._bind(message, request)
            case Compare():
                await _linger(slow)
                same = self._directory.compare(request, self._who)
                self._finish(message, Code.COMPARE_TRUE if same else Code.COMPARE_FALSE)
            case Extended():
                await _linger(slow)
                self._extended(message, request)

    def _refuse_controls(self, message: Message) -> None:
        for control in message.controls:
            unfit = control.oid == wire.PAGED_RESULTS and not isinstance(message.request, Search)
            if control.critical and (unfit or control.oid not in _KNOWN_CONTROLS):
                raise LdapRefusal(Code.UNAVAILABLE_CRITICAL_EXTENSION, "critical extension is not recognized")

    def _bind(self, message: Message, request: Bind) -> None:
        self._who = NOBODY
        self._paged.clear()
        if request.version != 3:
            raise LdapRefusal(Code.PROTOCOL_ERROR, "requested protocol version not supported")
        if request.password is None:
            raise LdapRefusal(Code.AUTH_METHOD_NOT_SUPPORTED, "only simple binds are served")
        if request.name and not request.password:
            raise LdapRefusal(Code.UNWILLING, "unauthenticated bind (DN with no password) disallowed")
        if request.name:
            self._who = self._directory.bind(request.name, request.password)
        elif request.password:
            raise LdapRefusal(Code.INVALID_CREDENTIALS)
        self._finish(message, Code.SUCCESS)

    def _extended(self, message: Message, request: Extended) -> None:
        if request.oid != wire.WHO_AM_I:
            raise LdapRefusal(Code.PROTOCOL_ERROR, "unsupported extended operation")
        name = f"dn:{self._who.dn}" if self._who.name else ""
        self._write(wire.envelope(message.id, wire.result(0x78, Code.SUCCESS, "", "", ber.octets(name, 0x8B))))

    async def _search(self, message: Message, request: Search) -> None:
        special = self._root.entry(request.base)
        if special is not None and (request.scope == 0 or request.base):
            dn, values = special
            if request.scope == 0 and self._root.found(values, request.filter):
                shown = self._root.shown(values, request.attributes, types_only=request.types_only)
                self._write(wire.envelope(message.id, wire.entry(dn, shown)))
            self._finish(message, Code.SUCCESS)
            return
        paged = next((control for control in message.controls if control.oid == wire.PAGED_RESULTS), None)
        if paged is not None:
            await self._page(message, request, *wire.read_paged(paged.value))
            return
        sent = 0
        for entry in self._directory.found(request, self._who):
            if entry is None:
                await self._let_others()
            elif request.size_limit and sent == request.size_limit:
                raise LdapRefusal(Code.SIZE_LIMIT)
            else:
                self._send(message, request, entry)
                sent += 1
        self._finish(message, Code.SUCCESS)

    async def _page(self, message: Message, request: Search, size: int, cookie: bytes) -> None:
        """Answer one page of a search (RFC 2696); a cookie belongs to this connection and to the query that got it."""
        query = (request.base, request.scope, request.filter, request.attributes, request.types_only)
        if cookie:
            page = self._paged.pop(cookie, None)
            if page is None or page.query != query:
                raise LdapRefusal(Code.PROTOCOL_ERROR, "paged results cookie is invalid")
        else:
            page = _Paged(query, self._directory.found(request, self._who))
        if not size:
            # Size 0 with a cookie gives the search up; without one nothing was asked for.
            self._write_done(message, wire.paged_control(b""))
            return
        sent = 0
        if page.ahead is not None:
            self._send(message, request, page.ahead)
            page.ahead, sent = None, 1
        for entry in page.entries:
            if entry is None:
                await self._let_others()
            elif sent == size:
                # One entry further than the page tells whether there is another page.
                page.ahead = entry
                break
            else:
                self._send(message, request, entry)
                sent += 1
        following = b""
        if page.ahead is not None:
            following = secrets.token_bytes(12)
            while len(self._paged) >= MAX_PAGED:
                del self._paged[next(iter(self._paged))]
            self._paged[following] = page
        self._write_done(message, wire.paged_control(following))

    async def _let_others(self) -> None:
        await self._writer.drain()
        await asyncio.sleep(0)

    def _send(self, message: Message, request: Search, entry: Entry) -> None:
        shown = self._directory.shown(entry, request.attributes, types_only=request.types_only)
        self._write(wire.envelope(message.id, wire.entry(entry.dn, shown)))

    def _write_done(self, message: Message, control: bytes) -> None:
        self._write(wire.envelope(message.id, wire.result(0x65, Code.SUCCESS), (control,)))

    def _finish(self, message: Message, code: Code, text: str = "", *, matched: str = "") -> None:
        tag = wire.response_tag(message.request)
        if tag is not None:
            self._write(wire.envelope(message.id, wire.result(tag, code, matched, text)))

    def _answer_broken(self, error: BodyError) -> None:
        """A request whose envelope is sound is answered by its id; the connection ends, for what follows can't be trusted."""
        if error.response is not None:
            self._write(wire.envelope(error.message_id, wire.result(error.response, Code.PROTOCOL_ERROR, "", error.message)))

    def _write(self, packet: bytes) -> None:
        if not self._writer.transport.is_closing():
            self._writer.write(packet)
