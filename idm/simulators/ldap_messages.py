"""LDAP messages (RFC 4511 section 4): requests as frozen values, responses as bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from idm.simulators import ldap_ber as ber
from idm.simulators.ldap_ber import BerError, Reader
from idm.simulators.ldap_filter import Filter, read_filter

NOTICE_OF_DISCONNECTION = "1.3.6.1.4.1.1466.20036"
PAGED_RESULTS = "1.2.840.113556.1.4.319"
MANAGE_DSA_IT = "2.16.840.1.113730.3.4.2"
WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"


@dataclass(frozen=True, slots=True)
class Control:
    """A request control: its OID, whether the client insists on it, and its value."""

    oid: str
    critical: bool = False
    value: bytes = b""


@dataclass(frozen=True, slots=True)
class Bind:
    """A bind; `password` is None when the method isn't the simple one."""

    version: int
    name: str
    password: bytes | None


@dataclass(frozen=True, slots=True)
class Unbind:
    """The client goes away."""


@dataclass(frozen=True, slots=True)
class Search:
    """A search; `scope` 0 base, 1 one level, 2 subtree; `size_limit` 0 is none."""

    base: str
    scope: int
    size_limit: int
    types_only: bool
    filter: Filter
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Modification:
    """One part of a modify; `kind` 0 add, 1 delete, 2 replace."""

    kind: int
    attribute: str
    values: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Modify:
    """A modify of one entry, all or nothing."""

    dn: str
    changes: tuple[Modification, ...]


@dataclass(frozen=True, slots=True)
class Add:
    """A new entry."""

    dn: str
    attributes: tuple[tuple[str, tuple[bytes, ...]], ...]


@dataclass(frozen=True, slots=True)
class Delete:
    """The end of an entry."""

    dn: str


@dataclass(frozen=True, slots=True)
class Rename:
    """A modifyDN: a new RDN, and perhaps a new parent."""

    dn: str
    new_rdn: str
    delete_old: bool
    new_superior: str | None


@dataclass(frozen=True, slots=True)
class Compare:
    """Does the entry have this value?"""

    dn: str
    attribute: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Abandon:
    """Forget the request of that message id."""

    message_id: int


@dataclass(frozen=True, slots=True)
class Extended:
    """An extended request by its OID."""

    oid: str
    value: bytes | None


Write = Add | Modify | Delete | Rename
Request = Bind | Unbind | Search | Write | Compare | Abandon | Extended


@dataclass(frozen=True, slots=True)
class Message:
    """A request with its envelope."""

    id: int
    request: Request
    controls: tuple[Control, ...]


class BodyError(BerError):
    """The request inside a sound envelope can't be read."""

    def __init__(self, message: str, message_id: int, response: int | None) -> None:
        """`response`: the tag of the answer this kind of request has, None if it has none."""
        super().__init__(message)
        self.message_id = message_id
        self.response = response


def read_message(packet: bytes) -> Message:
    """The request in one whole packet.

    Raises BodyError when the envelope is sound and the request isn't, plain BerError when the envelope is broken.
    """
    outer = Reader(packet)
    envelope = outer.inside()
    outer.finish()
    message_id = envelope.integer()
    if not 0 < message_id < 2**31:
        raise BerError("a message id out of range")
    tag = envelope.peek()
    if tag not in _READERS:
        raise BerError(f"no request has the tag 0x{tag:02x}")
    tag, body = envelope.any()
    read, response = _READERS[tag]
    try:
        request = read(body)
        controls = tuple(_controls(envelope.inside(0xA0))) if envelope.more() else ()
        envelope.finish()
    except BerError as error:
        raise BodyError(error.message, message_id, response) from None
    return Message(message_id, request, controls)


def _controls(reader: Reader) -> Iterable[Control]:
    while reader.more():
        part = reader.inside()
        oid = part.text()
        critical = part.boolean() if part.more() and part.peek() == ber.BOOLEAN else False
        value = part.octets() if part.more() else b""
        part.finish()
        yield Control(oid, critical, value)


def _bind(body: Reader) -> Bind:
    version, name = body.integer(), body.text()
    password = body.octets(0x80) if body.peek() == 0x80 else None
    return Bind(version, name, password)


def _unbind(body: Reader) -> Unbind:
    return Unbind()


def _search(body: Reader) -> Search:
    base, scope = body.text(), body.integer(ber.ENUMERATED)
    deref, size_limit, time_limit = body.integer(ber.ENUMERATED), body.integer(), body.integer()
    if not 0 <= scope <= 2 or not 0 <= deref <= 3 or size_limit < 0 or time_limit < 0:
        raise BerError("a scope, alias rule or limit out of range")
    types_only, filter_, wanted = body.boolean(), read_filter(body), body.inside()
    attributes = []
    while wanted.more():
        attributes.append(wanted.text())
    body.finish()
    return Search(base, scope, size_limit, types_only, filter_, tuple(attributes))


