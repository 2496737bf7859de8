"""Names and filters of a directory, made from values and compared (RFC 4514, RFC 4515)."""

from __future__ import annotations

import re

_SPECIAL = frozenset(',+"\\<>;=')
_PART = re.compile(r"\\([0-9a-fA-F]{2})")


def escape_name(value: str) -> str:
    """A value as it stands in a name. ldap3's own helper fails on an empty one and leaves NUL as it is."""
    out = "".join("\\00" if char == "\0" else f"\\{char}" if char in _SPECIAL else char for char in value)
    if out.startswith((" ", "#")):
        out = "\\" + out
    if value.endswith(" ") and len(value) > 1:
        out = out[:-1] + "\\ "
    return out


def escape_filter(value: str) -> str:
    """A value as it stands in a filter."""
    return "".join(f"\\{ord(char):02x}" if char in "\\*()\0" else char for char in value)


def same_form(dn: str) -> str:
    """A form that two ways to write one name share: case, blanks around signs, and escapes don't count.

    For looking names of one server up in a table; not a full comparison by the schema.
    """
    parts: list[str] = []
    level = ""
    pos = 0
    while pos < len(dn):
        pair = _PART.match(dn, pos)
        if pair is not None:
            octets = bytearray()
            while pair is not None:
                octets.append(int(pair.group(1), 16))
                pos = pair.end()
                pair = _PART.match(dn, pos)
            level += "".join(f"\\{char}" if char in ",+\\=" else char for char in octets.decode("utf-8", "replace"))
        elif dn[pos] == "\\" and pos + 1 < len(dn):
            level += f"\\{dn[pos + 1]}" if dn[pos + 1] in ",+\\=" else dn[pos + 1]
            pos += 2
        elif dn[pos] in ",;":
            parts.append(level)
            level = ""
            pos += 1
        else:
            level += dn[pos]
            pos += 1
    return ",".join(_trimmed(part) for part in [*parts, level])


def _trimmed(level: str) -> str:
    kind, sign, value = level.partition("=")
    return f"{kind.strip()}{sign}{' '.join(value.split())}".lower()
