"""The check of the templates in force: every fault by file and line, whether or not a sample happens to reach it."""

from __future__ import annotations

from pathlib import Path

import pytest

from idm.render import Renderer
from idm.template_check import template_faults

SHIPPED = Path(__file__).parents[2] / "templates"


def faults(folder: Path, file: str, text: str | bytes) -> list[tuple[str, str]]:
    """The faults when the installation has that file of its own."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [(fault.path, fault.rule) for fault in template_faults(Renderer([folder, SHIPPED]))]


def test_the_shipped_templates_have_no_fault() -> None:
    assert template_faults(Renderer([SHIPPED])) == []


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("one\n{{ given_nam }}", 2, "unknown-name"),
        ("one\n\n{% if due_date is defined and false %}\n{{ cpr }}\n{% endif %}", 4, "unknown-name"),
        ("{% for line in document %}\n{% endfor %}", 1, "unknown-name"),
        ("one\n{% if %}", 2, "syntax"),
        ("one\n{{ given_name.upper() }}", 2, "syntax"),
        ("\n{{ given_name|date }}", 2, "render"),
        ("\n\n{{ due_date|date }}", 3, "render"),
    ],
)
def test_a_fault_is_named_by_file_and_line(tmp_path: Path, text: str, line: int, rule: str) -> None:
    file = "email/reminder/da/body.txt"
    assert faults(tmp_path, file, text) == [(f"{tmp_path / file}:{line}", rule)]


def test_a_subject_of_two_lines_a_file_that_is_not_utf_8_and_a_broken_frame_are_found(tmp_path: Path) -> None:
    assert faults(tmp_path, "email/digest/en/subject.txt", "one\ntwo") == [("email/digest/en/subject.txt", "subject")]
    (tmp_path / "email/digest/en/subject.txt").unlink()
    assert [rule for _, rule in faults(tmp_path, "email/digest/en/body.txt", b"\xff")] == ["encoding", "encoding"]
    (tmp_path / "email/digest/en/body.txt").unlink()
    found = faults(tmp_path, "email/layout.html", "\n\n{{ nonsense }}")
    assert found == [(f"{tmp_path / 'email/layout.html'}:3", "render")]


def test_a_text_of_ones_own_that_is_sound_has_no_fault_and_is_the_one_that_is_sent(tmp_path: Path) -> None:
    assert faults(tmp_path, "email/reminder/da/subject.txt", "Husk det, {{ given_name }}\n") == []
    from idm.mail_texts import sample

    mail = Renderer([tmp_path, SHIPPED]).render_mail("reminder", "da", sample("reminder", "da"))
    assert (mail.subject, mail.fault) == ("Husk det, Åse", None)
