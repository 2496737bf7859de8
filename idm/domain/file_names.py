"""File names made of titles: as people read them, and safe wherever the file is saved."""

from __future__ import annotations

import re
import unicodedata

from idm.domain.prose import holds_cpr

LONGEST = 120
"""Characters of a name: file systems take 255 bytes, and a letter may be two of them."""

_UNNAMED = "document"


def file_name(title: str, ending: str) -> str:
    """`title` as the name of a file that ends in `ending` (".pdf"): its letters as they are, every mark that could mean something
    to a file system or a header as `_`."""
    safe = re.sub(r"[^\w .()-]", "_", unicodedata.normalize("NFC", title)).strip(" .")[: LONGEST - len(ending)].rstrip(" .")
    return (safe or _UNNAMED) + ending


def told(name: str) -> str:
    """What a message calls the file that somebody chose: its `name`, "" if that may hold a CPR number or says nothing."""
    normal = unicodedata.normalize("NFC", name)
    shown = " ".join("".join(mark if mark.isprintable() and mark != "'" else " " for mark in normal).split())[-LONGEST:]
    return "" if holds_cpr(shown) else shown
