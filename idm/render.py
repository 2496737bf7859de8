"""The only Jinja2 environment: sandboxed, strict about names, and escaping in HTML alone.

Templates are looked for in an installation's own folder first, then among the shipped ones, so that an administrator
replaces a text by a file of the same name. What a template gets wrong is a fault of policy: named by file and line. A mail whose
own text is broken goes out with the shipped one, so that nobody waits; the fault is told beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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

from idm.connector import Confidential
from idm.errors import Fault, PolicyInvalid
from idm.render_sandbox import FILTERS, Sandbox, names_used

LANGUAGES: Mapping[str, str] = {"da": "da_DK", "en": "en_GB"}
"""The languages a template can be written in, and the locale that dates are written by."""

Width = Literal["full", "long", "medium", "short"]

LONGEST = 200_000
"""The most characters that a rendered text may have."""

LONGEST_SMS = 459
"""The most characters that a text message may have: three parts of 153 (3GPP TS 23.038), which every network puts together."""

_ZONE = ZoneInfo("Europe/Copenhagen")
_SLUG = re.compile(r"[a-z][a-z0-9_]*")
_NEXT = "Mend the template; templates/README.md says what each one may use."


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """A mail's texts: `subject` is one line; `html` is None if the template has no body.html.

    `fault`: why the installation's own text was left aside and the shipped one taken, or None.
    """

    subject: str
    text: str
    html: str | None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class RenderedText:
    """A text message. `fault`: why the installation's own text was left aside and the shipped one taken, or None."""

    text: str
    fault: Fault | None = None


