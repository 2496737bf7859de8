"""A task graph ready to be drawn: where each card stands, its text broken into lines, and what a screen reader is told of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from babel.dates import format_date

from idm.domain.hours import HOME
from idm.domain.picture import Fold, Mark, Next, Node, Picture, Whose
from idm.render_pages import LOCALES
from idm.web.graph_picture import Band, Box, Card, Drawing, Line, draw
from idm.web.portal import Visit

PADDING = 10
LINE, NOTE_LINE = 16, 14
TITLE, NOTE = 13.0, 12.0
"""Sizes of letters, in pixels."""

_BOLD = 1.02
_NARROW, _MIDDLE, _BROAD, _CAPITAL = 0.30, 0.56, 0.88, 0.66
"""Widths of letters, of their size, as in most faces without serifs: near enough to break lines by."""
_ICON, _STAR = 18, 14
_RADIUS = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """One card as it is drawn: `to` is the item in the list below, `told` everything in one sentence."""

    box: Box
    mark: Mark
    to: str
    title: tuple[str, ...]
    note: tuple[str, ...]
    told: str
    day_one: bool
    risk: bool
    mine: bool

    @property
    def note_at(self) -> int:
        """Where the first line of the note stands: at the card's foot."""
        return self.box.y + self.box.height - PADDING - 3 - NOTE_LINE * (len(self.note) - 1)


@dataclass(frozen=True, slots=True)
class Stroke:
    """One line as it is drawn: the path, and whether what it comes from is done."""

    path: str
    done: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane and its name."""

    band: Band
    name: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Everything that the template draws."""

    width: int
    height: int
    lanes: tuple[Lane, ...]
    cards: tuple[Shown, ...]
    strokes: tuple[Stroke, ...]
    description: str


def graph_of(picture: Picture, visit: Visit) -> Graph:
    """The graph of a case in the visitor's language."""
    folds = {fold.id: fold for fold in picture.folds}
    titles = Counter(fold.first.title for fold in picture.folds)
    drawing = draw([Card(fold.id, fold.first.whose.value, fold.needs) for fold in picture.folds], [whose.value for whose in Whose])
    return Graph(
        drawing.width,
        drawing.height,
        tuple(Lane(band, lane_name(Whose(band.lane), visit)) for band in drawing.bands),
        tuple(_shown(box, folds[box.id], titles, visit) for box in drawing.boxes),
        tuple(_strokes(drawing, folds)),
        description(picture, visit),
    )


def lane_name(whose: Whose, visit: Visit) -> str:
    """What a lane is called."""
    return {
        Whose.HIRE: visit.say("The new employee"),
        Whose.MANAGER: visit.say("The manager"),
        Whose.PAY: visit.say("The pay contact"),
        Whose.IT: visit.say("The IT contact"),
        Whose.CONTROL: visit.say("Payroll control"),
        Whose.SYSTEMS: visit.say("The systems"),
        Whose.DATES: visit.say("Dates"),
    }[whose]


def mark_name(mark: Mark, visit: Visit) -> str:
    """What a mark is called, as a heading of the list and in the picture's key."""
    return {
        Mark.FAILED: visit.say("Failed"),
        Mark.WAITING: visit.say("Waiting"),
        Mark.WORKING: visit.say("In progress"),
        Mark.TO_COME: visit.say("To come"),
        Mark.DONE: visit.say("Done"),
        Mark.PASSED: visit.say("Not needed here"),
        Mark.WITHDRAWN: visit.say("Withdrawn"),
    }[mark]


def description(picture: Picture, visit: Visit) -> str:
    """The picture in words: how many steps are where."""
    counted = [f"{mark_name(mark, visit)}: {picture.counts[mark]}" for mark in Mark if picture.counts.get(mark)]
    return ". ".join(counted) + "."


def _shown(box: Box, fold: Fold, titles: Mapping[str, int], visit: Visit) -> Shown:
    first = fold.first
    room = box.width - 2 * PADDING
    title = broken(_title(fold, titles, visit), room, TITLE * _BOLD, 3)
    beside = _ICON + (_STAR if _decides(fold) else 0)
    note = broken(_note(fold, visit), room - beside, NOTE, 2)
    told = "; ".join(
        [*(node.title for node in fold.nodes), _note(fold, visit), *([visit.say("decides day one")] if _decides(fold) else [])]
    )
    mine = any(node.next is Next.ACT for node in fold.nodes)
    risk = any(node.risk for node in fold.nodes)
    return Shown(box, first.mark, f"step-{first.number}", title, note, told, _decides(fold), risk, mine)


