"""CPR numbers: whether ten digits can be one."""

from __future__ import annotations

import re
from datetime import date

from stdnum.dk import cpr
from stdnum.exceptions import ValidationError

from idm.domain.people import Cpr

_WRITTEN = re.compile(r"[0-9]{6}[- ]?[0-9]{4}")


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
