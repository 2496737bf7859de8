"""The only Jinja2 environment: sandboxed, strict about names, and escaping in HTML alone.

Templates are looked for in an installation's own folder first, then among the shipped ones, so that an administrator
replaces a text by a file of the same name. What a template gets wrong is a fault of policy: named by file and line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError, pass_context, select_autoescape
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from idm.connector import Confidential
from idm.errors import Fault, PolicyInvalid

LANGUAGES: Mapping[str, str] = {"da": "da_DK", "en": "en_GB"}
"""The languages a template can be written in, and the locale that dates are written by."""

Width = Literal["full", "long", "medium", "short"]

_ZONE = ZoneInfo("Europe/Copenhagen")
_SLUG = re.compile(r"[a-z][a-z0-9_]*")
_NEXT = "Mend the template; templates/README.md says what each one may use."


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """A mail's texts: `subject` is one line; `html` is None if the template has no body.html."""

    subject: str
    text: str
    html: str | None


class Renderer:
    """Renders templates found in `folders`, the first that has one. Shared by threads; an edited file counts at once."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """`folders`: where templates lie, the installation's own before the shipped ones. Missing folders are no error."""
        self._folders = tuple(folders)
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(self._folders),
            autoescape=select_autoescape(enabled_extensions=("html",), default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters["date"] = _date_filter
        self._environment.filters["time"] = _time_filter

    def render_mail(self, slug: str, language: str, context: Mapping[str, object]) -> RenderedMail:
        """The mail `slug` in `language` ("da", "en"). Raises PolicyInvalid naming file and line.

        A `Confidential` value can't be shown: a template that tries is refused like one that uses an unknown name.
        """
        if not _SLUG.fullmatch(slug):
            raise _invalid("email", "name", "A mail's name is made of small letters, digits and underscores.")
        folder = f"email/{slug}/{language}"
        subject = self.render(f"{folder}/subject.txt", language, context).strip()
        if not subject or not subject.isprintable():
            what = "is empty" if not subject else "has a line break or another control character in it"
            raise _invalid(f"{folder}/subject.txt", "subject", f"The subject {what}.")
        text = self.render(f"{folder}/body.txt", language, context)
        html = self.render(f"{folder}/body.html", language, context) if self._has(f"{folder}/body.html") else None
        return RenderedMail(subject, text, html)

    def render(self, template: str, language: str, context: Mapping[str, object]) -> str:
        """The template at path `template` with `context` and the name `language`. Raises PolicyInvalid naming file and line."""
        if language not in LANGUAGES:
            raise _invalid(template, "language", f"There is no language of that name; known are {', '.join(LANGUAGES)}.")
        shown = {name: self._shown(name, value) for name, value in context.items()}
        try:
            return self._environment.get_template(template).render(shown | {"language": language})
        except TemplateNotFound as error:
            folders = ", ".join(str(folder) for folder in self._folders)
            raise _invalid(str(error.name or template), "missing", f"There is no such template in {folders}.") from None
        except TemplateSyntaxError as error:
            place = f"{error.filename or error.name or template}:{error.lineno}"
            raise _invalid(place, "syntax", error.message or "It can't be read.") from None
        except UnicodeDecodeError:
            raise _invalid(template, "encoding", "The file isn't UTF-8.") from None
        except Exception as error:  # noqa: BLE001  # a template can raise anything: it calls methods and filters as it likes
            raise _invalid(self._place(error.__traceback__, template), "render", _said(error)) from None

    def check(self) -> list[Fault]:
        """What can't be compiled among all templates that are in force, by file and line; empty if all is well."""
        faults = []
        for name in self._environment.list_templates(extensions=("txt", "html")):
            try:
                self._environment.get_template(name)
            except TemplateSyntaxError as error:
                faults.append(Fault(f"{error.filename or name}:{error.lineno}", "syntax", error.message or "It can't be read."))
            except (UnicodeDecodeError, OSError):
                faults.append(Fault(name, "encoding", "The file can't be read as UTF-8."))
        return faults

    def _has(self, template: str) -> bool:
        return any((folder / template).is_file() for folder in self._folders)

    def _shown(self, name: str, value: object) -> object:
        if isinstance(value, Confidential):
            return self._environment.undefined(hint=f"{name} is confidential and can't be shown", name=name)
        return value

    def _place(self, traceback: TracebackType | None, template: str) -> str:
        """Where in a template it happened: the innermost frame that Jinja2 gave a template's name."""
        place = template
        while traceback is not None:
            file = traceback.tb_frame.f_code.co_filename
            if any(Path(file).is_relative_to(folder) for folder in self._folders):
                place = f"{file}:{traceback.tb_lineno}"
            traceback = traceback.tb_next
        return place


def _said(error: Exception) -> str:
    """What Jinja2 itself says names no values; any other error's text might."""
    if isinstance(error, SecurityError):
        return "It does something that templates may not do."
    if isinstance(error, (TemplateError, _FilterMisused)):
        return f"{error}."
    return f"It fails with {type(error).__name__}."


class _FilterMisused(Exception):
    """A filter got what it can't work with."""


@pass_context
def _date_filter(context: Context, value: object, width: Width = "long") -> str:
    """`{{ start_date|date }}`: 4. januar 2027, 4 January 2027. Widths: full (with the weekday), long, medium, short."""
    return format_date(_moment(value), format=_width(width), locale=_locale(context))


@pass_context
def _time_filter(context: Context, value: object, width: Width = "short") -> str:
    """`{{ due|time }}`: the time of day in Denmark."""
    moment = _moment(value)
    if not isinstance(moment, datetime):
        raise _FilterMisused("the time filter needs a moment, not a date")
    return format_time(moment, format=_width(width), tzinfo=_ZONE, locale=_locale(context))


def _moment(value: object) -> date:
    """A date, or a moment in Danish time, from either or from its ISO 8601 text."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == len("2027-01-04") else datetime.fromisoformat(value)
        except ValueError:
            raise _FilterMisused("the date filter got a text that is no ISO 8601 date") from None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise _FilterMisused("the date filter got a moment without its time zone")
        return value.astimezone(_ZONE)
    if not isinstance(value, date):
        raise _FilterMisused("the date filter got something that is no date")
    return value


def _width(width: Width) -> Width:
    if width not in get_args(Width):
        raise _FilterMisused("a date's width is full, long, medium or short")
    return width


def _locale(context: Context) -> Locale:
    return Locale.parse(LANGUAGES[context["language"]])


def _invalid(place: str, rule: str, message: str) -> PolicyInvalid:
    return PolicyInvalid(f"The template {place} can't be used: {message}", faults=[Fault(place, rule, message)], next_step=_NEXT)