def _values(reader: Reader) -> tuple[bytes, ...]:
    values = []
    while reader.more():
        values.append(reader.octets())
    return tuple(values)


def _modify(body: Reader) -> Modify:
    dn, parts, changes = body.text(), body.inside(), []
    while parts.more():
        part = parts.inside()
        kind, pair = part.integer(ber.ENUMERATED), part.inside()
        changes.append(Modification(kind, pair.text(), _values(pair.inside(ber.SET))))
    body.finish()
    return Modify(dn, tuple(changes))


def _add(body: Reader) -> Add:
    dn, parts, attributes = body.text(), body.inside(), []
    while parts.more():
        pair = parts.inside()
        attributes.append((pair.text(), _values(pair.inside(ber.SET))))
    body.finish()
    return Add(dn, tuple(attributes))


def _delete(body: Reader) -> Delete:
    return Delete(_utf8(body.rest()))


def _rename(body: Reader) -> Rename:
    dn, new_rdn, delete_old = body.text(), body.text(), body.boolean()
    superior = body.text(0x80) if body.more() else None
    body.finish()
    return Rename(dn, new_rdn, delete_old, superior)


def _compare(body: Reader) -> Compare:
    dn, pair = body.text(), body.inside()
    body.finish()
    return Compare(dn, pair.text(), pair.octets())


def _abandon(body: Reader) -> Abandon:
    content = body.rest()
    if not 0 < len(content) <= ber.MAX_INTEGER_BYTES:
        raise BerError("a message id of no bytes, or of too many")
    return Abandon(int.from_bytes(content, "big", signed=True))


def _extended(body: Reader) -> Extended:
    oid = body.text(0x80)
    value = body.octets(0x81) if body.more() else None
    body.finish()
    return Extended(oid, value)


def _utf8(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise BerError("text that isn't UTF-8") from None


_READERS: dict[int, tuple[Callable[[Reader], Request], int | None]] = {
    0x60: (_bind, 0x61),
    0x42: (_unbind, None),
    0x63: (_search, 0x65),
    0x66: (_modify, 0x67),
    0x68: (_add, 0x69),
    0x4A: (_delete, 0x6B),
    0x6C: (_rename, 0x6D),
    0x6E: (_compare, 0x6F),
    0x50: (_abandon, None),
    0x77: (_extended, 0x78),
}
_RESPONSES: dict[type[Request], int] = {
    Bind: 0x61, Search: 0x65, Modify: 0x67, Add: 0x69, Delete: 0x6B, Rename: 0x6D, Compare: 0x6F, Extended: 0x78,
}  # fmt: skip


def response_tag(request: Request) -> int | None:
    """The tag of the answer to `request`, None when it has none (unbind, abandon)."""
    return _RESPONSES.get(type(request))


def envelope(message_id: int, body: bytes, controls: Sequence[bytes] = ()) -> bytes:
    """A whole response packet."""
    return ber.sequence(ber.integer(message_id), body, *([ber.element(0xA0, *controls)] if controls else []))


def result(tag: int, code: int, matched: str = "", text: str = "", *extra: bytes) -> bytes:
    """An LDAPResult under `tag` with result `code`; `extra` are encoded elements after it."""
    return ber.element(tag, ber.integer(code, ber.ENUMERATED), ber.octets(matched), ber.octets(text), *extra)


def entry(dn: str, attributes: Iterable[tuple[str, Iterable[bytes]]]) -> bytes:
    """A search result entry."""
    parts = [ber.sequence(ber.octets(name), ber.set_of(*map(ber.octets, values))) for name, values in attributes]
    return ber.element(0x64, ber.octets(dn), ber.sequence(*parts))


def notice_of_disconnection(text: str) -> bytes:
    """The unasked-for last word before the server closes (RFC 4511 section 4.4.1)."""
    return envelope(0, result(0x78, 2, "", text, ber.octets(NOTICE_OF_DISCONNECTION, 0x8A)))


def paged_control(cookie: bytes) -> bytes:
    """The response control of a page: the cookie of the next one, empty after the last (RFC 2696)."""
    value = ber.sequence(ber.integer(0), ber.octets(cookie))
    return ber.sequence(ber.octets(PAGED_RESULTS), ber.octets(value))


def read_paged(value: bytes) -> tuple[int, bytes]:
    """Page size and cookie of a request control's value. Raises BerError."""
    reader = Reader(value).inside()
    size, cookie = reader.integer(), reader.octets()
    if size < 0:
        raise BerError("a negative page size")
    return size, cookie
