"""Passwords of the directory's entries: kept as salted hashes, never as they were given.

The scheme is OpenLDAP's {SSHA512}: one round, so that a thousand binds a second stay cheap. The passwords here are an
installation's random secrets, and those of people who try the simulators out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import replace

from idm.simulators.ldap_messages import Add, Modify, Write

_SCHEME = b"{SSHA512}"
_DIGEST = 64
_SALT = 16
NAMES = frozenset({"userpassword", "2.5.4.35"})


def hashed(password: bytes) -> bytes:
    """The password as it is stored; one that is stored already stays."""
    if _digest_and_salt(password) is not None:
        return password
    salt = os.urandom(_SALT)
    return _SCHEME + base64.b64encode(hashlib.sha512(password + salt).digest() + salt)


def fits(stored: bytes, password: bytes) -> bool:
    """Whether `password` is the one that was stored."""
    parts = _digest_and_salt(stored)
    if parts is None:
        return False
    digest, salt = parts
    return hmac.compare_digest(digest, hashlib.sha512(password + salt).digest())


def _digest_and_salt(stored: bytes) -> tuple[bytes, bytes] | None:
    if not stored.startswith(_SCHEME):
        return None
    try:
        content = base64.b64decode(stored[len(_SCHEME) :], validate=True)
    except binascii.Error:
        return None
    return (content[:_DIGEST], content[_DIGEST:]) if len(content) > _DIGEST else None


def with_hashed_passwords(write: Write) -> Write:
    """The same write with every password that it sets hashed."""
    if isinstance(write, Add):
        pairs = tuple((name, tuple(map(hashed, values)) if name.lower() in NAMES else values) for name, values in write.attributes)
        return replace(write, attributes=pairs)
    if isinstance(write, Modify):
        changes = tuple(
            replace(each, values=tuple(map(hashed, each.values))) if each.attribute.lower() in NAMES and each.kind != 1 else each
            for each in write.changes
        )
        return replace(write, changes=changes)
    return write
