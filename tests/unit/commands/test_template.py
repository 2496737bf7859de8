"""`idm template`: the mails as they would arrive, with and without an installation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cli
from idm.mail_texts import TEXTS


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which no installation is: the shipped texts are shown all the same."""
    monkeypatch.setenv("IDM_HOME", str(tmp_path))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = cli.run(["template", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_list_names_every_mail_with_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    code, found = run(capsys, "list")
    assert code == 0
    assert [item["slug"] for item in found["items"]] == list(TEXTS)
    first = found["items"][0]
    assert (first["languages"], first["always"], first["own"]) == (["da", "en"], ["given_name", "unit_name", "start_date"], [])


def test_a_preview_shows_the_mail_in_each_language(capsys: pytest.CaptureFixture[str]) -> None:
    code, found = run(capsys, "preview", "reminder")
    assert (code, found["language"]) == (0, "da")
    assert "Kære Åse" in found["text"]
    assert "<html" in found["html"]
    assert run(capsys, "preview", "reminder", "--lang", "en", "--least")[1]["text"].startswith("Dear Åse")
    assert cli.run(["template", "preview", "reminder", "--html"]) == 0
    assert "<h1" in capsys.readouterr().out


def test_a_preview_takes_values_of_ones_own(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    file = home / "values.json"
    file.write_text(json.dumps({"given_name": "Bo", "documents": ["Passport"], "due_date": None}))
    code, found = run(capsys, "preview", "reminder", "--lang", "en", "--context", str(file))
    assert code == 0
    assert "Dear Bo" in found["text"]
    assert "- Passport" in found["text"]


@pytest.mark.parametrize(
    ("values", "rule"),
    [({"salary": "1"}, "unknown-name"), ({"given_name": 5}, "value"), ({"documents": [1]}, "value"), (["x"], "object")],
)
def test_values_that_cannot_be_used_are_refused(capsys: pytest.CaptureFixture[str], home: Path, values: object, rule: str) -> None:
    (home / "values.json").write_text(json.dumps(values))
    code, found = run(capsys, "preview", "reminder", "--context", str(home / "values.json"))
    assert code == 3
    assert [fault["rule"] for fault in found["error"]["faults"]] == [rule]


def test_a_date_that_is_none_names_the_template_line(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    (home / "values.json").write_text(json.dumps({"due_date": "soon"}))
    code, found = run(capsys, "preview", "reminder", "--context", str(home / "values.json"))
    assert code == 3
    assert "email/reminder/da/body.txt:" in found["error"]["faults"][0]["path"]


def test_there_is_no_such_mail(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "preview", "no_such_mail")[0] == 4


def test_the_check_passes_for_the_shipped_texts(capsys: pytest.CaptureFixture[str]) -> None:
    code, found = run(capsys, "check")
    assert (code, found["ok"], found["items"], found["mails"]) == (0, True, [], len(TEXTS))
