"""The graph ready to be drawn: texts that fit their cards, lines as paths, cards that are told from each other."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from idm.flow.case_picture import Looker, case_picture
from idm.flow.relations import relations_of
from idm.web.forms import Form
from idm.web.graph_picture import Line
from idm.web.graph_svg import NOTE, PADDING, TITLE, Graph, broken, graph_of, path_of, width_of
from idm.web.portal import Visit
from tests import data
from tests.support.portal import Portal


def drawn(portal: Portal, case: str, language: str = "en", person: str = data.HEAD_NORTH) -> Graph:
    known = portal.world.case(case)
    looker = Looker(person, relations_of(portal.world.app, person, known))
    visit = Visit(portal.site, Request({"type": "http", "headers": [], "method": "GET", "path": "/"}), Form(), None, language)
    return graph_of(case_picture(portal.world.app, known, language, looker), visit)


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_text_fits_its_card(portal: Portal, language: str) -> None:
    case = portal.world.hire()
    portal.world.work()
    for card in drawn(portal, case, language).cards:
        room = card.box.width - 2 * PADDING
        assert 1 <= len(card.title) <= 3 and 1 <= len(card.note) <= 2
        assert max(width_of(line, TITLE) for line in card.title) <= room
        assert max(width_of(line, NOTE) for line in card.note) <= room
        assert card.note_at > card.box.y + 20 + 16 * (len(card.title) - 1) + 10


def test_cards_that_would_be_called_the_same_name_their_system(portal: Portal) -> None:
    cards = drawn(portal, portal.world.hire()).cards

    titles = [" ".join(card.title) for card in cards]
    assert len(titles) == len(set(titles))
    assert "Open the access in the mail system" in titles and "Make the pay record" in titles


def test_what_systems_did_is_one_card_that_tells_all_of_it(portal: Portal) -> None:
    case = portal.world.hire()
    portal.world.work()

    (card,) = [card for card in drawn(portal, case).cards if "more" in " ".join(card.title)]
    assert " ".join(card.title) == "Make the account and 2 more"
    assert card.told.startswith("Make the account; Make the profile; Make the mailbox; Done")


def test_what_waits_for_the_viewer_says_so(portal: Portal) -> None:
    case = portal.world.hire()
    portal.world.hand_in(case)

    notes = {" ".join(card.note): card.mine for card in drawn(portal, case, person=data.PAY).cards}
    assert notes["Waits for you"]
    assert not notes["Comes on 4 Jan 2027"]


def test_lines_from_what_is_not_done_lie_on_top(portal: Portal) -> None:
    done = [stroke.done for stroke in drawn(portal, portal.world.hire()).strokes]
    assert done == sorted(done, reverse=True) and len(set(done)) == 2


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200), st.integers(60, 300), st.integers(1, 3))
def test_a_text_is_broken_into_lines_that_fit_and_loses_nothing_without_saying(text: str, room: int, most: int) -> None:
    lines = broken(text, room, TITLE, most)

    assert len(lines) <= most
    assert all(width_of(line, TITLE) <= room for line in lines)
    told = re.sub(r"[\s-]", "", "".join(lines))
    if not told.endswith("…"):
        assert told == re.sub(r"[\s-]", "", text)


def test_a_word_too_long_for_a_line_is_hyphenated_with_some_letters_on_either_side() -> None:
    assert broken("Sundhedsoplysningsskemaet", 120, TITLE, 3) == ("Sundhedsoplysnin-", "gsskemaet")
    assert broken("", 120, TITLE, 3) == ()


def test_a_line_becomes_a_path_with_round_corners() -> None:
    assert path_of(Line("a", "b", ((10, 0), (10, 30)))) == "M10 0L10 30"
    assert path_of(Line("a", "b", ((10, 0), (10, 20), (50, 20), (50, 40)))) == "M10 0L10 15Q10 20 15 20L45 20Q50 20 50 25L50 40"
