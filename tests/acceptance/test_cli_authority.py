"""Powers through the command line: grant with limits, substitute, confirm, resolve, export, and see what was decided in one's place."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import pytest

from tests import data
from tests.acceptance.command_line import CommandLine

TEAM = """
teams:
  office:
    titles: {da: Kontor, en: Office}
    members: [pay_officer, it_officer]
    mailbox: office@example.org
backups:
  town_pay: {authority: pay, holders: [head_south]}
"""


@dataclass(frozen=True)
class Scene:
    """An installation with a case whose contacts are appointed by standing delegations."""

    idm: CommandLine
    case: str


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    idm = CommandLine(tmp_path_factory.mktemp("authority") / "home")
    idm.prepare()
    policy = idm.home / "policies" / "authority.yaml"
    policy.write_text(policy.read_text(encoding="utf-8") + TEAM, encoding="utf-8")
    idm.run("delegate", "--authority", "pay", "--unit", "town", "--to", data.PAY)
    idm.run("delegate", "--authority", "it", "--unit", "town", "--to", data.IT)
    return Scene(idm, idm.new_case("stays"))


def resolved(scene: Scene, authority: str) -> dict[str, Any]:
    (item,) = scene.idm.json("delegations", "resolve", "--case", scene.case, "--authority", authority)["items"]
    found: dict[str, Any] = item
    return found


def test_a_limited_grant_to_a_team_shows_its_limits(scene: Scene) -> None:
    (made,) = scene.idm.json(
        *("delegate", "--authority", "pay", "--unit", "care", "--to", "team:office", "--amount", "50000.50", "--kind", "payroll")
    )["items"]
    assert made["limits"] == {"amount": "50000.50", "units": [], "kinds": ["payroll"]}
    shown = scene.idm.run("delegations", "list", "--unit", "care").out
    assert "up to 50000.50 kroner; for payroll" in shown
    scene.idm.run("delegate", "--authority", "pay", "--unit", "care", "--to", "team:none", code=3)
    scene.idm.run("delegate", "--authority", "pay", "--unit", "care", "--to", data.PAY, "--amount", "many", code=2)
    scene.idm.run("delegations", "revoke", made["id"])


def test_a_substitute_is_entered_listed_used_and_ended(scene: Scene) -> None:
    idm = scene.idm
    entered = idm.json("substitute", "set", data.PAY, "--by", data.TEACHER, "--until", "2099-01-01", "--as", data.PAY)
    assert (entered["holds"], entered["entered_by"]) == (True, data.PAY)
    assert [item["id"] for item in idm.json("substitute", "list", "--person", data.TEACHER)["items"]] == [entered["id"]]
    assert data.TEACHER in idm.run("substitute", "list").out
    pay = resolved(scene, "pay")
    assert [(holder["person"], holder["via"], holder["substitute_for"]) for holder in pay["asked"]] == [
        (data.TEACHER, "substitute", [data.PAY])
    ]
    assert [holder["person"] for holder in pay["also"]] == [data.PAY]
    assert [holder["person"] for holder in pay["next"]] == [data.HEAD_SOUTH]

    idm.run("document", "add", scene.case, "contract", "-", "--name", "contract.pdf", stdin=data.pdf())
    idm.answer(f"{scene.case}.review-contract.1", data.TEACHER, {"decision": "accept"})
    (used,) = idm.json("delegations", "used", "--in-place-of", data.PAY)["items"]
    assert (used["by"], used["action"], used["in_place_of"]) == (data.TEACHER, "review-accept", data.PAY)
    assert "review-accept" in idm.run("delegations", "used", "--case", scene.case).out
    assert idm.run("delegations", "used", "--by", data.IT).out == "No decisions.\n"

    idm.run("substitute", "end", entered["id"], "--as", data.IT, code=5)
    assert idm.json("substitute", "end", entered["id"])["holds"] is False
    idm.run("substitute", "end", entered["id"], code=6)
    idm.run("substitute", "end", "s-none", code=4)
    assert [item["ended"] is not None for item in idm.json("substitute", "list", "--all")["items"]] == [True]


def test_away_without_a_substitute_goes_to_the_back_up(scene: Scene) -> None:
    idm = scene.idm
    away = idm.json("substitute", "set", data.PAY, "--away", "--authority", "pay", "--unit", "schools")
    assert (away["substitute"], away["authorities"], away["units"]) == (None, ["pay"], ["schools"])
    pay = resolved(scene, "pay")
    assert [(holder["person"], holder["via"]) for holder in pay["asked"]] == [(data.HEAD_SOUTH, "backup")]
    text = idm.process("delegations", "resolve", "--case", scene.case).out
    assert "1. head_south (Søren Syd): central back-up for pay by authority.yaml:" in text
    assert "passed over: pay_officer (Pia Lønholm): away, and nobody can stand in" in text
    idm.run("substitute", "end", away["id"])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("substitute", "set", data.PAY), 2),
        (("substitute", "set", data.PAY, "--by", data.IT, "--away"), 2),
        (("substitute", "set", data.PAY, "--by", data.PAY), 3),
        (("substitute", "set", data.PAY, "--by", data.IT, "--as", data.IT), 5),
        (("substitute", "list", "--person", "nobody"), 4),
        (("delegations", "resolve", "--case", "c-none"), 4),
        (("delegations", "used", "--by", "nobody"), 4),
        (("delegations", "confirm", "d-none", "--as", data.DIRECTOR), 4),
        (("delegations", "export", "--csv", "--json"), 2),
        (("access", "take", "nobody", "--reason", "gone"), 4),
        (("access", "take", data.TEACHER, "--reason", " "), 3),
        (("access", "give", data.TEACHER), 6),
    ],
)
def test_what_is_wrong_is_refused_with_its_exit_code(scene: Scene, arguments: tuple[str, ...], code: int) -> None:
    scene.idm.run(*arguments, code=code)


def test_a_manager_confirms_what_was_not_confirmed_in_time(scene: Scene) -> None:
    idm = scene.idm
    (made,) = idm.json("delegate", "--authority", "it", "--unit", "school_south", "--to", data.IT, "--from", "2024-01-02")["items"]
    (lapsed,) = idm.json("delegations", "list", "--unconfirmed")["items"]
    assert (lapsed["id"], lapsed["confirmation"], lapsed["holds"]) == (made["id"], "lapsed", False)
    idm.run("delegations", "confirm", made["id"], "--as", data.HEAD_NORTH, code=5)
    (confirmed,) = idm.json("delegations", "confirm", made["id"], "--as", data.HEAD_SOUTH)["items"]
    assert (confirmed["confirmation"], confirmed["holds"], confirmed["confirmed_by"]) == ("fine", True, data.HEAD_SOUTH)
    assert idm.json("delegations", "list", "--unconfirmed")["items"] == []
    idm.run("delegations", "revoke", made["id"])
    idm.run("delegations", "confirm", made["id"], "--as", data.HEAD_SOUTH, code=6)


def test_the_directory_is_exported_with_gaps_and_as_a_table(scene: Scene) -> None:
    idm = scene.idm
    document = idm.json("delegations", "export", "--check")
    assert document["gaps"] == []
    assert {(item["person"], item["authority"], item["how"]) for item in document["items"]} >= {
        (data.PAY, "pay", "delegation"),
        (data.HEAD_NORTH, "manager", "manager"),
        (data.HEAD_SOUTH, "pay", "backup"),
    }
    rows = list(csv.DictReader(io.StringIO(idm.process("delegations", "export", "--csv").out), delimiter=";"))
    assert len(rows) == len(document["items"])
    assert {row["name"] for row in rows if row["person"] == data.PAY} == {"Pia Lønholm"}
    assert "Gaps:\n  none" in idm.run("delegations", "export").out

    away = idm.json("substitute", "set", data.IT, "--away")
    found = idm.json("delegations", "export", "--check", code=8)
    assert {(gap["authority"], gap["kind"]) for gap in found["gaps"]} == {("it", "away")}
    idm.json("delegations", "export")
    idm.run("substitute", "end", away["id"])


def test_who_has_no_access_is_listed_and_not_asked(scene: Scene) -> None:
    idm = scene.idm
    idm.run("access", "take", data.IT, "--reason", "account locked")
    (mark,) = idm.json("access", "list")["items"]
    assert (mark["person"], mark["reason"]) == (data.IT, "account locked")
    assert resolved(scene, "it")["asked"] == []
    assert "account locked" in idm.run("access", "list").out
    assert idm.json("access", "give", data.IT)["access"] is True
    assert [holder["person"] for holder in resolved(scene, "it")["asked"]] == [data.IT]
