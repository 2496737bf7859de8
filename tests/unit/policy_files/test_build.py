from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path

import pytest

from idm.domain.forms import FieldType, Form
from idm.domain.journey import Actor, Source, StepKind, TaskKind
from idm.domain.people import Organisation, Position, Unit
from idm.domain.policy import Attribute, Policies, RetryPolicy
from idm.errors import PolicyInvalid
from idm.policy_files import check, entitlements, journey_from_text, load, schema
from tests.unit.policy_files.base import BASE, HIRE, edited, write


@pytest.fixture
def policies(tmp_path: Path) -> Policies:
    return load(write(tmp_path))


def _hash(file: str) -> str:
    return hashlib.sha256(BASE[file].encode()).hexdigest()


def test_every_rule_knows_its_file_its_line_and_the_hash_of_the_file(policies: Policies) -> None:
    assert policies.role_rules[1].source == Source("roles.yaml", 6, _hash("roles.yaml"))
    assert policies.roles["nurse"].source == Source("roles.yaml", 3, _hash("roles.yaml"))
    assert policies.systems["payroll"].resources["record"].source == Source("systems.yaml", 20, _hash("systems.yaml"))
    assert policies.journeys["hire"].steps[3].source == Source("journeys/hire.yaml", 7, _hash("journeys/hire.yaml"))
    assert policies.documents["photo"].source.line == 7
    assert policies.forms["payroll"].fields[1].source.line == 4
    assert policies.naming.source.line == 1


def test_the_hash_of_the_set_follows_from_the_files_and_nothing_else(tmp_path: Path, policies: Policies) -> None:
    assert policies.files == {file: _hash(file) for file in BASE}
    again = load(write(tmp_path / "again", dict(reversed(BASE.items()))))
    changed = load(write(tmp_path / "changed", edited("naming.yaml", "12", "13")))

    assert again == policies
    assert changed.hash != policies.hash
    assert {file for file in BASE if changed.files[file] != policies.files[file]} == {"naming.yaml"}


def test_steps_are_as_declared(policies: Policies) -> None:
    journey = policies.journeys["hire"]
    steps = {step.id: step for step in journey.steps}

    assert journey == policies.journey_for("dk.idm.hire")
    assert [step.id for step in journey.steps][:3] == ["appoint", "account", "document"]
    review, record, opening = steps["review"], steps["record"], steps["opening"]
    assert (review.kind, review.task, review.actor, review.for_each) == (StepKind.HUMAN, TaskKind.REVIEW, Actor.REVIEWER, "document")
    assert (review.needs, review.returns_to, review.approves) == (("document",), "document", ("documents",))
    assert (record.kind, record.system, record.resources, record.lane) == (StepKind.AUTOMATIC, "payroll", ("record",), "slow")
    assert (opening.kind, opening.until) == (StepKind.TIMER, "start_date")
    assert steps["appoint"].by_itself
    assert steps["payroll_form"].form == "payroll"
    assert steps["account"].lane == "ldap"


def test_systems_forms_documents_and_names_are_as_declared(policies: Policies) -> None:
    ldap, archive = policies.systems["ldap"], policies.systems["archive"]
    assert ldap.config == {"url": "simulator", "bases": ["a", "b"]}
    assert (ldap.lane, ldap.lane_limit, ldap.retry) == ("ldap", 4, RetryPolicy(1, 2.5, 60, 3, 10))
    assert (archive.lane, archive.lane_limit, archive.doubt, archive.retry) == ("slow", 8, "accept", RetryPolicy())
    account = ldap.resources["account"]
    assert (account.per, account.opens, account.rights, account.posting) == ("person", "start_date", True, False)
    assert account.attributes == {"username": Attribute(fact="username"), "kind": Attribute(value="staff")}
    assert archive.resources["document"].attributes["tags"] == Attribute(value=("a", "b"))
    photo = policies.documents["photo"]
    assert (photo.reviewer, photo.max_bytes, photo.media_types) == (Actor.IT, 500 * 1024, ("image/jpeg", "image/png"))
    assert policies.documents["contract"].max_bytes == 10 * 1024 * 1024
    step = policies.forms["payroll"].fields[1]
    assert (step.type, step.minimum, step.maximum) == (FieldType.INTEGER, Decimal(1), Decimal(55))
    assert policies.naming.transliteration == {"æ": "ae", "ø": "oe"}
    assert policies.naming.username_length == 12


def test_lists_the_entitlements_of_a_system(policies: Policies) -> None:
    assert entitlements(policies, "ldap") == ["all-staff", "care"]
    assert entitlements(policies, "payroll") == []


