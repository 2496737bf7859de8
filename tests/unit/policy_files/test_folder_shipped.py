from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from jinja2 import Environment, meta

from connectors.ldap.settings import ATTRIBUTES, read_settings
from idm.demo.municipality import table
from idm.domain.forms import FieldType
from idm.domain.journey import expand, in_order
from idm.domain.matching import Circumstances
from idm.domain.paper_rules import wanted_papers
from idm.domain.payroll_funnel import FIELDS
from idm.domain.people import Organisation, Position, Unit
from idm.domain.policy import Policies
from idm.policy_files import check, entitlements, load
from idm.simulators import erp, payroll
from idm.simulators.erp import ROLES
from idm.simulators.http_fields import Field, faults_in
from idm.simulators.mailbox import MAILBOX
from idm.simulators.payroll_catalogue import AGREEMENTS, PENSIONS, SUPPLEMENTS, PayClass
from idm.simulators.personnel_file import DOCUMENT, FILE

SHIPPED = Path(__file__).parents[3] / "policies"
ORGANISATION = Organisation(
    {row["id"]: Unit(row["id"], row["name"], row["parent"] or None) for row in table("units")},
    {row["id"]: Position(row["id"], row["title"]) for row in table("positions")},
)
POSITIONS = tuple(ORGANISATION.positions)


@pytest.fixture(scope="module")
def policies() -> Policies:
    return load(SHIPPED)


def test_are_sound_and_fit_the_demo_organisation() -> None:
    policies, faults, warnings = check(SHIPPED, ORGANISATION)

    assert policies is not None
    assert faults == []
    assert warnings == []


def test_the_payroll_form_offers_what_the_payroll_system_takes_and_all_of_it(policies: Policies) -> None:
    fields, tables = {field.id: field for field in policies.forms["payroll"].fields}, policies.payroll
    classes = {name: pay for agreement in AGREEMENTS.values() for name, pay in agreement.classes.items()}

    assert {row.code: row.titles["en"] for row in tables.agreements} == {code: each.title for code, each in AGREEMENTS.items()}
    assert {row.code: PayClass(row.titles["en"], row.first_step, row.last_step) for row in tables.classes} == classes
    assert {row.code for row in tables.pensions} == set(PENSIONS)
    assert {row.code: (row.agreement, row.titles["en"]) for row in tables.supplements} == SUPPLEMENTS
    for row in tables.agreements:
        assert row.pay_types == AGREEMENTS[row.code].pay_types
        assert {each.code for each in tables.pensions if each.agreement == row.code} == set(AGREEMENTS[row.code].pension_codes)
    assert all(field.narrowed for field in fields.values())
    assert set(fields) == set(FIELDS)
    assert fields["scale_step"].minimum == min(pay.first_step for pay in classes.values())
    assert fields["scale_step"].maximum == max(pay.last_step for pay in classes.values())
    assert fields["occupation_rate"].maximum == 1
    assert fields["seniority_date"].type is FieldType.DATE
    assert not fields["seniority_date"].default, "the funnel proposes it, where no proof says another day"
    assert list(fields).index("seniority_date") < list(fields).index("scale_step")


@pytest.mark.parametrize(
    ("system", "kind", "fields"),
    [
        ("payroll", "record", payroll.FIELDS),
        ("erp", "profile", erp.FIELDS),
        ("mailbox", "mailbox", MAILBOX.fields),
        ("personnel_file", "file", FILE.fields),
        ("personnel_file", "document", DOCUMENT.fields),
    ],
)
def test_every_system_is_told_what_it_must_know_and_nothing_it_refuses(
    policies: Policies, system: str, kind: str, fields: Mapping[str, Field]
) -> None:
    told = policies.systems[system].resources[kind].attributes

    assert set(told) <= set(fields)
    assert set(told) >= {name for name, field in fields.items() if field.required}
    fixed = {name: attribute.value for name, attribute in told.items() if not attribute.fact}
    assert faults_in(fields, fixed, whole=False) == []


def test_the_directory_is_told_the_words_of_its_connector(policies: Policies) -> None:
    ldap = policies.systems["ldap"]

    assert set(ldap.resources["account"].attributes) == set(ATTRIBUTES)
    assert read_settings({**ldap.config, "url": "ldap://127.0.0.1:389", "tag": "an-installation"}).people_dn


def test_the_welcome_mail_is_told_what_its_templates_name(policies: Policies) -> None:
    attributes = policies.systems["mail"].resources["message"].attributes
    folder = SHIPPED.parent / "templates" / "email" / str(attributes["slug"].value)
    assert attributes["language"].fact == "language"
    names = set[str]()
    for template in folder.glob("*/*"):
        text = template.read_text(encoding="utf-8")
        names |= meta.find_undeclared_variables(Environment(autoescape=True).parse(text))

    assert names
    assert {f"context.{name}" for name in names} - {"context.language"} <= set(attributes)


def test_the_roles_give_only_what_the_finance_system_has(policies: Policies) -> None:
    assert set(entitlements(policies, "erp")) <= set(ROLES)


@pytest.mark.parametrize(
    ("position", "unit", "roles"),
    [
        ("teacher", "school_north", {"employee", "school_staff", "school_north", "teaching"}),
        ("substitute_teacher", "school_south", {"employee", "school_staff", "school_south", "substitute"}),
        ("pedagogue", "daycare_sunflower", {"employee", "daycare_staff"}),
        ("nurse", "care_home_birch", {"employee", "care_staff", "care_home_birch"}),
        ("case_worker", "town_hall", {"employee", "case_handling"}),
        ("it_technician", "it_department", {"employee", "it_operations"}),
        ("payroll_officer", "personnel", {"employee", "payroll_office"}),
        ("student_worker", "town_hall", {"employee"}),
    ],
)
def test_the_rules_follow_position_and_unit(policies: Policies, position: str, unit: str, roles: set[str]) -> None:
    path = tuple(above.id for above in ORGANISATION.path(unit))

    assert set(policies.proposed_roles(Circumstances(position, path, date(2027, 1, 4)))) == roles


@pytest.mark.parametrize("position", POSITIONS)
def test_every_position_hands_in_something_and_its_graph_is_whole(policies: Policies, position: str) -> None:
    papers = wanted_papers(policies.documents, policies.checks, Circumstances(position, ("municipality",), date(2027, 1, 4)))
    journey = policies.journeys["hire"]
    graph = expand(journey, papers)
    documents = [paper for paper in papers if paper.kind in policies.documents]

    assert documents
    assert len(in_order(list(graph))) == len(graph.steps)
    once = sum(not step.for_each for step in journey.steps)
    assert len(graph.steps) == once + 3 * len(documents) + sum(len(policies.checks[paper.kind].steps) for paper in papers[len(documents) :])
    assert set(graph["record"].needs) >= {f"review-{paper.kind}" for paper in documents if "pay" in paper.blocks} | {"payroll_form"}


def test_no_account_can_open_before_the_timer(policies: Policies) -> None:
    graph = expand(policies.journeys["hire"], (policies.documents["contract"].paper(),))

    assert set(graph.followers["opening"]) == {"open_account", "open_profile", "open_mailbox"}
    assert all(rule.opens == "start_date" for system in policies.systems.values() for rule in system.resources.values() if rule.rights)


def test_every_file_is_named_in_the_guide(policies: Policies) -> None:
    guide = (SHIPPED / "README.md").read_text(encoding="utf-8")

    assert [file for file in policies.files if f"`{file}`" not in guide] == []
