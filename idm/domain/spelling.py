"""How a name is spelt in a-z: by the policy's table, then a fixed one, then without its accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

DANISH: Mapping[str, str] = {
    "æ": "ae",
    "ø": "oe",
    "å": "aa",
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "ß": "ss",
    "ð": "d",
    "þ": "th",
    "ł": "l",
    "đ": "d",
    "œ": "oe",
    "ŋ": "n",
    "ħ": "h",
    "ŧ": "t",
    "ı": "i",
    "ə": "e",
}
"""Letters of Latin alphabets that accents don't explain, as in machine-readable passports (ICAO 9303-3, section 6) and kin."""

CYRILLIC: Mapping[str, str] = dict(
    zip(
        "абвгґдеёєжзиіїйклмнопрстуфхцчшщъыьэюя",
        "a b v g g d e e ie zh z i i i i k l m n o p r s t u f kh ts ch sh shch ie y - e iu ia".split(),
        strict=True,
    )
) | {"ь": ""}
"""Cyrillic letters as in machine-readable passports (ICAO 9303-3, section 6 B); the soft sign is left out."""

_TABLE = {**CYRILLIC, **DANISH}


def spelt(name: str, table: Mapping[str, str]) -> str:
    """`name` in lower-case a-z, 0-9 and hyphens. `table` goes before the fixed ones; of other scripts nothing is left."""
    letters = {**_TABLE, **table}
    lowered = unicodedata.normalize("NFC", name).lower()
    written = "".join(letters.get(letter, letter) for letter in lowered)
    bare = unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode()
    return re.sub(r"-+", "-", re.sub(r"[^a-z0-9-]", "", re.sub(r"\s+", "-", bare.strip()))).strip("-")
