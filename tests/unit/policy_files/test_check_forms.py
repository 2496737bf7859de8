"""Forms of the person hired: confidential answers are their own, and what a second person must look at is looked at."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from idm.policy_files import check

SHIPPED = Path(__file__).parents[3] / "policies"
T, J, A, S = "forms/personal.yaml", "journeys/hire.yaml", "authority.yaml", "systems.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped policies."""
    return copytree(SHIPPED, tmp_path / "policies")


def broken(folder: Path, file: str, old: str, new: str) -> list[tuple[str, str, str]]:
    """The faults after one edit: file, rule and words."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return [(fault.path.rpartition(":")[0], fault.rule, fault.message) for fault in check(folder)[1]]


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "says"),
    [
        (J, "form: personal\n    actor: hire", "form: personal\n    actor: manager", T, "only the person hired tells"),
        (J, "assess@pay, personal_data]\n    approves", "assess@pay]\n    approves", T, "no second person would look"),
        (T, "asked_if: {residence: [denmark]}", "asked_if: {residence: [mars]}", T, "has no choice 'mars'"),
        (T, "asked_if: {residence: [denmark]}", "asked_if: {pay_to: [account]}", T, "is no field before it"),
        (T, "check: postcode", 'pattern: "[0-9]{4}"\n    check: postcode', T, "have no 'pattern'"),
        (T, "check: postcode", "check: zip", T, "postcode"),
        (T, "      abroad: {da: Jeg bor i udlandet, en: I live abroad}\n", "", T, "names each of the 'choices'"),
        (T, "corrects: mobile", "corrects: private_email", T, "'check: email'"),
        (A, "confirm:\n", "four_eyes:\n  two: {tasks: [personal]}\nconfirm:\n", A, "nobody else could agree"),
        (S, "approved_by: [hire, documents, payroll]", "approved_by: [hire, documents]", S, "sent unapproved"),
    ],
)
def test_what_would_leave_an_answer_open_or_unseen_is_refused(folder: Path, file: str, old: str, new: str, where: str, says: str) -> None:
    faults = broken(folder, file, old, new)
    assert any(at == where and says in words for at, _, words in faults), faults


def test_an_address_can_not_be_given_to_a_system_before_the_pay_contact_has_approved(folder: Path) -> None:
    faults = broken(folder, S, "          full_name: full_name\n          mail: address\n", "          street: personal.street\n")
    assert any(rule == "unapproved" and "'personal.street' is approved as payroll" in words for _, rule, words in faults), faults
