"""Several pages that belong together become one PDF, in a process of its own like every parsing of what people hand in."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import BinaryIO

from idm.apart import NotRun, run_apart
from idm.errors import BadInput, Fault, Unavailable

WALL_SECONDS = 120.0
"""How long joining may take in all."""


def join_pages(parts: Sequence[tuple[str, BinaryIO]]) -> BinaryIO:
    """The `parts` (media type and content each) as one PDF, in their order.

    It lies in memory and never readable on a disk. Raises `BadInput` if they can't be joined, `Unavailable` if the joining itself fails.
    """
    contents = [(media_type, source.read()) for media_type, source in parts]
    told = json.dumps([{"type": media_type, "size": len(content)} for media_type, content in contents]).encode() + b"\n"
    try:
        ran = run_apart("vault_join_parse.py", source=told + b"".join(content for _, content in contents), seconds=WALL_SECONDS)
    except NotRun as error:
        raise Unavailable(
            "The pages could not be joined: the process did not start, or took too long on this busy machine.", next_step="Try again."
        ) from error
    if ran.returncode != 0 or not ran.stdout.startswith(b"%PDF-"):
        raise BadInput(
            "The pages can't be joined to one document.",
            faults=[Fault("file", "not-joinable", "one of the pages is of an unusual kind: take a new picture of it, or print it to PDF")],
            next_step="Replace it, and hand in again; nothing was handed in.",
        )
    return io.BytesIO(ran.stdout)
