"""File names made of titles: as people read them, and safe wherever the file is saved."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 120
"""Characters of a name: file systems take 255 bytes, and a letter may be two of them."""

_UNNAMED = "document"


def file_name(title: str, ending: str) -> str:
    """`title` as the name of a file that ends in `ending` (".pdf"): its letters as they are, every mark that could mean something
    to a file system or a header as `_`."""
    safe = re.sub(r"[^\w .()-]", "_", unicodedata.normalize("NFC", title)).strip(" .")[: LONGEST - len(ending)].rstrip(" .")
    return (safe or _UNNAMED) + ending
