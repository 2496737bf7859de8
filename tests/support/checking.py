"""The check of documents for worlds: made in earnest, in its own process, but once for each file in a process of tests."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection
from typing import BinaryIO

from idm.vault_check import CheckedDocument, check_document

_Asked = tuple[bytes, str, frozenset[str], int]

_found: dict[_Asked, CheckedDocument] = {}


def check_once(source: BinaryIO, *, name: str, allowed: Collection[str], limit: int) -> CheckedDocument:
    """`check_document`, which starts a process: what was found of the same file before is answered again; a refusal isn't kept."""
    source.seek(0)
    asked = (hashlib.file_digest(source, "sha256").digest(), name, frozenset(allowed), limit)  # type: ignore[arg-type]  # needs only readinto
    if asked not in _found:
        _found[asked] = check_document(source, name=name, allowed=allowed, limit=limit)
    source.seek(0, io.SEEK_SET)
    return _found[asked]
