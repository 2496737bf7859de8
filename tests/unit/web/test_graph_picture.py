from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from idm.web.graph_picture import NARROWEST, WIDTH, Box, Card, Drawing, draw

LANES = ("hire", "manager", "pay", "it", "control", "systems", "dates")


@st.composite
def graphs(draw_from: st.DrawFn) -> list[Card]:
    """Graphs of up to sixty cards in any lanes, each of which needs some of those before it."""
    cards: list[Card] = []
    for number in range(draw_from(st.integers(0, 60))):
        needs = draw_from(st.lists(st.integers(0, number - 1), max_size=4, unique=True)) if number else []
        cards.append(Card(f"s{number}", draw_from(st.sampled_from(LANES)), tuple(f"s{need}" for need in needs)))
    return cards


def overlap(one: Box, other: Box) -> bool:
    apart = one.x + one.width <= other.x or other.x + other.width <= one.x
    return not (apart or one.y + one.height <= other.y or other.y + other.height <= one.y)


def crosses(box: Box, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether a level or upright stroke passes through the inside of a box."""
    left, right = sorted((one[0], other[0]))
    upper, lower = sorted((one[1], other[1]))
    return left < box.x + box.width and right > box.x and upper < box.y + box.height and lower > box.y


@given(graphs())
def test_no_card_lies_upon_another_and_all_lie_within_the_picture(cards: list[Card]) -> None:
    drawing = draw(cards, LANES)
    assert [box.id for box in drawing.boxes] == [card.id for card in cards]
    assert not [pair for pair in itertools.combinations(drawing.boxes, 2) if overlap(*pair)]
    assert all(box.x >= 0 and box.x + box.width <= drawing.width for box in drawing.boxes)
    assert all(box.y >= 0 and box.y + box.height <= drawing.height for box in drawing.boxes)


@given(graphs())
def test_every_line_goes_down_from_what_is_needed_to_what_needs_it(cards: list[Card]) -> None:
    drawing = draw(cards, LANES)
    boxes = {box.id: box for box in drawing.boxes}
    assert {(line.start, line.end) for line in drawing.lines} == {(need, card.id) for card in cards for need in card.needs}
    for line in drawing.lines:
        heights = [y for _, y in line.points]
        assert heights == sorted(heights)
        assert heights[0] == boxes[line.start].y + boxes[line.start].height < heights[-1] == boxes[line.end].y
        assert all(0 <= x <= drawing.width for x, _ in line.points)
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in itertools.pairwise(line.points))


@given(graphs())
def test_no_line_passes_behind_a_card(cards: list[Card]) -> None:
    drawing = draw(cards, LANES)
    for line in drawing.lines:
        for one, other in itertools.pairwise(line.points):
            assert not [box.id for box in drawing.boxes if crosses(box, one, other)]


def strokes(drawing: Drawing) -> list[tuple[frozenset[str], tuple[int, int], tuple[int, int]]]:
    return [(frozenset((line.start, line.end)), one, other) for line in drawing.lines for one, other in itertools.pairwise(line.points)]


def on_each_other(a: tuple[tuple[int, int], tuple[int, int]], b: tuple[tuple[int, int], tuple[int, int]]) -> bool:
    """Whether two strokes in one direction share more than a point."""
    for axis in (0, 1):
        if a[0][axis] == a[1][axis] == b[0][axis] == b[1][axis]:
            (begin, end), (start, stop) = sorted(point[1 - axis] for point in a), sorted(point[1 - axis] for point in b)
            return begin < stop and start < end
    return False


@given(graphs())
def test_lines_that_share_neither_beginning_nor_end_never_lie_upon_each_other(cards: list[Card]) -> None:
    drawn = strokes(draw(cards, LANES))
    assert not [
        (one, other)
        for one, other in itertools.combinations(drawn, 2)
        if not one[0] & other[0] and on_each_other((one[1], one[2]), (other[1], other[2]))
    ]


@given(graphs())
def test_lanes_stand_side_by_side_and_hold_their_cards(cards: list[Card]) -> None:
    drawing = draw(cards, LANES)
    assert [band.lane for band in drawing.bands] == [lane for lane in LANES if any(card.lane == lane for card in cards)]
    for one, other in itertools.pairwise(drawing.bands):
        assert one.x + one.width == other.x
    bands = {band.lane: band for band in drawing.bands}
    lanes = {card.id: card.lane for card in cards}
    for box in drawing.boxes:
        band = bands[lanes[box.id]]
        assert band.x <= box.x and box.x + box.width <= band.x + band.width


def test_a_whole_hire_is_as_wide_as_a_page_and_no_card_too_narrow_to_read() -> None:
    cards = [Card("appoint", "manager")]
    cards += [Card(f"document-{n}", "hire", ("appoint",)) for n in range(4)]
    cards += [Card(f"review-{n}", "pay", (f"document-{n}",)) for n in range(4)]
    cards += [Card(f"make-{n}", "systems", ("appoint",)) for n in range(6)]
    cards += [
        Card("form", "pay", tuple(f"review-{n}" for n in range(4))),
        Card("rights", "it", ("appoint",)),
        Card("start", "dates", ("appoint",)),
    ]
    cards += [Card(f"open-{n}", "systems", ("start", "rights")) for n in range(3)]
    drawing = draw(cards, LANES)

    assert drawing.width <= WIDTH
    assert min(box.width for box in drawing.boxes) >= NARROWEST


def test_nothing_is_drawn_of_nothing() -> None:
    drawing = draw([], LANES)
    assert (drawing.bands, drawing.boxes, drawing.lines) == ((), (), ())


def test_a_need_that_is_no_card_draws_no_line() -> None:
    drawing = draw([Card("one", "pay", ("gone",))], LANES)
    assert [box.id for box in drawing.boxes] == ["one"]
    assert drawing.lines == ()
