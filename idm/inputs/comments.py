"""The text of a comment, read strictly: short, plain, and without a CPR number."""

from __future__ import annotations

import unicodedata

from idm.domain.comments import LONGEST
from idm.errors import BadInput, Fault
from idm.inputs.cpr import HOLDS_CPR, holds_cpr

_PLAIN = "\n\t"


def read_comment(data: bytes) -> str:
    """The comment in `data` (UTF-8), with blank ends off. Raises BadInput with every fault; none repeats the text."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _bad(Fault("text", "encoding", "it is not UTF-8")) from None
    return check_comment(text)


def check_comment(text: str) -> str:
    """`text` as a comment. Raises BadInput with every fault."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    found: list[Fault] = []
    if not text:
        found.append(Fault("text", "required", "it is empty"))
    if len(text) > LONGEST:
        found.append(Fault("text", "too-long", f"it has {len(text)} letters; {LONGEST} are the most"))
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co") and letter not in _PLAIN for letter in text):
        found.append(Fault("text", "control-characters", "it holds control or invisible characters"))
    if holds_cpr(text):
        found.append(Fault("text", "cpr-number", HOLDS_CPR))
    if found:
        raise _bad(*found)
    return text


def _bad(*faults: Fault) -> BadInput:
    return BadInput("The comment can't be taken.", faults=faults, next_step="Mend what is named; nothing was saved.")
