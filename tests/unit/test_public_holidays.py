from __future__ import annotations

from datetime import date

from idm.public_holidays import in_year, is_public_holiday


def test_the_danish_year() -> None:
    assert {day.isoformat()[5:] for day in in_year(2027)} == {
        "01-01", "03-25", "03-26", "03-28", "03-29", "05-06", "05-16", "05-17", "12-25", "12-26"
    }  # fmt: skip


def test_great_prayer_day_was_a_holiday_until_2023() -> None:
    assert is_public_holiday(date(2023, 5, 5))
    assert not is_public_holiday(date(2024, 4, 26))


def test_constitution_day_and_the_eves_are_closed_by_policy_not_by_law() -> None:
    assert not any(is_public_holiday(date(2029, month, day)) for month, day in ((6, 5), (12, 24), (12, 31)))
