from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from idm.connector import Confidential, State
from idm.domain.desired import AcceptedDocument, EmploymentFacts, Wanted, attributes, desired_state
from idm.domain.grants import Grant
from idm.domain.journey import Source
from idm.domain.naming_policy import NamingPolicy
from idm.domain.people import Cpr, Person
from idm.domain.policy import Attribute, Policies, ResourceRule, SystemPolicy
from idm.domain.roles import Grantable, Role, RoleRule
from tests.support.cases import approval

START = date(2027, 1, 4)
BEFORE, AFTER = START - timedelta(1), START + timedelta(30)
PERSON = Person("p-1", Cpr("0101700001"), "Åse", "Bæk", private_email=Confidential("a@example.net"), username="aasbae", address="a@x.org")
TITLES = {"da": "x", "en": "x"}
SYSTEMS_FILE, ROLES_FILE = Source("systems.yaml", 7, "s"), Source("roles.yaml", 3, "r")


def rule(kind: str, per: str, *approved_by: str, **more: Any) -> ResourceRule:
    facts = {"name": Attribute(fact="full_name"), "end": Attribute(fact="end_date"), "fixed": Attribute(value="x")}
    return ResourceRule(kind, per, approved_by, more.pop("attributes", facts), source=SYSTEMS_FILE, **more)


def role(id: str, **entitlements: tuple[str, ...]) -> Role:
    return Role(id, TITLES, entitlements, grantable=Grantable(), source=Source("roles.yaml", 9, "r"))


ACCOUNT = rule("account", "person", "hire", opens="start_date", rights=True)
POLICIES = Policies(
    journeys={},
    documents={},
    forms={},
    roles={each.id: each for each in (role("staff", ldap=("all",)), role("teaching", ldap=("teachers", "books"), erp=("buyer",)))},
    role_rules=(RoleRule("everybody", ("staff",), source=ROLES_FILE),),
    systems={
        "ldap": SystemPolicy("ldap", "ldap", {}, {"account": ACCOUNT}),
        "payroll": SystemPolicy("payroll", "payroll", {}, {"record": rule("record", "employment", "hire", "payroll")}),
        "file": SystemPolicy("file", "file", {}, {"document": rule("document", "document", "documents", posting=True)}),
    },
    naming=NamingPolicy(),
)
HIRE = {"hire": (approval("boss"),)}
RIGHTS = {**HIRE, "rights": (approval("it"),)}
STAFF = {"staff": {"ldap": ("all",)}}


def employment(id: str = "e-1", **more: Any) -> EmploymentFacts:
    made: dict[str, Any] = {"approvals": HIRE, "start_date": START, "unit_name": "North", **more}
    return EmploymentFacts(id, f"c-{id}", "north", unit_path=("north", "town"), position="t", position_title="T", **made)


def wanted(*employments: EmploymentFacts, today: date = AFTER, policies: Policies = POLICIES) -> dict[str, Wanted]:
    return {f"{each.system}/{each.key}": each for each in desired_state(PERSON, employments, policies, today)}


def account(*employments: EmploymentFacts, today: date = AFTER, policies: Policies = POLICIES) -> Wanted:
    return wanted(*employments, today=today, policies=policies)["ldap/p-1"]


def test_nothing_is_wanted_before_it_is_approved() -> None:
    assert wanted(employment(approvals={})) == {}
    assert wanted(employment(approvals={"payroll": (approval(),)})) == {}
    assert set(wanted(employment())) == {"ldap/p-1"}
    assert set(wanted(employment(approvals={**HIRE, "payroll": (approval(),)}))) == {"ldap/p-1", "payroll/e-1"}


def test_one_system_may_be_asked_for_alone() -> None:
    approved = employment(approvals={**HIRE, "payroll": (approval(),)})
    assert [each.system for each in desired_state(PERSON, [approved], POLICIES, AFTER, "payroll")] == ["payroll"]


