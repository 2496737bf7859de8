"""What pages show of numbers, amounts and days, as each language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.support import NullTranslations

from idm.render_pages import LOCALES, Pages


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    folder = tmp_path / "web"
    folder.mkdir()
    for name in ("number", "kroner", "date", "weekday", "moment", "time"):
        (folder / f"{name}.html").write_text(f"{{{{ value|{name} }}}}")
    return Pages([tmp_path], {language: NullTranslations() for language in LOCALES}, dict.fromkeys(LOCALES, str), {})


@pytest.mark.parametrize(
    ("filter", "value", "danish", "english"),
    [
        ("kroner", "18950", "18.950,00 kr.", "DKK 18,950.00"),
        ("kroner", "0.5", "0,50 kr.", "DKK 0.50"),
        ("number", "18.5", "18,5", "18.5"),
        ("number", "1234.56789", "1.234,56789", "1,234.56789"),
        ("number", 37, "37", "37"),
        ("date", date(2027, 1, 4), "4. januar 2027", "4 January 2027"),
        ("weekday", "2027-01-04", "mandag 4. januar", "Monday 4 January"),
        ("moment", datetime(2027, 7, 1, 22, 30, tzinfo=UTC), "2. jul. 2027, 00.30", "2 Jul 2027, 00:30"),
        ("time", "2027-01-04T11:05:00+00:00", "12.05", "12:05"),
    ],
)
def test_each_language_has_its_way(pages: Pages, filter: str, value: object, danish: str, english: str) -> None:
    shown = {language: pages.render(f"{filter}.html", language, {"value": value}) for language in LOCALES}
    assert shown == {"da": danish, "en": english}