def _decides(fold: Fold) -> bool:
    return any(node.day_one for node in fold.nodes) and fold.first.mark is not Mark.PASSED


def _title(fold: Fold, titles: Mapping[str, int], visit: Visit) -> str:
    """What a card is called; with its system, where another is called the same."""
    first = fold.first
    if len(fold.nodes) > 1:
        return visit.say("{first} and {count} more", first=first.title, count=len(fold.nodes) - 1)
    return f"{first.title} ({first.system})" if first.system and titles[first.title] > 1 else first.title


def _note(fold: Fold, visit: Visit) -> str:
    """What stands below the title: where it is, and for whom it waits."""
    node = fold.first
    if node.mark is Mark.WAITING:
        return _waiting(node, visit)
    return mark_name(node.mark, visit)


def _waiting(node: Node, visit: Visit) -> str:
    match node.next:
        case Next.ACT:
            return visit.say("Waits for you")
        case Next.WAIT if len(node.waits_for) == 1:
            return visit.say("Waits for {who}", who=node.waits_for[0].name)
        case Next.WAIT:
            return visit.say("Waits for {who} and {count} more", who=node.waits_for[0].name, count=len(node.waits_for) - 1)
        case Next.NOBODY:
            return visit.say("Nobody can do it now")
        case Next.DATE if node.until is not None:
            day = node.until.astimezone(HOME).date()
            return visit.say(
                "Comes on {day}", day=format_date(day, "d. MMM y" if visit.language == "da" else "d MMM y", LOCALES[visit.language])
            )
        case _:
            return visit.say("Waits for {who}", who=node.system)


def width_of(text: str, size: float) -> float:
    """About how wide a text is, in pixels."""
    return sum(map(_width, text)) * size


def _width(letter: str) -> float:
    if letter in "iljtfrI.,:;'|!()[]- ":
        return _NARROW
    if letter in "mwæøMWÆØ@%…":
        return _BROAD
    return _CAPITAL if letter.isupper() else _MIDDLE


def broken(text: str, room: float, size: float, most: int) -> tuple[str, ...]:
    """`text` in at most `most` lines of `room` pixels; what doesn't fit ends in an ellipsis, a word too long for a line in a hyphen."""
    lines: list[str] = []
    left = text.split()
    while left and len(lines) < most:
        line = left.pop(0)
        if width_of(line, size) > room:
            cut = _fitting(line, room, size, "-")
            left.insert(0, line[cut:])
            line = f"{line[:cut]}-"
        else:
            while left and width_of(f"{line} {left[0]}", size) <= room:
                line = f"{line} {left.pop(0)}"
        lines.append(line)
    if left and lines:
        last = f"{lines[-1].removesuffix('-')} {left[0]}"
        lines[-1] = f"{last[: _fitting(last, room, size, '…')].rstrip(' ,-(')}…"
    return tuple(lines)


def _fitting(text: str, room: float, size: float, end: str) -> int:
    """How many letters of `text` fit before `end`; one at least."""
    cut = len(text)
    while cut > 1 and width_of(text[:cut] + end, size) > room:
        cut -= 1
    # Two letters alone on the next line read badly.
    return cut - 2 if end == "-" and len(text) - cut < 3 and cut > 5 else cut


def _strokes(drawing: Drawing, folds: dict[str, Fold]) -> Iterable[Stroke]:
    """The lines, those from what isn't done yet last, so that they lie on top."""
    over = (Mark.DONE, Mark.PASSED, Mark.WITHDRAWN)
    made = [Stroke(path_of(line), folds[line.start].first.mark in over) for line in drawing.lines]
    return sorted(made, key=lambda stroke: not stroke.done)


def path_of(line: Line) -> str:
    """The line as an SVG path, its corners rounded."""
    points = [point for index, point in enumerate(line.points) if index == 0 or point != line.points[index - 1]]
    said = [f"M{points[0][0]} {points[0][1]}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        into, out = _towards(corner, before), _towards(corner, after)
        said.append(f"L{into[0]} {into[1]}Q{corner[0]} {corner[1]} {out[0]} {out[1]}")
    return "".join(said) + f"L{points[-1][0]} {points[-1][1]}"


def _towards(corner: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """The point a little way from a corner, at most half the way."""

    def step(begin: int, end: int) -> int:
        way = end - begin
        return begin + max(-_RADIUS, min(_RADIUS, way // 2 if way > 0 else -(-way // 2)))

    return step(corner[0], other[0]), step(corner[1], other[1])
