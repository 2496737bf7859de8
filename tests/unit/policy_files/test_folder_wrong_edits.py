from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from idm.bootstrap import shipped
from idm.errors import PolicyInvalid
from idm.policy_files import check, load
from tests.unit.policy_files.base import BASE, edited, write

J, F, D, R, S, N = "journeys/hire.yaml", "forms/payroll.yaml", "documents.yaml", "roles.yaml", "systems.yaml", "naming.yaml"


@dataclass(frozen=True)
class Edit:
    file: str
    old: str
    new: str
    line: int
    rule: str
    says: str = ""


EDITS = [
    # The shape of a journey.
    Edit(J, "journey: hire\n", "journey: hire\nowner: me\n", 2, "unknown-key", "'owner'"),
    Edit(J, "event: dk.idm.hire\n", "event: hire\n", 2, "pattern", "dk.idm.hire"),
    Edit(J, "event: dk.idm.hire\n", "", 1, "missing", "'event' is missing"),
    Edit(J, "actor: manager", "actor: boss", 4, "choice", "'manager', 'hire'"),
    Edit(J, "resources: [account], needs", "resources: [account], neds", 5, "unknown-key", "did you mean 'needs'"),
    Edit(J, "opening: {kind: timer", "opening: {kind: clock", 20, "choice", "'human', 'automatic', 'timer'"),
    Edit(J, "opening: {kind: timer, ", "opening: {", 20, "missing", "'kind' is missing in 'opening'"),
    Edit(J, "until: start_date", "until: christmas", 20, "choice", "'until'"),
    Edit(J, "for_each: document, needs", "for_each: child, needs", 6, "choice", "'for_each'"),
    Edit(J, "    for_each: document\n", "", 7, "rule", "for_each: document"),
    Edit(J, "actor: it, needs", "actor: reviewer, needs", 18, "rule", "only a step with 'for_each' can have it"),
    Edit(J, "form: payroll, actor", "actor", 15, "rule", "names its form"),
    Edit(J, "actor: it, needs", "actor: it, by_itself: true, needs", 18, "rule", "by_itself"),
    Edit(J, "actor: it, needs", "actor: it, returns_to: appoint, needs", 18, "rule", "returns_to"),
    Edit(J, "actor: it, needs", "actor: it, for_each: document, needs", 18, "rule", "remove 'for_each'"),
    Edit(J, "approves: rights", "approves: payroll", 18, "rule", "can only be approved by a step with 'task: form'"),
    Edit(J, "by_itself: true", "by_itself: yes", 4, "type", "true or false"),
    Edit(J, "needs: [document]", "needs: document", 12, "type", "must be a list"),
    Edit(J, "  appoint: {", "  appoint-it: {", 4, "name", "beginning with a letter"),
    Edit(J, "system: payroll,", "system: payroll, lane: slow,", 16, "unknown-key", "'lane'"),
    # Its graph, and the other files.
    Edit(J, "needs: [review], approves", "needs: [revew], approves", 15, "unknown-step", "needs 'revew'"),
    Edit(J, "returns_to: document", "returns_to: appoint", 7, "return", "does not need it"),
    Edit(J, "returns_to: document", "returns_to: nowhere", 7, "unknown-step", "'nowhere'"),
    Edit(J, "needs: [review, payroll_form]", "needs: [review, payroll_form, review]", 16, "twice"),
    Edit(J, "form: payroll, actor", "form: payrol, actor", 15, "unknown-form", "did you mean 'payroll'"),
    Edit(J, "system: payroll,", "system: pay,", 16, "unknown-system", "did you mean 'payroll'"),
    Edit(J, "resources: [record]", "resources: [recrd]", 16, "unknown-resource", "did you mean 'record'"),
    Edit(J, "resources: [record]", "resources: [record, rights]", 16, "delivers-nothing", "rights: true"),
    Edit(J, "resources: [record]", "resources: [record, opening]", 16, "delivers-nothing", "'opens'"),
    Edit(J, "resources: [record]", "resources: []", 16, "rule", "empty list"),
    Edit(J, "resources: [record]", "resources: [record, record]", 16, "rule", "twice"),
    Edit(J, "needs: [review, payroll_form]", "needs: [review]", 16, "unapproved", "'payroll' approved for the record"),
    Edit(J, "resources: [account], needs: [appoint]", "resources: [account]", 5, "unapproved", "come after appoint"),
    Edit(J, "needs: [rights, account]", "needs: [account]", 19, "unapproved", "come after rights"),
    Edit(J, "needs: [rights, account]", "needs: [rights]", 19, "order", "no step before makes one"),
    Edit(J, "needs: [opening, account]", "needs: [opening]", 21, "order", "no step before makes one"),
    Edit(J, "  opening: {", "  late: {kind: timer, until: end_date}\n  opening: {", 20, "useless-timer", "'late'"),
    Edit(J, "opening: {kind: timer, until: start_date", "opening: {kind: timer, until: end_date", 21, "order", "no timer until then"),
    Edit(J, "actor: manager, approves: hire", "actor: manager", 5, "unapproved", "no step of the journey approves it"),
    Edit(J, "journey: hire\n", "journey: hiring\n", 1, "file-name", "journeys/hiring.yaml"),
    # What is no YAML, or none that is taken.
    Edit(J, "journey: hire\n", "journey: hire\njourney: hire\n", 2, "duplicate-key", "first on line 1"),
    Edit(J, "  record: {", "  account: {", 16, "duplicate-key", "first on line 5"),
    Edit(J, "[review, payroll_form]}", "[review, payroll_form}", 16, "yaml", "is not YAML"),
    Edit(D, "documents:\n", "documents:\n\tcontract: 1\n", 2, "yaml", "is not YAML"),
    Edit(N, "  domain: example.org", "  domain: !!python/name:os.system example.org", 5, "tag"),
    Edit(N, "  domain: example.org", "  domain: *elsewhere", 5, "alias", "not set above"),
    Edit(N, "  domain: example.org", "  domain: example.org\n  ? [a, b]\n  : c", 6, "key", "plain word"),
    Edit(N, "  domain: example.org", "  domain: \x07", 5, "yaml", "control characters"),
    Edit(N, "  transliteration: {æ: ae, ø: oe}\n", "---\nnaming: 2\n", 6, "one-document"),
    # Forms.
    Edit(F, "choices: [ADM, CARE]", "choices: [1, CARE]", 3, "type", "put it in quotes"),
    Edit(F, ", choices: [ADM, CARE]", "", 3, "rule", "lists its 'choices'"),
    Edit(F, "type: choice", "type: dropdown", 3, "choice"),
    Edit(F, "minimum: 1", "minimum: 60", 4, "rule", "no value could be filled in"),
    Edit(F, "default: start_date", "default: start_day", 5, "unknown-fact", "did you mean 'start_date'"),
    Edit(F, "default: start_date", "default: document.id", 5, "unknown-fact"),
    Edit(F, 'pattern: "[A-Z]+"', 'pattern: "[A-Z+"', 6, "rule", "regular expression"),
    Edit(F, "da: Trin, en: Step", "da: Trin", 4, "missing", "'en' is missing"),
    Edit(F, "form: payroll", "form: pay", 1, "file-name", "forms/pay.yaml"),
    Edit(F, "type: date,", "type: date, maximum: 5,", 5, "rule", "of type decimal or integer"),
    Edit(F, "type: date,", 'type: date, pattern: "2.*",', 5, "rule", "of type text"),
    # Kinds of document.
    Edit(D, "reviewer: pay", "reviewer: hire", 4, "choice", "'pay', 'it' or 'manager'"),
    Edit(D, "max_size: 10 MB", "max_size: 10", 6, "type", "put it in quotes"),
    Edit(D, "max_size: 10 MB", "max_size: 10 GB", 6, "pattern", "10 MB or 500 kB"),
    Edit(D, "max_size: 10 MB", "max_size: 200 MB", 6, "rule", "100 MB"),
    Edit(D, "[application/pdf]", "[application/zip]", 5, "choice"),
    Edit(D, "positions: [nurse]", "positions: []", 12, "rule", "empty list"),
    # Roles.
    Edit(R, "roles: [employee]", "roles: [employe]", 5, "unknown-role", "did you mean 'employee'"),
    Edit(R, "{ldap: [all-staff]}", "{ladp: [all-staff]}", 2, "unknown-system", "did you mean 'ldap'"),
    Edit(R, "{ldap: [all-staff]}", "{payroll: [all-staff]}", 2, "delivers-nothing"),
    Edit(R, "{ldap: [all-staff]}", "{}", 2, "empty"),
    Edit(R, "units: [care]", "units: []", 9, "rule", "empty list"),
    Edit(R, "units: [care]", "unit: [care]", 9, "unknown-key", "did you mean 'units'"),
    # Systems.
    Edit(S, "per: person\n", "per: human\n", 9, "choice"),
    Edit(S, "approved_by: [hire]", "approved_by: [boss]", 10, "choice"),
    Edit(S, "username: username", "username: user_name", 14, "unknown-fact", "did you mean 'username'"),
    Edit(S, "username: username", "username: document.title", 14, "unknown-fact", "per: document"),
    Edit(S, "username: username", "username: payroll.agrement", 14, "unknown-fact", "did you mean 'payroll.agreement'"),
    Edit(S, "username: username", "username: payroll.agreement", 14, "unapproved", "approved as payroll"),
    Edit(S, "kind: {value: staff}", "kind: {value: 5}", 15, "type"),
    Edit(S, "lane_limit: 4", "lane_limit: 0", 5, "range"),
    Edit(S, "lane_limit: 4", 'lane_limit: "4"', 5, "type"),
    Edit(S, "first: 1,", "first: 0,", 6, "range"),
    Edit(S, "most: 60", "most: 0.5", 6, "rule", "shorter than 'first'"),
    Edit(S, "factor: 2.5", "factor: 0.5", 6, "range"),
    Edit(S, "circuit_failures: 3", "circuit_failures: 2.5", 6, "type"),
    Edit(S, "        rights: true\n", "        rights: true\n        posting: true\n", 8, "rule", "a posting happens once"),
    Edit(S, "doubt: accept", "doubt: ignore", 27, "choice"),
    Edit(S, "        posting: true\n", "", 29, "rule", "posting: true"),
    Edit(S, "config: {url: simulator, bases: [a, b]}", "config: {url: {host: 5}}", 4, "rule", "plain value"),
    # Names.
    Edit(N, '"{given:3}{family:3}"', '"user"', 2, "rule", "neither {given} nor {family}"),
    Edit(N, '"{given}.{family}"', '"{given}.{famly}"', 4, "rule", "optional length"),
    Edit(N, "username_length: 12", "username_length: 2", 3, "range"),
    Edit(N, "domain: example.org", "domain: Example", 5, "pattern", "mail domain"),
    Edit(N, "æ: ae", "æble: ae", 6, "name"),
]


