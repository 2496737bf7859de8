"""The portal's pages: one Jinja2 environment a language, strict about names, escaping everything, with the catalogues of that language.

Pages are the project's own code and lie in `templates/web/`; unlike mails they aren't sandboxed, since nobody but the installation's
administrator can put one there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from babel.support import NullTranslations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

LOCALES: Mapping[str, str] = {"da": "da_DK", "en": "en_GB"}
"""The portal's languages, and the locale that dates and numbers are written by."""

_WEEKDAY = {"da_DK": "EEEE d. MMMM", "en_GB": "EEEE d MMMM"}
_KRONER = {"da_DK": "{} kr.", "en_GB": "DKK {}"}
_ZONE = ZoneInfo("Europe/Copenhagen")


class Pages:
    """Renders the pages found in `folders`/web, the first folder that has one. Shared by threads."""

    def __init__(
        self,
        folders: Sequence[Path],
        catalogues: Mapping[str, NullTranslations],
        words: Mapping[str, Callable[[str], str]],
        names: Mapping[str, object],
    ) -> None:
        """`catalogues` and `words` (what says a message of the domain) by language; `names` are what every page may use."""
        self._environments = {
            language: _environment([folder / "web" for folder in folders], locale, catalogues[language], words[language], names)
            for language, locale in LOCALES.items()
        }

    def render(self, template: str, language: str, context: Mapping[str, object]) -> str:
        """The page or part at `template`, below `web/`, in `language` ("da", "en")."""
        return self._environments[language].get_template(template).render({**context, "language": language})


def _environment(
    folders: Sequence[Path], locale: str, catalogue: NullTranslations, words: Callable[[str], str], names: Mapping[str, object]
) -> Environment:
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_callables(catalogue.gettext, catalogue.ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the i18n extension
    known = Locale.parse(locale)
    made.globals.update(names)
    made.filters["words"] = words
    made.filters["date"] = lambda value, width="long": format_date(as_day(value), format=width, locale=known)
    made.filters["weekday"] = lambda value: format_date(as_day(value), format=_WEEKDAY[locale], locale=known)
    made.filters["moment"] = lambda value, width="medium": _moment_shown(_moment(value), width, known)
    made.filters["time"] = lambda value: format_time(_moment(value), format="short", tzinfo=_ZONE, locale=known)
    made.filters["number"] = lambda value: format_decimal(Decimal(str(value)), format="#,##0.##########", locale=known)
    made.filters["kroner"] = lambda value: _KRONER[locale].format(format_decimal(Decimal(str(value)), format="#,##0.00", locale=known))
    return made


def _moment_shown(moment: datetime, width: str, locale: Locale) -> str:
    """Day and time, without seconds: nobody goes by them."""
    day = format_date(moment.astimezone(_ZONE).date(), format=width, locale=locale)
    return f"{day}, {format_time(moment, format='short', tzinfo=_ZONE, locale=locale)}"


def as_day(value: object) -> date:
    """A day, in Denmark, from a date, a moment, or the ISO 8601 text of either."""
    if isinstance(value, str):
        value = date.fromisoformat(value) if len(value) == len("2027-01-04") else datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(_ZONE).date()
    if isinstance(value, date):
        return value
    raise TypeError(f"A {type(value).__name__} is no date.")


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise TypeError("That is no moment with its time zone.")
    return moment
