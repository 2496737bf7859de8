"""Lists and pages make the same number of statements, however many cases, tasks and steps there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from idm.flow.action_list import action_list, delegated, did
from idm.flow.case_page import case_page
from idm.flow.comments import add_comment, comments_of
from idm.flow.history import history
from idm.flow.overview import hires
from idm.flow.relations import relations_of
from idm.flow.show import show_case
from tests import data
from tests.support.queries import statements
from tests.support.world import World

MOST = 20
"""More statements than any of these takes."""


def questions(world: World, case: str) -> Mapping[str, Callable[[], object]]:
    """Everything that is asked for a page."""
    app = world.app

    def page() -> object:
        found = world.case(case)
        return case_page(app, found, data.HEAD_NORTH, relations_of(app, data.HEAD_NORTH, found), "da")

    return {
        "actions of the manager": lambda: action_list(app, data.HEAD_NORTH),
        "actions of the IT contact": lambda: action_list(app, data.IT),
        "actions of the person hired": lambda: action_list(app, world.case(case).person),
        "hires of the manager": lambda: hires(app, data.HEAD_NORTH),
        "hires of the director": lambda: hires(app, data.DIRECTOR),
        "what was decided": lambda: did(app, data.HEAD_NORTH),
        "what was granted": lambda: delegated(app, data.HEAD_NORTH),
        "page of a case": page,
        "case as scripts see it": lambda: show_case(app, case),
        "history": lambda: history(app, case),
        "comments": lambda: comments_of(app, case, data.HEAD_NORTH),
    }


def counted(world: World, case: str) -> dict[str, int]:
    """How many statements each takes."""
    found = {}
    for name, ask in questions(world, case).items():
        ask()
        with statements(world.database) as made:
            ask()
        found[name] = len(made)
    return found


def under_way(world: World, number: int) -> str:
    """A hire with contacts of its own; its case."""
    case = world.hire(f"h{number}")
    world.appoint(case)
    return case


def test_more_cases_tasks_and_comments_take_no_more_statements(world: World, lasting: None) -> None:
    first = under_way(world, 1)
    waiting = world.hire("waiting")
    add_comment(world.app, first, data.HEAD_NORTH, "hello")
    # Everybody who is to act has something to do: whoever is met later only would be asked for later.
    world.hand_in(first)
    few = counted(world, first)

    for number in range(2, 8):
        under_way(world, number)
        world.hire(f"w{number}")
    world.work()
    for text in ("one", "two", "three"):
        add_comment(world.app, first, data.IT, text)
    many = counted(world, first)

    assert waiting and many == few
    assert {name: count for name, count in many.items() if count > MOST} == {}


def test_what_is_counted_is_what_the_database_is_asked(world: World) -> None:
    with statements(world.database) as made:
        world.store.people([data.PAY])
        world.store.task("x")

    assert len(made) == 2
