"""Public holidays in Denmark: the only place that sees the `holidays` library. What else is closed, policy says.

The library follows the law: Great Prayer Day (store bededag) is no holiday from 2024 on (lov nr. 214 af 06/03/2023).
Constitution Day, Christmas Eve and New Year's Eve are no public holidays; that most offices close is up to policy.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=64)
def in_year(year: int) -> frozenset[date]:
    """The public holidays of `year`, those on weekends among them."""
    from holidays import country_holidays  # here, because most commands ask for no date

    return frozenset(country_holidays("DK", years=year))


def is_public_holiday(day: date) -> bool:
    """Whether `day` is a public holiday in Denmark."""
    return day in in_year(day.year)


@lru_cache(maxsize=1)
def calendar_version() -> str:
    """The library's version: with another, some days may be others."""
    from importlib.metadata import version

    return version("holidays")