def _name(edit: Edit) -> str:
    return f"{edit.file}:{edit.line}:{edit.rule}"


@pytest.mark.parametrize("edit", EDITS, ids=_name)
def test_names_the_file_the_line_and_the_rule_and_nothing_else(tmp_path: Path, edit: Edit) -> None:
    write(tmp_path, edited(edit.file, edit.old, edit.new))

    policies, faults, _ = check(tmp_path)

    assert policies is None
    assert {(fault.path, fault.rule) for fault in faults} == {(f"{edit.file}:{edit.line}", edit.rule)}, faults
    assert edit.says in " ".join(fault.message for fault in faults)


def test_names_every_step_on_a_cycle(tmp_path: Path) -> None:
    write(tmp_path, edited("journeys/hire.yaml", "for_each: document, needs: [appoint]", "for_each: document, needs: [record]"))

    _, faults, _ = check(tmp_path)

    assert [(fault.path, fault.rule) for fault in faults] == [
        ("journeys/hire.yaml:6", "cycle"),
        ("journeys/hire.yaml:7", "cycle"),
        ("journeys/hire.yaml:15", "cycle"),
        ("journeys/hire.yaml:16", "cycle"),
        ("journeys/hire.yaml:17", "unreachable"),
    ]
    assert "document -> record -> review -> document" in faults[0].message


