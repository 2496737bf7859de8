from __future__ import annotations

from datetime import date

from idm.flow.board import Board
from tests import data
from tests.support.world import World


def test_the_board_shows_every_open_task_the_latest_first(world: World) -> None:
    soon, later = world.hire("h1", start="2026-12-07"), world.hire("h2")
    over = world.hire("h3")
    world.sql("update tasks set state = 'done' where case_id = :case", case=over)
    world.clock.set_day(date(2026, 12, 10))
    cards = Board(world.app).cards
    assert [(card.task.case, card.late) for card in cards] == [(soon, 11), (later, 2)]
    assert cards[0].asked == (data.HEAD_NORTH,)


def test_the_managers_of_a_card_are_the_nearest_who_are_there(world: World) -> None:
    world.hire(unit="care")
    board = Board(world.app)
    assert board.managers(board.cards[0]) == (data.DIRECTOR,)
    assert board.knows(data.IT)
    assert not board.knows("nobody")
