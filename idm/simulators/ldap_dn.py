"""Distinguished names as text (RFC 4514): taken apart and put together."""

from __future__ import annotations

import re

from idm.errors import BadInput

Rdn = tuple[tuple[str, bytes], ...]
"""One level of a name: attribute type as written, and value; more than one pair when joined by '+'."""

_TYPE = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=")
_SPECIAL = ',+"\\<>;'
_HEX = "0123456789abcdefABCDEF"


class DnError(BadInput):
    """This isn't a distinguished name."""

    code = "dn"


def parse_dn(text: str) -> tuple[Rdn, ...]:
    """The levels of a name, nearest first; none for the empty name. Raises DnError."""
    if not text.strip(" "):
        return ()
    rdns: list[Rdn] = []
    pairs: list[tuple[str, bytes]] = []
    pos = 0
    while True:
        found = _TYPE.match(text, pos)
        if found is None:
            raise DnError("a name without attribute type")
        value, pos = _value(text, found.end())
        pairs.append((found.group(1), value))
        if pos < len(text) and text[pos] == "+":
            pos += 1
            continue
        rdns.append(tuple(pairs))
        pairs = []
        if pos == len(text):
            return tuple(rdns)
        pos += 1


def _value(text: str, pos: int) -> tuple[bytes, int]:
    """The value that begins at `pos`, and where the comma, plus or end after it stands."""
    while pos < len(text) and text[pos] == " ":
        pos += 1
    if pos < len(text) and text[pos] == "#":
        return _hex_value(text, pos + 1)
    value = bytearray()
    kept = 0
    while pos < len(text) and text[pos] not in ",+;":
        char = text[pos]
        if char == "\\":
            escaped, pos = _escaped(text, pos + 1)
            value += escaped
            kept = len(value)
        elif char in _SPECIAL or char == "\0":
            raise DnError("a character that must be escaped")
        else:
            value += char.encode()
            pos += 1
            if char != " ":
                kept = len(value)
    if pos < len(text) and text[pos] == ";":
        raise DnError("levels are parted by a comma")
    return bytes(value[:kept]), pos


def _escaped(text: str, pos: int) -> tuple[bytes, int]:
    pair = text[pos : pos + 2]
    if len(pair) == 2 and pair[0] in _HEX and pair[1] in _HEX:
        return bytes((int(pair, 16),)), pos + 2
    if pair and pair[0] in _SPECIAL + " #=":
        return pair[0].encode(), pos + 1
    raise DnError("a backslash before what needs none")


def _hex_value(text: str, pos: int) -> tuple[bytes, int]:
    """A value given as the hexadecimal form of its BER encoding; only string types of up to 127 bytes are read."""
    end = pos
    while end < len(text) and text[end] in _HEX:
        end += 1
    content = bytes.fromhex(text[pos:end]) if (end - pos) % 2 == 0 else b""
    if len(content) < 2 or content[0] not in (0x04, 0x0C, 0x13, 0x16) or content[1] != len(content) - 2:
        raise DnError("a hexadecimal value that is no string")
    if end < len(text) and text[end] not in ",+":
        raise DnError("something follows a hexadecimal value")
    return content[2:], end


def escape(value: bytes) -> str:
    """A value as it stands in a name, so that `parse_dn` gives it back: signs as hexadecimal pairs, as OpenLDAP writes them."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(f"\\{octet:02X}" for octet in value)
    out = [f"\\{ord(char):02X}" if char in _SPECIAL + "=" or char < " " else char for char in text]
    if out and out[0] in (" ", "#"):
        out[0] = f"\\{ord(out[0]):02X}"
    if len(out) > 1 and out[-1] == " ":
        out[-1] = "\\20"
    return "".join(out)


def split(text: str) -> tuple[str, str]:
    """The nearest level and the name above it, both as written; the latter is empty at the top."""
    pos = 0
    while pos < len(text):
        if text[pos] == "\\":
            pos += 2
        elif text[pos] == ",":
            return text[:pos].strip(" "), text[pos + 1 :].lstrip(" ")
        else:
            pos += 1
    return text.strip(" "), ""
