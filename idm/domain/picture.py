"""The task graph of a case as people are shown it: every step with whose it is, where it is, and what it waits for. Data only."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from idm.domain.authority import Holder
from idm.domain.case import Case, StepState
from idm.domain.journey import UNDO, Actor, StepDef, StepKind


class Whose(enum.StrEnum):
    """Whose a step is, in the order in which a picture has its lanes."""

    HIRE = "hire"
    MANAGER = "manager"
    PAY = "pay"
    IT = "it"
    CONTROL = "control"
    SYSTEMS = "systems"
    DATES = "dates"


class Mark(enum.StrEnum):
    """Where a step is, as people are told. `passed`: this hire doesn't ask for it."""

    FAILED = "failed"
    WAITING = "waiting"
    WORKING = "working"
    TO_COME = "to_come"
    DONE = "done"
    PASSED = "passed"
    WITHDRAWN = "withdrawn"


class Next(enum.StrEnum):
    """What can be done about a step, or is done next.

    `act`: the viewer can do it; `wait`: others are asked; `nobody`: nobody can do it now; `look`: somebody must look at it, then let it
    be tried again; `again`: it is tried again by itself; `read`: it is looked whether it happened; `date`: the day comes; `before`:
    other steps come first.
    """

    ACT = "act"
    WAIT = "wait"
    NOBODY = "nobody"
    LOOK = "look"
    AGAIN = "again"
    READ = "read"
    DATE = "date"
    BEFORE = "before"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody whom a step waits for: their id, their name, and by what power. `granter` appointed them; `stands_in_for` is away.

    Both are names, "" for nobody.
    """

    person: str
    name: str
    holder: Holder
    granter: str = ""
    stands_in_for: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """One step as it is shown. `number` tells it from others where its id may not stand, as that names the paper it is about.

    `since` is business time; `until` is when it is tried again (machine time) or its date comes. `due` is the task's, `late` how many
    working days it is overdue. `by` is the name of who decided it. `reason` says in words why it is where it is; `hidden` that the viewer
    mayn't read that. `task`: the open task. `day_one`: it decides whether the first day is met, and `risk` that it endangers it now.
    `paused`: the last day up to which it waits with good reason. `after`: the titles of the steps that must be done first.
    """

    id: str
    number: int
    title: str
    whose: Whose
    mark: Mark
    since: datetime
    needs: tuple[str, ...] = ()
    system: str = ""
    waits_for: tuple[Waiter, ...] = ()
    until: datetime | None = None
    due: date | None = None
    late: int = 0
    by: str = ""
    reason: str = ""
    hidden: bool = False
    attempts: int = 0
    escalated: int = 0
    task: str = ""
    next: Next = Next.NOTHING
    day_one: bool = False
    risk: bool = False
    paused: date | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fold:
    """A node of the picture: one step, or several that are over and shown as one. `needs` names other folds by their `id`."""

    id: str
    nodes: tuple[Node, ...]
    needs: tuple[str, ...]

    @property
    def first(self) -> Node:
        """Its first step, whose id it has."""
        return self.nodes[0]


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day that is to come. `what`: `due` (a task, in `title`), `start`, `end`, or the name of a timer, with `title` in words."""

    day: date
    what: str
    title: str


@dataclass(frozen=True, slots=True)
class HowFar:
    """How many steps of those that a hire has are done."""

    done: int
    asked: int


def how_far(marks: Iterable[Mark]) -> HowFar:
    """How far a hire with steps of those `marks` is: what it doesn't ask for, and what was withdrawn, is no step of it."""
    counts = Counter(marks)
    return HowFar(counts[Mark.DONE], counts.total() - counts[Mark.PASSED] - counts[Mark.WITHDRAWN])


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole: nodes in an order where each follows its needs, folds likewise, how many there are of each mark, and the days ahead.

    What this hire doesn't ask for is among the nodes, but not drawn, so in no fold.
    """

    nodes: tuple[Node, ...]
    folds: tuple[Fold, ...]
    counts: Mapping[Mark, int]
    ahead: tuple[Ahead, ...]

    def marked(self, *marks: Mark) -> tuple[Node, ...]:
        """The nodes of those marks."""
        return tuple(node for node in self.nodes if node.mark in marks)

    @property
    def now(self) -> tuple[Node, ...]:
        """What goes on now: what failed, what waits for the viewer, the latest of what waits for others, and what systems do."""
        order = (Mark.FAILED, Mark.WAITING, Mark.WORKING)
        going = [node for node in self.nodes if node.mark in order]
        return tuple(sorted(going, key=lambda node: (order.index(node.mark), node.next is not Next.ACT, -node.late, node.whose is _LAST)))

    @property
    def taken_back(self) -> bool:
        """Whether a system held something of the case that is taken back, as it was cancelled."""
        return any(node.id.startswith(f"{UNDO}-") for node in self.nodes)

    @property
    def far(self) -> HowFar:
        """How far the hire is."""
        return how_far(node.mark for node in self.nodes)


_LAST = Whose.DATES
_LANES = {
    Actor.HIRE: Whose.HIRE,
    Actor.MANAGER: Whose.MANAGER,
    Actor.PAY: Whose.PAY,
    Actor.IT: Whose.IT,
    Actor.CONTROL: Whose.CONTROL,
}


def whose(step: StepDef) -> Whose:
    """In whose lane a step is shown."""
    if step.kind is StepKind.TIMER:
        return Whose.DATES
    return _LANES.get(step.actor, Whose.MANAGER) if step.actor is not None else Whose.SYSTEMS


def mark_of(case: Case, step: StepDef) -> Mark:
    """Where a step is, as people are told."""
    match case.steps[step.id].state:
        case StepState.DONE:
            return Mark.PASSED if passed_over(case, step) else Mark.DONE
        case StepState.WITHDRAWN:
            return Mark.WITHDRAWN
        case StepState.PENDING:
            return Mark.TO_COME
        case StepState.REFUSED:
            return Mark.FAILED
        case StepState.READY | StepState.RUNNING:
            return Mark.WORKING
        case _:
            return Mark.WAITING


def passed_over(case: Case, step: StepDef) -> bool:
    """Whether a step is done only because policy asks it of nobody in this case."""
    status = case.steps[step.id]
    if not step.asked_by or status.state is not StepState.DONE:
        return False
    return step.id not in case.approvals if step.kind is StepKind.HUMAN else status.attempts == 0
