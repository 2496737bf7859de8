"""Identifiers: opaque, short enough to read aloud, and without letters that are mistaken for digits."""

from __future__ import annotations

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no i, l, o or u."""


def new_id(prefix: str, random: bytes) -> str:
    """An id such as `c-4x7k2m9qhv` from ten random bytes (the first 50 bits are used)."""
    number = int.from_bytes(random[:8], "big") >> 14
    letters = []
    for _ in range(10):
        number, index = divmod(number, 32)
        letters.append(ALPHABET[index])
    return f"{prefix}-{''.join(letters)}"
