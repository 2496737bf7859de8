"""What a CPR number tells: the day of birth."""

from __future__ import annotations

from datetime import date

from idm.domain.people import Cpr


def birth_date(cpr: Cpr) -> date | None:
    """The day of birth; None if the number is blank or holds no possible day.

    The seventh digit and the year give the century (CPR-kontoret, "Personnummeret i CPR"): 0-3 are born in the 1900s; 4 and 9 from
    1937 to 2036; 5-8 from 1858 to 2057.
    """
    digits = cpr.reveal()
    if len(digits) != 10 or not digits.isascii() or not digits.isdigit():
        return None
    day, month, year, seventh = int(digits[:2]), int(digits[2:4]), int(digits[4:6]), int(digits[6])
    if seventh <= 3:
        century = 1900
    elif seventh in (4, 9):
        century = 2000 if year <= 36 else 1900
    else:
        century = 2000 if year <= 57 else 1800
    try:
        return date(century + year, month, day)
    except ValueError:
        return None
