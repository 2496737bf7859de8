"""The macros that pages are made of: what they escape, what they tell a screen reader, and that icons they name exist."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from idm.bootstrap import shipped
from idm.render_pages import Pages
from idm.web.forms import Faults
from idm.web.site import Assets
from idm.web.texts import read_texts
from tests.architecture.project import ROOT

TEMPLATES = ROOT / "templates" / "web"
Render = Callable[..., str]
IMPORTS = '{% import "parts/forms.html" as form %}{% import "parts/show.html" as show %}'


@pytest.fixture(scope="module")
def pages() -> Pages:
    texts, assets = read_texts([shipped("templates")]), Assets(())
    names = {"asset": assets.url, "has_asset": assets.has, "styles": assets.styles, "playful": False}
    return Pages([shipped("templates")], texts.catalogues, texts.words, names)


@pytest.fixture
def render(pages: Pages) -> Render:
    environment = pages._environments["en"]

    def rendered(source: str, **context: object) -> str:
        return environment.from_string(IMPORTS + source).render(context)

    return rendered


def one(pattern: str, html: str) -> str:
    found = re.findall(pattern, html)
    assert len(found) == 1, (pattern, html)
    return str(found[0])


def test_a_field_escapes_what_it_is_given_and_says_what_is_wrong_with_it(render: Render) -> None:
    html = render(
        '{{ form.field("given", label, value=\'"><script>\', hint="As in your passport", error="It is <missing>") }}', label="A & B"
    )

    assert "<script>" not in html and "A &amp; B" in html and "&lt;missing&gt;" in html
    field = one(r"<input[^>]*>", html)
    assert 'aria-describedby="f-given-hint f-given-error"' in field and 'aria-invalid="true"' in field
    assert 'id="f-given-hint"' in html and 'id="f-given-error"' in html and 'for="f-given"' in html


def test_a_field_in_order_says_nothing_of_errors(render: Render) -> None:
    html = render('{{ form.field("given", "Name", required=true) }}')

    assert "aria-invalid" not in html and "aria-describedby" not in html and "required" in html


def test_every_chosen_option_stays_chosen_and_a_closed_one_says_why(render: Render) -> None:
    html = render('{{ form.select("s", "S", [("1", "One"), ("2", "Two", "only at schools", true)], value=1) }}')
    assert (
        'value="1" selected' in html
        and "Two – only at schools" in html
        and one(r'<option value="2"([^>]*)>', html).strip() == 'disabled="disabled"'
    )

    html = render('{{ form.radios("r", "R", [("a", "A", "why"), ("b", "B")], value="b", error="Choose") }}')
    assert "checked" in one(r'<input[^>]*value="b"[^>]*>', html) and "checked" not in one(r'<input[^>]*value="a"[^>]*>', html)
    assert one(r"<fieldset[^>]*>", html).count("f-r-error") == 1 and "<legend" in html

    html = render('{{ form.checkboxes("c", "C", [("a", "A"), ("b", "B")], values=["a"]) }}')
    assert html.count("checked=") == 1


def test_the_summary_leads_to_every_field_that_is_wrong(render: Render) -> None:
    faults = Faults("Two things are wrong.", "Mend them.", {"cpr": "Ten digits", "v.kind": "Choose"}, ("No contact",))
    html = render('{{ form.error_summary(faults, ids={"v.kind": "elsewhere"}) }}', faults=faults)

    assert '<a href="#f-cpr">Ten digits</a>' in html and '<a href="#elsewhere">Choose</a>' in html and "<li>No contact</li>" in html
    assert 'role="alert"' in html and "Mend them." in html
    assert render("{{ form.error_summary(faults) }}", faults=Faults()).strip() == ""


def test_a_table_keeps_its_meaning_when_it_is_shown_as_cards(render: Render) -> None:
    html = render('{{ show.table(["Name", ("Left", "number")], [["Li <Wu>", 0]], "Hires") }}')

    assert 'role="table"' in html and "<caption>Hires</caption>" in html and 'data-head="Left"' in html and "Li &lt;Wu&gt;" in html
    assert one(r"<th[^>]*scope=\"row\"[^>]*>", html).count('role="rowheader"') == 1
    assert re.search(r'data-head="Left"><div>0</div>', html)


def test_rows_of_a_table_may_be_written_by_the_page(render: Render) -> None:
    html = render(
        '{% call(row) show.table(["Name"], [{"name": "Li"}], "Hires") %}{{ show.cell("Name", row.name, first=true) }}{% endcall %}'
    )

    assert one(r"<th[^>]*scope=\"row\"[^>]*><div>(\w+)", html) == "Li"


def test_without_icons_nothing_is_said_of_them_but_what_only_they_say(render: Render) -> None:
    html = render('{{ show.icon("check") }}|{{ show.icon("check", text="Done") }}')

    assert html.strip() == '|<span class="icon-text">Done</span>'


def test_no_page_has_code_or_style_within_it() -> None:
    """The policy of the pages forbids them, so they would do nothing."""
    wrong = [
        (template.name, found)
        for template in TEMPLATES.rglob("*.html")
        for found in re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|hx-vals=.js:", template.read_text())
    ]
    assert wrong == []


def test_every_icon_that_a_page_names_is_among_those_that_are_fetched() -> None:
    fetched = set((ROOT / "idm" / "web" / "npm" / "icons.txt").read_text().split())
    named = {
        (template.name, icon)
        for template in TEMPLATES.rglob("*.html")
        for icon in re.findall(r"""(?:icon\(|icon=)"([a-z-]+)\"""", template.read_text())
    }
    assert len(named) > 5
    assert {pair for pair in named if pair[1] not in fetched} == set()


def test_every_class_of_a_page_is_in_a_stylesheet() -> None:
    styles = " ".join(sheet.read_text() for sheet in (ROOT / "idm" / "web" / "static" / "css").glob("*.css"))
    structure = {"told-text", "keys-box", "check-main", "language-switch", "htmx-indicator", "scripted"}
    used = {
        (template.name, name)
        for template in TEMPLATES.rglob("*.html")
        for text in re.findall(r'class="([^"{]*)"', template.read_text())
        for name in text.split()
    }
    assert {pair for pair in used if pair[1] not in structure and not re.search(rf"\.{pair[1]}(?![\w-])", styles)} == set()