def test_a_record_gives_every_approver_of_every_employment_as_reason() -> None:
    two = employment("e-2", approvals={"hire": (approval("head"), approval("head"), approval("boss"))})
    found = account(employment(), two)

    assert [(reason.case, reason.approver) for reason in found.reasons] == [("c-e-1", "boss"), ("c-e-2", "head"), ("c-e-2", "boss")]
    assert found.reasons[0].as_json() == {
        "rule": "ldap.account",
        "file": "systems.yaml",
        "line": 7,
        "policy_hash": "s",
        "case": "c-e-1",
        "approver": "boss",
    }


@pytest.mark.parametrize(
    ("today", "end", "state"),
    [
        (BEFORE, None, State.DISABLED),
        (START, None, State.ENABLED),
        (AFTER, None, State.ENABLED),
        (AFTER, AFTER, State.ENABLED),
        (AFTER + timedelta(1), AFTER, State.DISABLED),
        (START, START, State.ENABLED),
    ],
)
def test_a_gated_record_is_open_from_the_first_day_through_the_last(today: date, end: date | None, state: State) -> None:
    assert account(employment(end_date=end), today=today).state is state


def test_a_record_that_opens_at_the_end_opens_on_the_last_day() -> None:
    later = replace(ACCOUNT, opens="end_date")
    policies = replace(POLICIES, systems={"ldap": SystemPolicy("ldap", "ldap", {}, {"account": later})})

    assert account(employment(), policies=policies).state is State.DISABLED
    assert account(employment(end_date=AFTER), today=AFTER - timedelta(1), policies=policies).state is State.DISABLED
    assert account(employment(end_date=AFTER), today=AFTER, policies=policies).state is State.ENABLED


def test_a_record_without_a_gate_is_open_at_once() -> None:
    record = wanted(employment(approvals={**HIRE, "payroll": (approval(),)}), today=BEFORE)["payroll/e-1"]
    assert (record.state, record.gated, record.posting) == (State.ENABLED, False, False)


def test_any_going_employment_keeps_the_record_open() -> None:
    ended = employment("e-1", end_date=START)
    assert account(ended, today=AFTER).state is State.DISABLED
    assert account(ended, employment("e-2", start_date=AFTER), today=AFTER).state is State.ENABLED
    assert account(ended, employment("e-2", start_date=AFTER + timedelta(1)), today=AFTER).state is State.DISABLED


def test_the_record_of_a_person_speaks_of_the_employment_that_goes_on() -> None:
    ended, going = employment("e-1", end_date=START, unit_name="Old"), employment("e-2", start_date=AFTER)
    assert account(ended, going, today=AFTER).employment == "e-2"
    assert account(going, ended, today=START).employment == "e-1"


def test_a_withdrawn_employment_wants_nothing() -> None:
    assert wanted(employment(withdrawn=True, approvals=RIGHTS, roles=STAFF)) == {}
    two = account(employment(withdrawn=True, approvals=RIGHTS, roles=STAFF), employment("e-2"))
    assert ([reason.case for reason in two.reasons], two.entitlements) == (["c-e-2"], {})


def test_rights_are_the_union_over_employments_each_with_its_reasons() -> None:
    teaching = {"teaching": {"ldap": ("teachers", "books"), "erp": ("buyer",)}}
    one, two = employment("e-1", approvals=RIGHTS, roles=STAFF), employment("e-2", approvals=RIGHTS, roles={**STAFF, **teaching})
    found = account(one, two).entitlements

    assert {right: [reason.case for reason in reasons] for right, reasons in found.items()} == {
        "all": ["c-e-1", "c-e-2"],
        "teachers": ["c-e-2"],
        "books": ["c-e-2"],
    }
    assert (found["all"][0].rule, found["all"][0].line, found["all"][0].approver) == ("roles.everybody -> staff", 3, "it")
    assert (found["books"][0].rule, found["books"][0].line) == ("requested role teaching", 9)


