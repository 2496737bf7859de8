"""Every mail in every language, rendered from the shipped files with sample values: it reads as it should, and its two bodies agree."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from idm.domain.deadlines import NOTICES
from idm.mail_texts import TEXTS, sample
from idm.render import LANGUAGES, RenderedMail, Renderer

SHIPPED = Path(__file__).parents[2] / "templates"
shipped = Renderer([SHIPPED])
DATES = {"start_date", "old_start_date", "due_date", "expires"}
CPR = re.compile(r"(?<![0-9])[0-9]{6}[- ]?[0-9]{4}(?![0-9])")
EACH = [(slug, language) for slug in TEXTS for language in LANGUAGES]


def visible(mail: RenderedMail) -> str:
    """What the HTML shows, as one line of words."""
    assert mail.html is not None
    body = mail.html.split("<body", 1)[1].split(">", 1)[1]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def values(context: dict[str, object]) -> list[str]:
    found: list[str] = []
    for name, value in context.items():
        if name not in DATES and value is not True:
            for each in value if isinstance(value, tuple) else (value,):
                found += _parts(each) if isinstance(each, dict) else [str(each)]
    return found


def _parts(line: dict[str, object]) -> list[str]:
    """The parts of a digest's line that are shown as they are; dates are written out."""
    return [str(part) for name, part in line.items() if name not in {"start", "due", "late", "short", "day", "lapsed"} and part]


@pytest.mark.parametrize("full", [True, False], ids=["all-values", "only-certain-ones"])
@pytest.mark.parametrize(("slug", "language"), EACH)
def test_every_mail_reads_as_it_should(slug: str, language: str, full: bool) -> None:
    context = sample(slug, language, full=full)
    mail = shipped.render_mail(slug, language, context)
    assert mail.fault is None
    assert len(mail.subject.splitlines()) == 1
    assert len(mail.subject) <= 100
    for part in (mail.subject, mail.text, mail.html or ""):
        assert "{{" not in part
        assert "{%" not in part
        assert "}}" not in part
        assert not CPR.search(part)
    assert not re.search(r"\n\n\n|\.\.| [.,:]|\(\)|\"\"", mail.text)
    assert mail.text.endswith("\n")
    assert max(len(line) for line in mail.text.splitlines()) < 400
    assert f'<html lang="{language}">' in (mail.html or "")


@pytest.mark.parametrize("full", [True, False], ids=["all-values", "only-certain-ones"])
@pytest.mark.parametrize(("slug", "language"), EACH)
def test_text_and_html_tell_the_same(slug: str, language: str, full: bool) -> None:
    context = sample(slug, language, full=full)
    mail = shipped.render_mail(slug, language, context)
    words = re.compile(r"[\w@./:-]+")
    shown = visible(mail)
    for value in values(context):
        assert all(line in mail.text for line in value.splitlines()), value
        assert " ".join(value.split()) in shown, value
    # The HTML has a heading besides; every word of the text must be in it.
    missing = {word.strip(".:") for word in words.findall(mail.text)} - {word.strip(".:") for word in words.findall(shown)}
    assert missing <= {"-", "--", ""}


@pytest.mark.parametrize(("slug", "language"), EACH)
def test_no_address_of_a_host_stands_in_a_text_but_the_values_own(slug: str, language: str) -> None:
    context = sample(slug, language)
    mail = shipped.render_mail(slug, language, context)
    for part in (mail.subject, mail.text, mail.html or ""):
        for value in values(context):
            part = part.replace(html.escape(value), "").replace(value, "")
        assert "http" not in part
        assert not re.search(r"\b[\w-]+\.(dk|org|com|net|io)\b", part)
        assert "<script" not in part
        assert "src=" not in part


@pytest.mark.parametrize(("slug", "language"), EACH)
def test_every_date_is_written_out_with_its_weekday_or_month(slug: str, language: str) -> None:
    context = sample(slug, language)
    mail = shipped.render_mail(slug, language, context)
    months = {"da": ("januar", "februar", "marts", "december"), "en": ("January", "February", "March", "December")}[language]
    for name in DATES & set(context):
        year, month, day = str(context[name]).split("-")
        written = f"{int(day)}{'.' if language == 'da' else ''} {months[min(int(month), 4) - 1]} {year}"
        assert written in mail.text, name
        assert written in visible(mail), name


@pytest.mark.parametrize("slug", TEXTS)
def test_a_mail_names_somebody_to_ask_even_if_no_contact_is_known(slug: str) -> None:
    if "contact_name" not in TEXTS[slug].maybe:
        assert slug == "welcome"
        return
    managers = {"da": ("din kommende leder", "din leder"), "en": ("your future manager", "your manager")}
    for language, words in (("da", (*managers["da"], "personaleafdelingen")), ("en", (*managers["en"], "the personnel office"))):
        text = shipped.render_mail(slug, language, sample(slug, language, full=False)).text
        assert any(word in text for word in words)
        assert "Pia Lønholm" in shipped.render_mail(slug, language, sample(slug, language)).text


def test_values_of_a_hostile_name_are_escaped_everywhere() -> None:
    for slug, language in EACH:
        context = {**sample(slug, language), "given_name": "<b>Å</b>", "unit_name": "<i>&"}
        mail = shipped.render_mail(slug, language, {name: value for name, value in context.items() if name in TEXTS[slug].names})
        assert "<b>" not in (mail.html or "")
        assert "<i>" not in (mail.html or "")


def test_every_mail_that_is_shipped_is_known_and_every_known_one_is_shipped_in_both_languages() -> None:
    assert shipped.mails() == dict.fromkeys(sorted(TEXTS), ("da", "en"))
    assert set(NOTICES) <= set(TEXTS)


def test_the_readme_lists_every_mail_and_every_value() -> None:
    readme = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for text in TEXTS.values():
        row = next(line for line in readme.splitlines() if line.startswith(f"| `{text.slug}`"))
        assert set(re.findall(r"`(\w+)`\??", row.split("|")[3])) == text.names
        assert set(re.findall(r"`(\w+)`\?", row.split("|")[3])) == set(text.maybe)
