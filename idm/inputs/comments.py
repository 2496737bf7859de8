"""The text of a comment, read strictly: short, plain, and without a CPR number."""

from __future__ import annotations

from idm.domain.comments import LONGEST
from idm.domain.prose import faults_of_prose, tidy
from idm.errors import BadInput, Fault


def read_comment(data: bytes) -> str:
    """The comment in `data` (UTF-8), with blank ends off. Raises BadInput with every fault; none repeats the text."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _bad(Fault("text", "encoding", "it is not UTF-8")) from None
    return check_comment(text)


def check_comment(text: str) -> str:
    """`text` as a comment. Raises BadInput with every fault."""
    text = tidy(text)
    found = [] if text else [Fault("text", "required", "it is empty")]
    found += faults_of_prose(text, "text", LONGEST)
    if found:
        raise _bad(*found)
    return text


def _bad(*faults: Fault) -> BadInput:
    return BadInput("The comment can't be taken.", faults=faults, next_step="Mend what is named; nothing was saved.")
