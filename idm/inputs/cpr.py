"""CPR numbers: whether ten digits can be one."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from stdnum.dk import cpr
from stdnum.exceptions import ValidationError

from idm.domain.people import Cpr

_WRITTEN = re.compile(r"[0-9]{6}[- ]?[0-9]{4}")
_DIGITS = re.compile(r"(?<!\d)(\d{6})\s?[-‐-―−.]?\s?(\d{4})(?!\d)")


def parse_cpr(text: str, today: date) -> Cpr:
    """The number in `text` (`DDMMYYNNNN`, perhaps with a hyphen) as ten digits.

    The date of birth must exist and not lie after `today`; its century follows from the seventh digit (CPR-kontoret,
    "Personnummeret i CPR"). Modulus 11 isn't asked for: numbers without it have been issued since 2007. Replacement
    numbers, whose day is 61 or more, are no CPR numbers and are refused. Raises ValueError, which names the rule but not the value.
    """
    written = text.strip()
    if not _WRITTEN.fullmatch(written):
        raise ValueError("must be ten digits")
    try:
        born: date = cpr.get_birth_date(written)
    except ValidationError:
        raise ValueError("has an impossible date") from None
    if born > today:
        raise ValueError("has a date of birth in the future")
    return Cpr(cpr.compact(written))


def looks_like_cpr(text: str) -> bool:
    """Whether `text` as a whole could be a CPR number: ten digits that begin with a date."""
    try:
        parse_cpr(text, date.max)
    except ValueError:
        return False
    return True


def holds_cpr(text: str) -> bool:
    """Whether a CPR number may stand somewhere in `text`, also with blanks or a dash in it."""
    # A number may be written in other digits, which compatibility brings to the plain ones.
    return any(looks_like_cpr("".join(pair)) for pair in _DIGITS.findall(unicodedata.normalize("NFKC", text)))


HOLDS_CPR = "it holds ten digits that begin with a date, as a CPR number does; write who you mean without it"
"""What is said of a free text that holds a CPR number."""