class Renderer:
    """Renders templates found in `folders`, the first that has one. Shared by threads; an edited file counts at once."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """`folders`: where templates lie, the installation's own before the shipped ones. Missing folders are no error."""
        self._folders = tuple(folders)
        self._environment = _environment(self._folders)
        self._shipped = _environment(self._folders[-1:])

    def render_mail(self, slug: str, language: str, context: Mapping[str, object]) -> RenderedMail:
        """The mail `slug` in `language` ("da", "en"). Raises PolicyInvalid naming file and line.

        A `Confidential` value can't be shown: a template that tries is refused like one that uses an unknown name.
        """
        if not _SLUG.fullmatch(slug):
            raise _invalid("email", "name", "A mail's name is made of small letters, digits and underscores.")
        folder = f"email/{slug}/{language}"
        try:
            return self._mail(folder, language, context, self._environment, self._folders)
        except PolicyInvalid as error:
            if not self.own(folder):
                raise
            try:
                mail = self._mail(folder, language, context, self._shipped, self._folders[-1:])
            except PolicyInvalid:
                raise error from None
            return replace(mail, fault=error.faults[0])

    def _mail(
        self, folder: str, language: str, context: Mapping[str, object], environment: Sandbox, folders: Sequence[Path]
    ) -> RenderedMail:
        subject = self._render(f"{folder}/subject.txt", language, context, environment).strip()
        if not subject or not subject.isprintable():
            what = "is empty" if not subject else "has a line break or another control character in it"
            raise _invalid(f"{folder}/subject.txt", "subject", f"The subject {what}.")
        text = self._render(f"{folder}/body.txt", language, context, environment)
        has_html = any((each / folder / "body.html").is_file() for each in folders)
        html = self._render(f"{folder}/body.html", language, context, environment) if has_html else None
        return RenderedMail(subject, text, html)

    def render_sms(self, slug: str, language: str, context: Mapping[str, object]) -> RenderedText:
        """The text message `slug` in `language`, `sms/<slug>/<language>.txt`. Raises PolicyInvalid naming file and line."""
        if not _SLUG.fullmatch(slug):
            raise _invalid("sms", "name", "A text message's name is made of small letters, digits and underscores.")
        template = f"sms/{slug}/{language}.txt"
        try:
            return RenderedText(self._message(template, language, context, self._environment))
        except PolicyInvalid as error:
            try:
                return RenderedText(self._message(template, language, context, self._shipped), error.faults[0])
            except PolicyInvalid:
                raise error from None

    def _message(self, template: str, language: str, context: Mapping[str, object], environment: Sandbox) -> str:
        text = self._render(template, language, context, environment).strip()
        missing = [name for name, value in context.items() if str(value) not in text]
        if not text or len(text) > LONGEST_SMS or missing:
            what = f"doesn't show {missing[0]}" if missing else f"must have between 1 and {LONGEST_SMS} characters"
            raise _invalid(template, "message", f"The text message {what}.")
        return text

    def own(self, folder: str = "email") -> list[str]:
        """The files under `folder` (or that frame a mail) which the installation has of its own, by path below its templates."""
        found = []
        for root in self._folders[:-1]:
            files = [file for file in sorted((root / folder).rglob("*")) if file.is_file()]
            files += [file for file in sorted((root / "email").glob("*.html")) if file not in files]
            found += [file.relative_to(root).as_posix() for file in files]
        return found

    def mails(self) -> dict[str, tuple[str, ...]]:
        """The mails there are, shipped or the installation's own, each with the languages that it has a subject in."""
        found: dict[str, set[str]] = {}
        for name in self._environment.list_templates(extensions=("txt",)):
            parts = name.split("/")
            if len(parts) == 4 and parts[0] == "email" and parts[3] == "subject.txt":
                found.setdefault(parts[1], set()).add(parts[2])
        return {slug: tuple(sorted(languages)) for slug, languages in sorted(found.items())}

    def names(self, template: str) -> list[tuple[str, str, int]]:
        """Every name that a template takes from outside, with the file and line where. Raises PolicyInvalid if it can't be read."""
        source, file = self._source(template)
        try:
            return [(name, file, line) for name, line in names_used(self._environment.parse(source, template, file))]
        except TemplateSyntaxError as error:
            raise _invalid(f"{file}:{error.lineno}", "syntax", error.message or "It can't be read.") from None

    def _source(self, template: str) -> tuple[str, str]:
        for folder in self._folders:
            file = folder / template
            if file.is_file():
                try:
                    return file.read_text(encoding="utf-8"), str(file)
                except UnicodeDecodeError:
                    raise _invalid(str(file), "encoding", "The file isn't UTF-8.") from None
        raise _invalid(template, "missing", "There is no such template.")

    def render(self, template: str, language: str, context: Mapping[str, object]) -> str:
        """The template at path `template` with `context` and the name `language`. Raises PolicyInvalid naming file and line."""
        return self._render(template, language, context, self._environment)

    def _render(self, template: str, language: str, context: Mapping[str, object], environment: Sandbox) -> str:
        if language not in LANGUAGES:
            raise _invalid(template, "language", f"There is no language of that name; known are {', '.join(LANGUAGES)}.")
        shown = {name: self._shown(name, value) for name, value in context.items()}
        try:
            return _limited(environment.get_template(template).generate(shown | {"language": language}))
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
        """What can't be compiled among all texts that are in force, by file and line; empty if all is well. Pages aren't texts."""
        faults = []
        for name in self._environment.list_templates(extensions=("txt", "html")):
            if name.startswith("web/"):
                continue
            try:
                self._environment.get_template(name)
            except TemplateSyntaxError as error:
                faults.append(Fault(f"{error.filename or name}:{error.lineno}", "syntax", error.message or "It can't be read."))
            except (UnicodeDecodeError, OSError):
                faults.append(Fault(name, "encoding", "The file can't be read as UTF-8."))
        return faults

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


def _environment(folders: Sequence[Path]) -> Sandbox:
    made = Sandbox(
        loader=FileSystemLoader(folders),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.clear()
    made.filters = {name: filter for name, filter in made.filters.items() if name in FILTERS}
    made.filters["date"] = _date_filter
    made.filters["time"] = _time_filter
    return made


def _limited(parts: Iterable[str]) -> str:
    """The text, if it isn't longer than any mail of ours: a template that goes on and on must not fill the memory."""
    taken: list[str] = []
    length = 0
    for part in parts:
        length += len(part)
        if length > LONGEST:
            raise _FilterMisused(f"the text comes to more than {LONGEST} characters")
        taken.append(part)
    return "".join(taken)


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
