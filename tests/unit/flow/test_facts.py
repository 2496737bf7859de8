from __future__ import annotations

from dataclasses import replace

from idm.domain.people import Unit
from idm.flow.facts import employments_of, facts_of, organisation
from tests import data
from tests.support.world import World


def test_the_facts_of_a_case_are_the_events_with_names_and_approvals(world: World) -> None:
    case = world.whole_hire()
    facts = facts_of(world.app, world.case(case), world.policies.current())

    assert (facts.unit_name, facts.position_title, facts.manager_name) == ("Nordskolen", "Lærer", "Nanna Nord")
    assert facts.unit_path == ("school_north", "schools", "town")
    assert {name for name, given in facts.approvals.items() if given} == {"hire", "documents", "payroll", "rights"}
    assert facts.approvals["order"] == (), "a teacher's hire is passed over by the equipment steps, so nobody approved an order"
    assert len(facts.approvals["documents"]) == 3
    assert {(each.kind, each.title) for each in facts.documents} == {
        ("contract", "Underskrevet ansættelseskontrakt"),
        ("diploma", "Eksamensbevis eller autorisation"),
        ("seniority_proof", "Dokumentation for anciennitet"),
    }
    assert not facts.withdrawn


def test_what_the_organisation_no_longer_has_keeps_its_id_as_name(world: World) -> None:
    case = world.hire()
    world.sql("delete from units")
    world.sql("delete from positions")
    world.app.cache.clear()
    facts = facts_of(world.app, world.case(case), world.policies.current())
    assert (facts.unit_name, facts.position_title, facts.manager_name, facts.unit_path) == ("school_north", "teacher", "", ())


def test_documents_that_policy_no_longer_titles_are_called_by_their_kind(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.hand_in(case)
    world.accept(case, "contract")
    (document,) = facts_of(world.app, world.case(case), replace(world.policies.current(), documents={})).documents
    assert (document.title, document.name) == ("contract", "contract.pdf")


def test_the_case_at_hand_takes_the_place_of_the_one_in_the_database(world: World) -> None:
    case = world.case(world.hire("h1", cpr=data.cpr(500)))
    world.hire("h2", cpr=data.cpr(500), position="nurse")
    newer = replace(case, facts=replace(case.facts, weekly_hours="12"))
    policies = world.policies.current()

    assert sorted(each.weekly_hours for each in employments_of(world.app, case.person, newer, policies)) == ["12", "37"]
    assert sorted(each.weekly_hours for each in employments_of(world.app, case.person, None, policies, managers=False)) == ["37", "37"]


def test_the_organisation_is_read_again_after_a_moment(world: World) -> None:
    tree = organisation(world.app)
    assert organisation(world.app) is tree
    with world.store.write() as writer:
        writer.put_unit(Unit("new", "New"))
    world.app.cache["organisation"] = (float("-inf"), tree)
    assert "new" in organisation(world.app).units
