"""What people write for others to read: reasons, comments, questions. It goes on record, into lists and into mails."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from idm.errors import BadInput, Fault

LONGEST_REASON = 2000
"""Letters of a reason at most."""
HOLDS_CPR = "it holds ten digits that begin with a date, as a CPR number does; write who you mean without it"
"""What is said of a text that holds a CPR number."""

_DIGITS = re.compile(r"(?<!\d)(\d{6})\s?[-‐-―−.]?\s?(\d{4})(?!\d)")
_PLAIN = "\n\t"
_A_LEAP_YEAR = 2000
"""29 February is a birthday, too: in which century is all the same here."""


def tidy(text: str) -> str:
    """`text` in composed letters (Unicode NFC), its lines ended in one way, with blank ends off."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def holds_cpr(text: str) -> bool:
    """Whether a CPR number may stand somewhere in `text`: ten digits that begin with a day and a month, perhaps parted."""
    # A number may be written in other digits, which compatibility brings to the plain ones.
    return any(_day_and_month(six) for six, _ in _DIGITS.findall(unicodedata.normalize("NFKC", text)))


def faults_of_prose(text: str, field: str, most: int = LONGEST_REASON) -> list[Fault]:
    """What is wrong with `text` (tidied), each fault naming `field`; none repeats the text."""
    found = []
    if len(text) > most:
        found.append(Fault(field, "too-long", f"it has {len(text)} letters; {most} are the most"))
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co") and letter not in _PLAIN for letter in text):
        found.append(Fault(field, "control-characters", "it holds control or invisible characters"))
    if holds_cpr(text):
        found.append(Fault(field, "cpr-number", HOLDS_CPR))
    return found


def sound_reason(text: str) -> str:
    """A reason, tidied; "" if there is none. Raises `BadInput` with every fault of field `reason`."""
    tidied = tidy(text)
    if faults := faults_of_prose(tidied, "reason"):
        raise BadInput("The reason can't be taken.", faults=faults, next_step="Mend what is named; nothing was saved.")
    return tidied


def _day_and_month(digits: str) -> bool:
    try:
        date(_A_LEAP_YEAR, int(digits[2:4]), int(digits[:2]))
    except ValueError:
        return False
    return True