def test_anchors_and_aliases_are_written_out(tmp_path: Path) -> None:
    texts = edited("documents.yaml", "media_types: [image/jpeg, image/png]", "media_types: &pictures [image/jpeg, image/png]")
    texts["documents.yaml"] += "  badge: {titles: {da: Skilt, en: Badge}, reviewer: it, media_types: *pictures, max_size: 1 MB}\n"

    assert load(write(tmp_path, texts)).documents["badge"].media_types == ("image/jpeg", "image/png")


def test_words_that_yaml_1_1_takes_for_something_else_are_text(tmp_path: Path) -> None:
    found = load(write(tmp_path, edited("roles.yaml", "units: [care]", "units: [no, on, 2027-01-01, 12:30, 007]")))

    assert found.role_rules[1].units == ("no", "on", "2027-01-01", "12:30", "007")


def test_windows_line_ends_and_a_byte_order_mark_change_no_line(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "roles.yaml").write_bytes(b"\xef\xbb\xbf" + BASE["roles.yaml"].replace("\n", "\r\n").encode())

    assert load(tmp_path).role_rules[1].source.line == 6


def test_a_pinned_journey_is_rebuilt_from_its_text(policies: Policies) -> None:
    lanes = {name: system.lane for name, system in policies.systems.items()}

    assert journey_from_text(HIRE, "journeys/hire.yaml", lanes) == policies.journeys["hire"]
    assert {step.lane for step in journey_from_text(HIRE, "journeys/hire.yaml").steps} == {""}


@pytest.mark.parametrize("text", ["", "a: [", "journey: hire\n", HIRE.replace("needs: [document]", "needs: [document, record]")])
def test_a_text_that_is_no_sound_journey_is_refused(text: str) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        journey_from_text(text, "journeys/hire.yaml")

    assert caught.value.faults
    assert all(fault.path.startswith("journeys/hire.yaml:") for fault in caught.value.faults)


def test_warns_of_what_can_hardly_be_meant(tmp_path: Path) -> None:
    texts = edited("roles.yaml", "rules:\n", "  lonely: {titles: {da: A, en: A}, entitlements: {ldap: [x]}}\nrules:\n")
    texts["documents.yaml"] = texts["documents.yaml"].replace("positions: [nurse]", "positions: [nurce]")
    texts["systems.yaml"] += "      letter: {per: employment, approved_by: [hire], attributes: {a: cpr}}\n"
    policies, faults, warnings = check(write(tmp_path, texts))

    assert policies is not None
    assert faults == []
    assert [(warning.path, warning.rule) for warning in warnings] == [
        ("documents.yaml:12", "unneeded-document"),
        ("roles.yaml:4", "unused-role"),
        ("systems.yaml:34", "undelivered"),
    ]
    assert "did you mean 'nurse'" in warnings[0].message


def test_with_the_organisation_warns_of_rules_that_never_match(tmp_path: Path) -> None:
    organisation = Organisation({"carehome": Unit("carehome", "Care home")}, {"nurse": Position("nurse", "Nurse")})
    _, faults, warnings = check(write(tmp_path), organisation)

    assert faults == []
    assert [(warning.path, warning.rule) for warning in warnings] == [("roles.yaml:9", "never-matches")]
    assert "did you mean 'carehome'" in warnings[0].message
    _, _, without = check(tmp_path, Organisation({"care": Unit("care", "Care")}, {}))
    assert [(warning.path, warning.rule) for warning in without] == [("roles.yaml:8", "never-matches")]


def test_the_sound_set_has_no_warnings(tmp_path: Path) -> None:
    assert check(write(tmp_path))[2] == []


def test_a_form_of_the_set_checks_what_is_filled_in(policies: Policies) -> None:
    form: Form = policies.forms["payroll"]

    assert form.check({"agreement": "ADM", "step": 12, "from": "2027-01-04"})[1] == []
    assert [fault.path for fault in form.check({"agreement": "X", "step": 56})[1]] == ["values.agreement", "values.step", "values.from"]


def test_the_schema_tells_editors_the_keys_of_each_file() -> None:
    found = schema()

    assert set(found) == {
        "access.yaml",
        "approvals.yaml",
        "authority.yaml",
        "deadlines.yaml",
        "documents.yaml",
        "equipment.yaml",
        "forms/*.yaml",
        "groups.yaml",
        "journeys/*.yaml",
        "naming.yaml",
        "payroll.yaml",
        "roles.yaml",
        "systems.yaml",
        "waiting.yaml",
    }
    assert found["roles.yaml"]["additionalProperties"] is False
    assert json.loads(json.dumps(found)) == found
