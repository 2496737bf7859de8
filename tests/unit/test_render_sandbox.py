"""The sandbox: what a template may not do is refused when it is read, with its line, and nothing takes long."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import FileSystemLoader, TemplateSyntaxError

from idm.errors import PolicyInvalid
from idm.render import LONGEST, Renderer
from idm.render_sandbox import Sandbox, names_used

sandbox = Sandbox(loader=FileSystemLoader([]))

REFUSED = [
    "{{ f() }}",
    "{{ name.upper() }}",
    "{{ ''.join(x) }}",
    "{% call f() %}{% endcall %}",
    "{% macro m() %}x{% endmacro %}",
    "{% set x = 1 %}",
    "{% set x %}x{% endset %}",
    "{% include 'email/layout.html' %}",
    "{% import 'a' as b %}",
    "{% from 'a' import b %}",
    "{{ 'a' * 9 }}",
    "{{ 9 ** 9 }}",
    "{{ '%99d' % 1 }}",
    "{{ 1 + 1 }}",
    "{{ x|attr('y') }}",
    "{{ x|center(999) }}",
    "{{ x|format(1) }}",
    "{{ x|map('upper') }}",
    "{{ x is callable }}",
    "{% for a in 'abcdef' %}{{ a }}{% endfor %}",
    "{% for a in [1, 2, 3] %}{{ a }}{% endfor %}",
    "{% for a in x recursive %}{{ loop(a) }}{% endfor %}",
    "{% for a in x %}{% for b in x %}{% for c in x %}.{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in x %}{% if a %}{% for b in x %}{% if b %}{% for c in x %}.{% endfor %}{% endif %}{% endfor %}{% endif %}{% endfor %}",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_templates_may_not_do_is_refused_at_its_line(text: str) -> None:
    with pytest.raises(TemplateSyntaxError) as refused:
        sandbox.from_string(f"one\ntwo\n{text}\n")
    assert refused.value.lineno == 3
    assert "may not do" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ name }}", "Anna"),
        ("{% if name is defined and not other is defined %}x{% endif %}", "x"),
        ("{% for line in lines %}{{ loop.index }}{{ line }}{% if not loop.last %}, {% endif %}{% endfor %}", "1a, 2b"),
        ("{% for line in lines %}{% for other in lines %}{{ other }}{% endfor %}{% endfor %}", "abab"),
        ("{{ name|upper }} {{ lines|join('+') }} {{ lines|length }} {{ lines|first }}", "ANNA a+b 2 a"),
        ("{{ name ~ '!' }}{{ 'x' if lines else 'y' }}", "Anna!x"),
        ("{{ person.name }}{{ person['name'] }}", "BoBo"),
    ],
)
def test_what_texts_need_works(text: str, expected: str) -> None:
    assert sandbox.from_string(text).render(name="Anna", lines=("a", "b"), person={"name": "Bo"}) == expected


@pytest.mark.parametrize(
    "text", ["{{ name.__class__ }}", "{{ name.upper }}", "{{ lines.count }}", "{{ person.keys }}", "{{ self }}", "{{ cycler }}"]
)
def test_nothing_is_told_of_what_a_value_is_made_of(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.txt").write_text(f"\n{text}\n")
    with pytest.raises(PolicyInvalid) as refused:
        Renderer([tmp_path]).render("t.txt", "da", {"name": "Anna", "lines": ("a",), "person": {}})
    assert refused.value.faults[0].path == f"{tmp_path / 't.txt'}:2"


def test_a_text_that_goes_on_and_on_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("{% for a in x %}{% for b in x %}" + "y" * 1000 + "{% endfor %}{% endfor %}")
    began = time.monotonic()
    with pytest.raises(PolicyInvalid, match=str(LONGEST)):
        Renderer([tmp_path]).render("t.txt", "da", {"x": ("a",) * 5000})
    assert time.monotonic() - began < 20


def test_names_are_found_with_their_lines_without_a_loops_own() -> None:
    loop = "{% for line in lines %}{{ line }}{{ loop.index }}{{ two }}{% endfor %}"
    tree = sandbox.parse(f"{{{{ one }}}}\n{loop}\n{{% if three is defined %}}{{{{ language }}}}{{% endif %}}")
    assert sorted(names_used(tree)) == [("lines", 2), ("one", 1), ("three", 3), ("two", 2)]


@given(st.text(st.sampled_from("{}%|()[].'\"+*~ \nabfor in if endif is defined x"), max_size=60))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    try:
        sandbox.parse(text)
    except TemplateSyntaxError as error:
        assert error.lineno >= 1
