"""Where everything of a drawn task graph stands. Pure: cards in, places out; nothing here knows what the cards say.

Time goes down, and each lane is a column (a crowded one has several): a card stands below everything that it needs. Lines leave a card at
its lower edge and enter at the upper, and run only between rows and between columns, so that none passes behind a card. Lines that begin
at one card share a track, and so do those that end at one; others never lie upon each other.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

CARD_HEIGHT = 100
NARROWEST, WIDEST = 132, 208
WIDTH = 1148
"""What a whole picture should be as wide as, in pixels; a card is never narrower than can be read, so it may come to more."""

MOST_ROWS = 7
"""Cards that a lane holds in one column; with more it gets a further one."""

_TRACK = 6
_MARGIN = 9
_PORT = 9
HEAD = 34
"""The height of the lanes' names above everything."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is to be placed: its id, its lane, and the ids of the cards that it stands below."""

    id: str
    lane: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A placed card, in pixels from the picture's upper left corner."""

    id: str
    x: int
    y: int
    width: int
    height: int = CARD_HEIGHT


@dataclass(frozen=True, slots=True)
class Line:
    """A line from the lower edge of one card to the upper edge of another, by its corners."""

    start: str
    end: str
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A lane: its name, its left edge and its width."""

    lane: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole, in pixels."""

    width: int
    height: int
    bands: tuple[Band, ...]
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def draw(cards: Sequence[Card], lanes: Sequence[str]) -> Drawing:
    """Place the cards, each of which comes after those that it needs, in lanes from left to right. Lanes without cards are left out."""
    known = {card.id for card in cards}
    cards = [Card(card.id, card.lane, tuple(need for need in card.needs if need in known)) for card in cards]
    columns = _columns(cards, lanes)
    grid = _Grid(cards, columns)
    return grid.drawing()


