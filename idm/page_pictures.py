"""Pages of stored documents as pictures, so that a browser shows them without opening a PDF: no plug-in, no script of the file's.

A hostile file may crash, hang or swell the library that draws it, so the drawing happens in `page_draw`, a process of its own with limits
of memory and processor time. Few run at a time: whoever pages through a long document keeps nobody else from working.
"""

from __future__ import annotations

import json
import subprocess
import threading
from typing import BinaryIO

from idm.apart import NotRun, run_apart
from idm.errors import BadInput, Fault, NotFound, Unavailable

WALL_SECONDS = 30.0
"""How long drawing a page may take in all; its processor time is bounded more narrowly (`page_draw`)."""
NARROWEST, WIDEST = 200, 2400
"""Pixels across that can be asked for."""
AT_ONCE = 2


class Undrawable(BadInput):
    """The page can't be shown as a picture."""


class PagePictures:
    """Draws pages. One for an installation's process; threads share it and take turns."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        """`at_once`: how many pages are drawn side by side."""
        self._turns = threading.BoundedSemaphore(at_once)

    def count(self, content: BinaryIO, media_type: str) -> int:
        """How many pages a document has. Raises `Undrawable` or `Unavailable`."""
        return self._ask(content, media_type, 0, NARROWEST)[0]

    def draw(self, content: BinaryIO, media_type: str, number: int, width: int) -> bytes:
        """Page `number` (from 1) as PNG, about `width` pixels wide (held between `NARROWEST` and `WIDEST`), never larger than a picture is.

        Raises `NotFound` for a page that it doesn't have, `Undrawable` for one that can't be drawn, `Unavailable` if the drawing fails.
        """
        if number < 1:
            raise NotFound("There is no such page.", next_step="Pages are counted from 1.")
        return self._ask(content, media_type, number, max(NARROWEST, min(WIDEST, width)))[1]

    def _ask(self, content: BinaryIO, media_type: str, number: int, width: int) -> tuple[int, bytes]:
        source = content.read()
        if not self._turns.acquire(timeout=WALL_SECONDS):
            raise Unavailable("The page could not be drawn: too many are being drawn at once.", next_step="Try again in a moment.")
        try:
            ran = _run(source, media_type, number, width)
        finally:
            self._turns.release()
        return _answer(ran)


def _run(source: bytes, media_type: str, number: int, width: int) -> subprocess.CompletedProcess[bytes]:
    try:
        return run_apart("page_draw.py", media_type, str(number), str(width), source=source, seconds=WALL_SECONDS)
    except NotRun as error:
        raise Unavailable(
            "The page could not be drawn: the drawing process did not start, or took too long on this busy machine.",
            next_step="Try again.",
        ) from error


def _answer(ran: subprocess.CompletedProcess[bytes]) -> tuple[int, bytes]:
    if ran.returncode < 0:  # ended by a signal: out of its processor time or memory, or the library crashed
        raise _undrawable("too-complex", "Drawing the page takes more time or memory than any ordinary document.")
    line, _, picture = ran.stdout.partition(b"\n")
    try:
        answer = json.loads(line)
    except ValueError:
        raise Unavailable(
            f"The page could not be drawn: the drawing process ended with {ran.returncode}.",
            next_step="Run `idm doctor`; pypdfium2 and Pillow may not be installed properly.",
        ) from None
    if answer.get("rule") == "no-such-page":
        raise NotFound(answer["message"], next_step="Go back to the document.")
    if "rule" in answer:
        raise _undrawable(answer["rule"], answer["message"])
    return int(answer["pages"]), picture


def _undrawable(rule: str, message: str) -> Undrawable:
    return Undrawable(
        message, faults=[Fault("document", rule, message)], next_step="Download the document, and open it in a program for it."
    )