def test_rights_need_their_own_approval_and_end_with_the_employment() -> None:
    assert account(employment(roles=STAFF)).entitlements == {}
    last_day = employment(approvals=RIGHTS, roles=STAFF, end_date=AFTER)
    assert set(account(last_day, today=AFTER).entitlements) == {"all"}
    assert account(last_day, today=AFTER + timedelta(1)).entitlements == {}
    early = employment(approvals=RIGHTS, roles=STAFF)
    assert set(account(early, today=BEFORE).entitlements) == {"all"}


def test_a_role_that_has_grown_gives_only_what_was_shown_when_it_was_confirmed() -> None:
    confirmed = {"teaching": {"ldap": ("teachers",)}, "gone": {"ldap": ("old",)}}
    assert set(account(employment(approvals=RIGHTS, roles=confirmed)).entitlements) == {"teachers"}


def test_a_role_that_has_shrunk_gives_less() -> None:
    confirmed = {"staff": {"ldap": ("all", "parking")}}
    assert set(account(employment(approvals=RIGHTS, roles=confirmed)).entitlements) == {"all"}


def test_every_accepted_document_is_wanted_by_itself() -> None:
    documents = (AcceptedDocument("doc-1", "contract", "Kontrakt", "k.pdf"), AcceptedDocument("doc-2", "photo", "Foto", "f.png"))
    found = wanted(employment(approvals={"documents": (approval("pay"),)}, documents=documents))

    assert {key: (each.document, each.posting) for key, each in found.items()} == {
        "file/doc-1": ("doc-1", True),
        "file/doc-2": ("doc-2", True),
    }


def test_attributes_come_from_facts_and_what_has_no_value_is_empty() -> None:
    names = {
        name: Attribute(fact=name)
        for name in ("cpr", "private_email", "mobile", "end_date", "manager.name", "document.title", "payroll.step", "payroll.none")
    }
    found = attributes(
        PERSON,
        employment(end_date=AFTER, values={"payroll": {"step": "35"}}),
        rule("x", "person", attributes={**names, "quota": Attribute(value="2048")}),
        AcceptedDocument("doc-1", "contract", "Kontrakt", "k.pdf"),
    )

    assert found == {
        "cpr": "0101700001",
        "private_email": "a@example.net",
        "end_date": AFTER.isoformat(),
        "document.title": "Kontrakt",
        "payroll.step": "35",
        "quota": "2048",
        "mobile": "",
        "manager.name": "",
        "payroll.none": "",
    }
    assert "0101700001" not in repr(found)
    assert "a@example.net" not in repr(found)


def test_a_right_is_there_from_its_first_day_through_its_last() -> None:
    terms = {"staff": Grant("everybody", AFTER, AFTER + timedelta(2))}
    found = {
        day: set(account(employment(approvals=RIGHTS, roles=STAFF, grants=terms), today=AFTER + timedelta(day)).entitlements)
        for day in (-1, 0, 2, 3)
    }
    assert found == {-1: set(), 0: {"all"}, 2: {"all"}, 3: set()}


def test_the_reason_of_a_right_names_the_rule_that_proposed_it_and_its_terms() -> None:
    def named(grant: Grant) -> tuple[str, Grant | None]:
        right = account(employment(approvals=RIGHTS, roles=STAFF, grants={"staff": grant})).entitlements["all"][0]
        return right.rule, right.terms

    assert named(Grant("everybody")) == ("roles.everybody -> staff", Grant("everybody"))
    assert named(Grant()) == ("requested role staff", Grant())
    assert named(Grant("gone")) == ("requested role staff", Grant("gone"))
    reason = account(employment(approvals=RIGHTS, roles=STAFF)).entitlements["all"][0]
    assert reason.rule == "roles.everybody -> staff"
    assert reason.as_json()["terms"] == Grant().as_json()