def test_tells_the_faults_of_all_files_at_once(tmp_path: Path) -> None:
    texts = edited("journeys/hire.yaml", "actor: manager", "actor: boss")
    texts["roles.yaml"] = texts["roles.yaml"].replace("roles: [employee]", "roles: [none_such]")
    texts["naming.yaml"] = texts["naming.yaml"].replace("12", "2")
    write(tmp_path, texts)

    with pytest.raises(PolicyInvalid) as caught:
        load(tmp_path)

    assert [fault.path for fault in caught.value.faults] == ["journeys/hire.yaml:4", "naming.yaml:3", "roles.yaml:5"]
    assert caught.value.exit_code == 3
    assert "idm policy check" in caught.value.next_step


@pytest.mark.parametrize("file", [J, F, D, R, S, N])
def test_a_broken_file_blames_no_other(tmp_path: Path, file: str) -> None:
    write(tmp_path, {**BASE, file: "a: [\n"})

    assert {fault.path.rpartition(":")[0] for fault in check(tmp_path)[1]} == {file}


MISFITS = [
    ("journeys/hire.yml", "x: 1", "journeys/hire.yml:1", "unknown-file"),
    ("system.yaml", "x: 1", "system.yaml:1", "unknown-file"),
    ("journeys/old/hire.yaml", "x: 1", "journeys/old/hire.yaml:1", "unknown-file"),
    ("forms/empty.yaml", "", "forms/empty.yaml:1", "empty"),
    ("forms/empty.yaml", "# nothing\n", "forms/empty.yaml:1", "empty"),
    ("forms/empty.yaml", "null\n", "forms/empty.yaml:1", "empty"),
    ("forms/list.yaml", "- a\n", "forms/list.yaml:1", "type"),
]