def _columns(cards: Sequence[Card], lanes: Sequence[str]) -> list[str]:
    """The lane of each column, from left to right."""
    found: list[str] = []
    for lane in lanes:
        count = sum(card.lane == lane for card in cards)
        found += [lane] * min(3, -(-count // MOST_ROWS))
    return found


@dataclass(slots=True)
class _Channel:
    """The space between two rows, or two columns: whose lines run there, from where to where, and on which track each."""

    spans: dict[Hashable, tuple[int, int]] = field(default_factory=dict)
    tracks: dict[Hashable, int] = field(default_factory=dict)
    count: int = 0

    def use(self, key: Hashable, one: int, other: int) -> None:
        known = self.spans.get(key, (one, other))
        self.spans[key] = (min(known[0], one, other), max(known[1], one, other))

    def settle(self, *, last: str = "") -> None:
        """Give each its track: lines that begin anywhere first, then those named by `last`, below all of them."""
        for group in (False, True):
            self._colour({key: span for key, span in self.spans.items() if (isinstance(key, tuple) and key[0] == last) is group})

    def _colour(self, spans: Mapping[Hashable, tuple[int, int]]) -> None:
        ends: list[int] = []
        for key, (begin, end) in sorted(spans.items(), key=lambda item: item[1]):
            free = next((track for track, taken in enumerate(ends) if taken < begin), len(ends))
            ends[free:] = [end, *ends[free + 1 :]]
            self.tracks[key] = self.count + free
        self.count += len(ends)

    @property
    def size(self) -> int:
        return 2 * _MARGIN + _TRACK * max(self.count - 1, 0)

    def at(self, key: Hashable) -> int:
        """The place of a track within the channel."""
        return _MARGIN + _TRACK * self.tracks[key]


class _Grid:
    """Rows and columns of cards, with channels between them. Columns count from 0; the channel before column c is channel c."""

    def __init__(self, cards: Sequence[Card], columns: Sequence[str]) -> None:
        self.columns = columns
        self.place: dict[str, tuple[int, int]] = {}
        taken: set[tuple[int, int]] = set()
        for card in cards:
            self.place[card.id] = self._free(card, taken)
            taken.add(self.place[card.id])
        self.rows = 1 + max((row for row, _ in self.place.values()), default=-1)
        self.edges = [(need, card.id) for card in cards for need in card.needs]
        self.between_rows = [_Channel() for _ in range(self.rows + 1)]
        self.between_columns = [_Channel() for _ in range(len(columns) + 1)]
        self._reserve()

    def _free(self, card: Card, taken: set[tuple[int, int]]) -> tuple[int, int]:
        """The first free place of the card's lane below everything that it needs."""
        own = [column for column, lane in enumerate(self.columns) if lane == card.lane]
        row = 1 + max((self.place[need][0] for need in card.needs), default=-1)
        while True:
            for column in own:
                if (row, column) not in taken:
                    return row, column
            row += 1

    def _by_way_of(self, start: str, end: str) -> int | None:
        """The channel between columns that a line goes down in; None if its card is in the next row."""
        (row, column), (to_row, to_column) = self.place[start], self.place[end]
        if to_row == row + 1:
            return None
        return to_column + 1 if column > to_column else to_column

    def _reserve(self) -> None:
        """Tell each channel what runs in it; across, places are counted in half columns: channels even, cards odd."""
        for start, end in self.edges:
            (row, column), (to_row, to_column) = self.place[start], self.place[end]
            channel = self._by_way_of(start, end)
            if channel is None:
                if column != to_column:
                    self.between_rows[row + 1].use(("from", start), 2 * column + 1, 2 * to_column + 1)
                continue
            self.between_rows[row + 1].use(("from", start), 2 * column + 1, 2 * channel)
            self.between_rows[to_row].use(("to", end), 2 * channel, 2 * to_column + 1)
            self.between_columns[channel].use(start, row + 1, to_row)
        for across in self.between_rows:
            across.settle(last="to")
        for down in self.between_columns:
            down.settle()

    def drawing(self) -> Drawing:
        """Everything in pixels."""
        gaps = [channel.size for channel in self.between_columns]
        count = len(self.columns)
        width = max(NARROWEST, min(WIDEST, (WIDTH - sum(gaps)) // count)) if count else NARROWEST
        xs = [sum(gaps[: column + 1]) + width * column for column in range(count)]
        heights = [channel.size for channel in self.between_rows]
        ys = [HEAD + sum(heights[: row + 1]) + CARD_HEIGHT * row for row in range(self.rows)]
        boxes = tuple(Box(id, xs[column], ys[row], width) for id, (row, column) in self.place.items())
        lines = tuple(self._line(start, end, xs, ys, width) for start, end in self.edges)
        whole = sum(gaps) + width * count
        return Drawing(whole, HEAD + sum(heights) + CARD_HEIGHT * self.rows, tuple(self._bands(xs, gaps, width)), boxes, lines)

    def _bands(self, xs: Sequence[int], gaps: Sequence[int], width: int) -> Iterator[Band]:
        for lane in dict.fromkeys(self.columns):
            own = [column for column, name in enumerate(self.columns) if name == lane]
            left = 0 if own[0] == 0 else xs[own[0]] - gaps[own[0]] // 2
            last = own[-1]
            right = xs[last] + width + (gaps[last + 1] if last + 1 == len(self.columns) else gaps[last + 1] - gaps[last + 1] // 2)
            yield Band(lane, left, right - left)

    def _line(self, start: str, end: str, xs: Sequence[int], ys: Sequence[int], width: int) -> Line:
        (row, column), (to_row, to_column) = self.place[start], self.place[end]
        leave, enter = xs[column] + width // 2 + _PORT, xs[to_column] + width // 2 - _PORT
        bottom, top = ys[row] + CARD_HEIGHT, ys[to_row]
        channel = self._by_way_of(start, end)
        if channel is None and column == to_column:
            return Line(start, end, ((enter, bottom), (enter, top)))
        first = bottom + self.between_rows[row + 1].at(("from", start))
        if channel is None:
            return Line(start, end, ((leave, bottom), (leave, first), (enter, first), (enter, top)))
        left_edge = xs[channel] - self.between_columns[channel].size if channel < len(xs) else xs[-1] + width
        down = left_edge + self.between_columns[channel].at(start)
        last = top - self.between_rows[to_row].size + self.between_rows[to_row].at(("to", end))
        return Line(start, end, ((leave, bottom), (leave, first), (down, first), (down, last), (enter, last), (enter, top)))
