"""Rendering: the shipped mails read well in both languages, and a template's mistakes are named by file and line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.connector import Confidential
from idm.errors import PolicyInvalid
from idm.render import LANGUAGES, Renderer

SHIPPED = Path(__file__).parents[2] / "templates"
WELCOME: dict[str, object] = {
    "given_name": "Anna",
    "unit_name": "Børn & Unge",
    "username": "anna01",
    "address": "anna01@example.org",
    "position_title": "Pædagog",
    "start_date": "2027-01-04",
    "manager_name": "Mette Holm",
}
RETURNED: dict[str, object] = {
    "given_name": "Anna",
    "unit_name": "Børn & Unge",
    "document_title": "Eksamensbevis",
    "reason": "Side 2 mangler.\nStemplet kan ikke læses.",
    "due_date": date(2026, 12, 1),
    "contact_name": "Mette Holm",
}
OPTIONAL = {"position_title", "start_date", "manager_name", "due_date", "contact_name"}
shipped = Renderer([SHIPPED])


def own(folder: Path, text: str, name: str = "email/x/da/body.txt") -> Renderer:
    """A renderer with an installation's own template, before the shipped ones."""
    for file, content in {"email/x/da/subject.txt": "S\n", "email/x/da/body.txt": "B", name: text}.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(content, encoding="utf-8")
    return Renderer([folder, SHIPPED])


@pytest.mark.parametrize("full", [True, False], ids=["all-values", "only-required"])
@pytest.mark.parametrize(("slug", "context"), [("welcome", WELCOME), ("document_returned", RETURNED)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_shipped_mails(slug: str, language: str, context: dict[str, object], full: bool) -> None:
    used = context if full else {name: value for name, value in context.items() if name not in OPTIONAL}
    mail = shipped.render_mail(slug, language, used)
    assert mail.html is not None
    for name, value in used.items():
        if name not in ("start_date", "due_date"):
            assert str(value) in mail.text, name
            assert str(value).replace("&", "&amp;") in mail.html, name
    assert f'<html lang="{language}">' in mail.html
    assert "\n\n\n" not in mail.text
    assert ".." not in mail.text
    assert " ." not in mail.text


def test_dates_are_written_in_the_mails_language() -> None:
    danish, english = (shipped.render_mail("welcome", language, WELCOME) for language in ("da", "en"))
    assert danish.subject == "Velkommen til Børn & Unge"
    assert english.subject == "Welcome to Børn & Unge"
    assert "mandag den 4. januar 2027" in danish.text
    assert "4. januar 2027" in danish.text.split("Første dag:")[1]
    assert "Monday, 4 January 2027" in english.text
    assert "tirsdag den 1. december 2026" in shipped.render_mail("document_returned", "da", RETURNED).text


@pytest.mark.parametrize(
    ("value", "filtered", "danish"),
    [
        ("2027-01-04", "date", "4. januar 2027"),
        (date(2027, 1, 4), "date('short')", "04.01.2027"),
        (date(2027, 1, 4), "date('medium')", "4. jan. 2027"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "date", "1. januar 2027"),
        ("2026-07-01T06:00:00+00:00", "time", "08.00"),
    ],
)
def test_date_filters(tmp_path: Path, value: object, filtered: str, danish: str) -> None:
    assert own(tmp_path, f"{{{{ value|{filtered} }}}}").render_mail("x", "da", {"value": value}).text == danish


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("one\n{% if %}", 2, "syntax"),
        ("one\ntwo {{ missing }}", 2, "render"),
        ("one\n\n{{ name.missing }}", 3, "render"),
        ("one\n{{ 1 / 0 }}", 2, "syntax"),
        ("{{ name|date }}", 1, "render"),
        ("{{ day|date('wide') }}", 1, "render"),
        ("{{ day|time }}", 1, "render"),
        ("\n{{ name.__class__.__mro__ }}", 2, "render"),
        ("\n{{ [].append(1) }}", 2, "syntax"),
        ("{{ range(10000000)|list }}", 1, "syntax"),
        ("{{ name|no_such_filter }}", 1, "syntax"),
        ("\n\n{{ cpr }}", 3, "render"),
        ("{{ cpr|upper }}", 1, "render"),
        ("{{ 'a' ~ cpr }}", 1, "render"),
        ("{{ [cpr]|join }}", 1, "render"),
    ],
)
def test_mistakes_are_named_by_file_and_line_and_show_no_value(tmp_path: Path, text: str, line: int, rule: str) -> None:
    renderer = own(tmp_path, text)
    with pytest.raises(PolicyInvalid) as caught:
        renderer.render_mail("x", "da", {"name": "Anna", "day": "2027-01-04", "cpr": Confidential("invented")})
    (fault,) = caught.value.faults
    assert fault.path == f"{tmp_path / 'email/x/da/body.txt'}:{line}"
    assert fault.rule == rule
    assert fault.path in caught.value.message
    assert caught.value.next_step
    assert "Anna" not in str(caught.value.as_json())
    assert "invented" not in str(caught.value.as_json())


