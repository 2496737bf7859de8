"""BER as LDAP uses it (RFC 4511 section 5.1): definite lengths, one-byte tags, nothing else.

Every length is checked against what is really there before anything is read, so that a short packet
that announces gigabytes costs nothing.
"""

from __future__ import annotations

from idm.errors import BadInput

BOOLEAN = 0x01
INTEGER = 0x02
OCTETS = 0x04
ENUMERATED = 0x0A
SEQUENCE = 0x30
SET = 0x31

MAX_LENGTH_BYTES = 4
MAX_INTEGER_BYTES = 8


class BerError(BadInput):
    """The bytes aren't BER as LDAP uses it."""

    code = "ber"


class Reader:
    """Reads the elements of one constructed value in line; never past its end."""

    __slots__ = ("data", "end", "pos")

    def __init__(self, data: bytes, pos: int = 0, end: int | None = None) -> None:
        """A reader of `data` from byte `pos` to byte `end` (default: all)."""
        self.data = data
        self.pos = pos
        self.end = len(data) if end is None else end

    def more(self) -> bool:
        """Whether another element follows."""
        return self.pos < self.end

    def peek(self) -> int:
        """The tag of the next element. Raises BerError at the end."""
        if self.pos >= self.end:
            raise BerError("an element is missing")
        return self.data[self.pos]

    def _header(self, expected: int | None) -> tuple[int, int, int]:
        """Pass the next element; its tag, and where its content begins and ends."""
        tag = self.peek()
        if expected is not None and tag != expected:
            raise BerError(f"tag 0x{tag:02x} where 0x{expected:02x} belongs")
        if tag & 0x1F == 0x1F:
            raise BerError("tags of more than one byte aren't used in LDAP")
        start, length = read_length(self.data, self.pos + 1, self.end)
        if length > self.end - start:
            raise BerError("an element is longer than what holds it")
        self.pos = start + length
        return tag, start, start + length

    def octets(self, tag: int | None = OCTETS) -> bytes:
        """The next element's content as bytes; `tag` None takes any."""
        _, start, end = self._header(tag)
        return self.data[start:end]

    def text(self, tag: int | None = OCTETS) -> str:
        """The next element's content as UTF-8 text. Raises BerError if it isn't."""
        try:
            return self.octets(tag).decode("utf-8")
        except UnicodeDecodeError:
            raise BerError("text that isn't UTF-8") from None

    def integer(self, tag: int = INTEGER) -> int:
        """The next element as a signed integer of at most eight bytes."""
        content = self.octets(tag)
        if not 0 < len(content) <= MAX_INTEGER_BYTES:
            raise BerError("an integer of no bytes, or of more than eight")
        return int.from_bytes(content, "big", signed=True)

    def boolean(self, tag: int = BOOLEAN) -> bool:
        """The next element as true (any byte but 0) or false."""
        content = self.octets(tag)
        if len(content) != 1:
            raise BerError("a boolean is one byte")
        return content != b"\0"

    def inside(self, tag: int = SEQUENCE) -> Reader:
        """A reader of the next element's content, which this reader passes."""
        _, start, end = self._header(tag)
        return Reader(self.data, start, end)

    def any(self) -> tuple[int, Reader]:
        """The next element's tag and a reader of its content."""
        tag, start, end = self._header(None)
        return tag, Reader(self.data, start, end)

    def rest(self) -> bytes:
        """All bytes not yet read, as they are."""
        content = self.data[self.pos : self.end]
        self.pos = self.end
        return content

    def finish(self) -> None:
        """Raises BerError if anything is left."""
        if self.more():
            raise BerError("something follows after the last element")


def read_length(data: bytes, pos: int, end: int) -> tuple[int, int]:
    """The length field at `pos`: where the content begins, and its length in bytes. Raises BerError."""
    if pos >= end:
        raise BerError("a length is missing")
    first = data[pos]
    if first < 0x80:
        return pos + 1, first
    count = first & 0x7F
    if not 0 < count <= MAX_LENGTH_BYTES:
        raise BerError("an indefinite length, or one of more than four bytes")
    if pos + 1 + count > end:
        raise BerError("a length is cut off")
    return pos + 1 + count, int.from_bytes(data[pos + 1 : pos + 1 + count], "big")


def element(tag: int, *content: bytes) -> bytes:
    """One element: `tag`, length, and the parts of `content` in line."""
    body = content[0] if len(content) == 1 else b"".join(content)
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def octets(value: bytes | str, tag: int = OCTETS) -> bytes:
    """An octet string; text goes as UTF-8."""
    return element(tag, value.encode("utf-8") if isinstance(value, str) else value)


def integer(value: int, tag: int = INTEGER) -> bytes:
    """A signed integer in the fewest bytes."""
    return element(tag, value.to_bytes((value + (value < 0)).bit_length() // 8 + 1, "big", signed=True))


def boolean(value: bool, tag: int = BOOLEAN) -> bytes:
    """A boolean; true is 0xFF, as RFC 4511 wants."""
    return element(tag, b"\xff" if value else b"\0")


def sequence(*parts: bytes) -> bytes:
    """A sequence of encoded elements."""
    return element(SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    """A set of encoded elements, in the order given."""
    return element(SET, *parts)