@pytest.mark.parametrize(("file", "text", "path", "rule"), MISFITS)
def test_refuses_a_file_that_does_not_belong(tmp_path: Path, file: str, text: str, path: str, rule: str) -> None:
    write(tmp_path)
    write(tmp_path, {file: text})

    assert [(fault.path, fault.rule) for fault in check(tmp_path)[1]] == [(path, rule)]


def test_hidden_and_other_files_take_no_part(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, {".roles.yaml.swp": "x", ".hidden.yaml": "x", "roles.yaml~": "x", ".git/a.yaml": "x", "README.md": "x"})

    policies, faults, _ = check(tmp_path)

    assert faults == []
    assert policies is not None
    assert "README.md" not in policies.files


def test_misses_every_file_that_is_not_there(tmp_path: Path) -> None:
    _, faults, _ = check(tmp_path / "nowhere")

    assert {fault.path for fault in faults} == {f"{name}:1" for name in (D, R, S, N, J)}
    assert {fault.rule for fault in faults} == {"missing-file"}


def test_says_where_a_file_is_not_utf8(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / N).write_bytes(b"naming:\n  domain: \xe6\n")

    assert [(fault.path, fault.rule) for fault in check(tmp_path)[1]] == [("naming.yaml:2", "encoding")]


def test_says_that_a_file_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / N).unlink()
    (tmp_path / N).symlink_to(tmp_path / "gone")

    assert [(fault.path, fault.rule) for fault in check(tmp_path)[1]] == [("naming.yaml:1", "unreadable")]


def test_two_journeys_cannot_start_with_one_event(tmp_path: Path) -> None:
    texts = edited(J, "journey: hire\n", "journey: hire\n")
    texts["journeys/second.yaml"] = texts[J].replace("journey: hire\n", "journey: second\n")
    write(tmp_path, texts)

    assert [(fault.path, fault.rule) for fault in check(tmp_path)[1]] == [("journeys/second.yaml:2", "duplicate")]


def test_a_broken_file_is_not_said_to_lack_what_nobody_could_read_in_it(tmp_path: Path) -> None:
    shutil.copytree(shipped("policies"), tmp_path / "policies")
    broken = tmp_path / "policies" / "approvals.yaml"
    broken.write_text(broken.read_text("utf-8").replace("sample_percent: 0", "sample_percent: many"), "utf-8")
    _, faults, _ = check(tmp_path / "policies")
    assert {fault.path.partition(":")[0] for fault in faults} == {"approvals.yaml"}