def test_a_mistake_in_a_frame_is_named_there_and_the_shipped_mail_goes(tmp_path: Path) -> None:
    renderer = own(tmp_path, "one\n{{ missing }}", "email/layout.html")
    mail = renderer.render_mail("welcome", "da", WELCOME)
    assert mail.fault is not None
    assert mail.fault.path == f"{tmp_path / 'email/layout.html'}:2"
    assert replace(mail, fault=None) == shipped.render_mail("welcome", "da", WELCOME)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("subject.txt", "{{ no_such_name }}"),
        ("subject.txt", "two\nlines"),
        ("subject.txt", ""),
        ("body.txt", "{% if %}"),
        ("body.txt", "{{ given_name.secret }}"),
        ("body.html", "{{ lipsum(5) }}"),
    ],
)
def test_while_an_own_text_is_broken_the_whole_shipped_mail_goes(tmp_path: Path, part: str, text: str) -> None:
    renderer = own(tmp_path, text, f"email/welcome/en/{part}")
    mail = renderer.render_mail("welcome", "en", WELCOME)
    assert mail.fault is not None
    assert f"email/welcome/en/{part}" in mail.fault.path
    assert replace(mail, fault=None) == shipped.render_mail("welcome", "en", WELCOME)
    assert renderer.render_mail("welcome", "da", WELCOME).fault is None


def test_a_value_that_no_text_can_take_is_refused_as_ever(tmp_path: Path) -> None:
    renderer = own(tmp_path, "Hej {{ unit_name }}", "email/welcome/da/subject.txt")
    with pytest.raises(PolicyInvalid, match="line break"):
        renderer.render_mail("welcome", "da", WELCOME | {"unit_name": "A\nBcc: x@example.org"})


@pytest.mark.parametrize(
    ("slug", "language", "place"),
    [
        ("nothing", "da", "email/nothing/da/subject.txt"),
        ("welcome", "tlh", "email/welcome/tlh/subject.txt"),
        ("../welcome", "da", "email"),
        ("welcome/da/../../welcome", "da", "email"),
    ],
)
def test_templates_that_are_not_there(slug: str, language: str, place: str) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        shipped.render_mail(slug, language, WELCOME)
    assert caught.value.faults[0].path == place


def test_own_files_go_first_one_by_one_and_count_at_once(tmp_path: Path) -> None:
    renderer = own(tmp_path, "Hej {{ given_name }}", "email/welcome/da/subject.txt")
    mail = renderer.render_mail("welcome", "da", WELCOME)
    assert mail.subject == "Hej Anna"
    assert "Kære Anna" in mail.text
    own(tmp_path, "Goddag igen {{ given_name }}", "email/welcome/da/subject.txt")
    assert renderer.render_mail("welcome", "da", WELCOME).subject == "Goddag igen Anna"
    assert own(tmp_path, "{{ '<b>' }}").render_mail("x", "da", {}).html is None


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_subject_is_one_line_whatever_the_values(name: str) -> None:
    try:
        subject = shipped.render_mail("welcome", "da", WELCOME | {"unit_name": name}).subject
    except PolicyInvalid as error:
        assert error.faults[0].rule == "subject"
        return
    assert subject == f"Velkommen til {name}".strip()
    assert len(subject.splitlines()) == 1


@pytest.mark.parametrize("name", ["A\nBcc: x@example.org", "A\r\nX: y", "A\rB", "A\u2028B", "A\x00"])
def test_no_header_gets_in_by_a_value(name: str) -> None:
    with pytest.raises(PolicyInvalid, match="line break"):
        shipped.render_mail("welcome", "da", WELCOME | {"unit_name": name})


def test_html_is_escaped_and_text_is_not() -> None:
    mail = shipped.render_mail("welcome", "da", WELCOME | {"given_name": "<script>alert(1)</script>"})
    assert mail.html is not None
    assert "<script>" not in mail.html
    assert "&lt;script&gt;" in mail.html
    assert "<script>" in mail.text


def test_check_finds_every_template_that_cannot_be_read(tmp_path: Path) -> None:
    assert shipped.check() == []
    own(tmp_path, "{{ }", "email/y/en/subject.txt")
    renderer = own(tmp_path, "a\n{% endif %}")
    (tmp_path / "email/y/en/body.txt").write_bytes(b"\xff\xfe")
    assert sorted((Path(fault.path.partition(":")[0]).name, fault.rule) for fault in renderer.check()) == [
        ("body.txt", "encoding"),
        ("body.txt", "syntax"),
        ("subject.txt", "syntax"),
    ]
    with pytest.raises(PolicyInvalid, match="UTF-8"):
        renderer.render("email/y/en/body.txt", "en", {})
