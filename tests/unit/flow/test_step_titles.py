"""Every step is called the same wherever it is shown, in words, and in both languages."""

from __future__ import annotations

import pytest

from idm.domain.access_rules import Relation
from idm.domain.journey import expand
from idm.flow.case_page import case_page
from idm.flow.graphs import graph_of
from idm.flow.history import LANGUAGES, step_title
from idm.flow.overview import hires
from idm.flow.step_titles import shown_title
from tests import data
from tests.support.world import World


@pytest.mark.parametrize("language", ["da", "en"])
def test_no_two_steps_of_a_hire_are_called_the_same_and_none_by_an_id(world: World, language: str) -> None:
    policies = world.policies.current()
    papers = {id: kind.titles[language] for id, kind in {**policies.documents}.items()}
    papers |= {id: kind.titles[language] for id, kind in policies.checks.items()}

    titles = {step.id: shown_title(step, papers, policies, language) for step in graph_of(world.app, world.case(world.hire()))}

    assert len(set(titles.values())) == len(titles)
    assert not [title for title in titles.values() if "_" in title or "{" in title or not title[0].isupper()]
    if language == "da":
        assert titles["account"] == "Opret konto"
        assert titles["review-contract"] == "Gennemse underskrevet ansættelseskontrakt"
        assert "Åbn adgangen i mailsystemet" in titles.values()
        assert "Arkiver underskrevet ansættelseskontrakt" in titles.values()


def test_the_overview_calls_and_counts_steps_as_the_page_of_the_hire_does(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.work()

    page = case_page(world.app, world.case(case), data.HEAD_NORTH, [Relation.MANAGER, Relation.IN_CHARGE], "da")
    (hire,) = hires(world.app, data.HEAD_NORTH).items

    assert (hire.done, hire.steps) == (page.picture.far.done, page.picture.far.asked)
    assert {waits.title for waits in hire.waits} == {node.title for node in page.picture.now}


@pytest.mark.parametrize(
    ("language", "undo", "revise"), [("da", "Tag det gjorte tilbage", "Opdater"), ("en", "Take back what was done", "Update")]
)
def test_what_is_brought_into_line_is_not_called_taken_back(world: World, language: str, undo: str, revise: str) -> None:
    policies = world.policies.current()
    journey = policies.journeys["hire"]
    graph = expand(journey, (), ("ldap",), ("ldap",))

    assert shown_title(graph["undo-ldap"], {}, policies, language).startswith(undo)
    assert shown_title(graph["revise-ldap"], {}, policies, language).startswith(revise)
    told = [step_title(graph[id], {}, policies, LANGUAGES[language], language) for id in ("undo-ldap", "revise-ldap")]
    assert len(set(told)) == 2
