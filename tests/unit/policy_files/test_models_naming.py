"""naming.yaml: what is set reaches the domain, and what would name everybody alike, or nobody, is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from idm.domain.naming import address_choice, username_choice
from idm.policy_files import load
from idm.policy_files.models_naming import Naming
from tests.architecture.project import ROOT
from tests.unit.policy_files.base import BASE, edited, write

SOUND: dict[str, Any] = {"username": "{given:3}{family:3}", "address": "{given}.{family}", "domain": "example.org"}


def test_what_is_set_reaches_the_domain(tmp_path: Path) -> None:
    more = """\
  username: ["{first:1}{last}", "{given:3}{family:3}{number:2}"]
  username_length: 12
  fallback: employee
  reserved: [root, no-reply]
  forbidden: {whole: [ass], part: [lort, fuck]}
"""
    old = '  username: "{given:3}{family:3}"\n  username_length: 12\n'
    naming = load(write(tmp_path, edited("naming.yaml", old, more))).naming

    assert naming.username == ("{first:1}{last}", "{given:3}{family:3}{number:2}")
    assert naming.address == ("{given}.{family}",)
    assert (naming.fallback, naming.reserved, naming.whole) == ("employee", frozenset({"root", "no-reply"}), frozenset({"ass"}))
    assert naming.part == ("lort", "fuck")


def test_nothing_is_reserved_or_forbidden_unless_it_is_said(tmp_path: Path) -> None:
    naming = load(write(tmp_path, BASE)).naming
    assert (naming.fallback, naming.reserved, naming.whole, naming.part) == ("user", frozenset(), frozenset(), ())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"username": "user"}, "the same name"),
        ({"username": "{given} {family}"}, "between them"),
        ({"username": "{given}{nick}"}, "between them"),
        ({"username": "{number}{given}"}, "must stand at the end"),
        ({"username": "{given}{number}{number}"}, "between them"),
        ({"username": ["{given}{number}", "{family}"]}, "never be tried; put it last"),
        ({"username": ["{given}", "{given}"]}, "twice"),
        ({"username": []}, "empty list"),
        ({"username": 5}, "string"),
        ({"username_length": 5}, "greater than or equal to 6"),
        ({"username_length": 65}, "less than or equal to 64"),
        ({"domain": "kommune"}, "pattern"),
        ({"transliteration": {"æ": "æ"}}, "pattern"),
        ({"fallback": "Nobody 1"}, "pattern"),
        ({"fallback": "root", "reserved": ["root"]}, "nobody may be called"),
        ({"fallback": "ass", "forbidden": {"whole": ["ass"]}}, "nobody may be called"),
        ({"fallback": "lortet", "forbidden": {"part": ["lort"]}}, "holds a forbidden word"),
        ({"fallback": "employee", "username_length": 7}, "longer than"),
        ({"reserved": ["Root"]}, "pattern"),
        ({"reserved": []}, "empty list"),
        ({"forbidden": {"part": ["so"]}}, "too many names"),
        ({"forbidden": {"part": ["lort!"]}}, "pattern"),
        ({"forbidden": {"words": ["lort"]}}, "not permitted"),
    ],
)
def test_an_edit_that_breaks_is_refused_in_words(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Naming.model_validate({**SOUND, **changes})


def test_the_shipped_words_keep_names_decent_and_leave_common_ones_alone() -> None:
    naming = load(ROOT / "policies").naming
    assert username_choice("Lorte", "Hansen", naming).bare == ("lorhan",)
    assert username_choice("Lor", "Tetzner", naming).bare == ("user",)
    assert username_choice("Po", "St", naming).bare == ("user",)
    assert address_choice("Post", "", naming).bare == ("user@example.org",)
    assert address_choice("Ivan", "Dickinson", naming).bare == ("ivan.dickinson@example.org",)
    common = [("Anne", "Jensen"), ("Søren", "Skov"), ("Sofie", "Lund"), ("Titus", "Holm"), ("Die", "Hor"), ("Assia", "Dam")]
    assert "user" not in {name for given, family in common for name in username_choice(given, family, naming).bare}
