from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from idm.domain.journey import Actor
from idm.policy_files import check, load

SHIPPED = Path(__file__).parents[3] / "policies"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "policies"))


def faults(folder: Path, text: str) -> list[tuple[str, str]]:
    (folder / "waiting.yaml").write_text(text, encoding="utf-8")
    return [(fault.path, fault.rule) for fault in check(folder)[1]]


def test_the_shipped_reasons_know_who_may_give_them_and_where_they_stand() -> None:
    reasons = load(SHIPPED).waiting
    assert set(reasons) == {"awaiting_authority", "hire_asked_for_time", "negotiation", "equipment_delayed"}
    lines = (SHIPPED / "waiting.yaml").read_text(encoding="utf-8").splitlines()
    for reason in reasons.values():
        assert lines[reason.source.line - 1].strip() == f"{reason.id}:"
        assert set(reason.titles) == {"da", "en"}
        assert Actor.HIRE not in reason.who
    assert (reasons["negotiation"].who, reasons["negotiation"].longest) == ((Actor.PAY,), 30)


REASON = "reasons:\n  ill:\n    titles: {{da: Syg, en: Ill}}\n    who: [{who}]\n    longest_days: {days}\n"


@pytest.mark.parametrize(
    ("who", "days", "line"),
    [("manager", "0", 5), ("manager", "9999", 5), ("manager", "ten", 5), ("hire", "10", 4), ("", "10", 4), ("pay, pay", "10", 4)],
)
def test_an_absurd_value_is_named_with_its_line(folder: Path, who: str, days: str, line: int) -> None:
    assert [path for path, _ in faults(folder, REASON.format(who=who, days=days))] == [f"waiting.yaml:{line}"]


def test_a_text_is_wanted_in_both_languages(folder: Path) -> None:
    found = faults(folder, "reasons:\n  ill:\n    titles: {da: Syg}\n    who: [pay]\n    longest_days: 3\n")
    assert [path for path, _ in found] == ["waiting.yaml:3"]


def test_without_the_file_nothing_may_wait(folder: Path) -> None:
    (folder / "waiting.yaml").unlink()
    policies, found, _ = check(folder)
    assert found == []
    assert policies is not None
    assert policies.waiting == {}
