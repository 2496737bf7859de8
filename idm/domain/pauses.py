"""Justified waiting: periods in which a case or one of its tasks waits for a reason that policy names. They don't count as lateness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from idm.domain.journey import Actor, Source
from idm.domain.working_days import WorkingDays
from idm.errors import Conflict

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A period of waiting, `since` and `until` both within it. `step` is the task's ("" means the whole case).

    `ended` is the day on which somebody ended it before its time: the first that counts again.
    """

    reason: str
    since: date
    until: date
    by: str
    step: str = ""
    ended: date | None = None
    administrator: str = ""

    @property
    def last(self) -> date:
        """Its last day; before `since` if it was ended on the day that it began."""
        return self.until if self.ended is None else min(self.until, self.ended - _DAY)

    def runs(self, day: date) -> bool:
        """Whether `day` is one of its days. It ends by itself after the last."""
        return self.since <= day <= self.last


@dataclass(frozen=True, slots=True)
class WaitingReason:
    """A reason for waiting that policy allows: its titles by language, who may give it, and for how many days at most."""

    id: str
    titles: Mapping[str, str]
    who: tuple[Actor, ...]
    longest: int
    source: Source = Source()


def begin(pauses: Sequence[Pause], pause: Pause) -> tuple[Pause, ...]:
    """The pauses with one more. Raises `Conflict` if the same task, or the whole case, waits on that day already."""
    for known in pauses:
        if known.step == pause.step and known.runs(pause.since):
            what = f"Task step '{pause.step}'" if pause.step else "This case"
            raise Conflict(
                f"{what} waits already, until {known.until} ({known.reason}).",
                next_step="End that with `idm case resume` first, if another reason or day is right.",
            )
    return (*pauses, pause)


def end(pauses: Sequence[Pause], step: str, day: date) -> tuple[tuple[Pause, ...], Pause]:
    """The pauses with the one of `step` that runs on `day` ended, and that one. Raises `Conflict` if none runs."""
    for index, known in enumerate(pauses):
        if known.step == step and known.runs(day):
            ended = replace(known, ended=day)
            return (*pauses[:index], ended, *pauses[index + 1 :]), ended
    what = f"the step '{step}'" if step else "the whole case"
    raise Conflict(f"There is no waiting of {what} today.", next_step="`idm case show` lists what waits, and until when.")


def waited(pauses: Iterable[Pause], step: str, calendar: WorkingDays, first: date, last: date | None = None) -> int:
    """For how many working days `step` waited with good reason from `first` to `last` (None: also those to come), each day once.

    A pause of the whole case counts for each of its steps.
    """
    days: set[date] = set()
    for pause in pauses:
        if pause.step not in ("", step):
            continue
        day, end = max(pause.since, first), pause.last if last is None else min(pause.last, last)
        while day <= end:
            days.add(day)
            day += _DAY
    return sum(calendar.is_open(day) for day in days)


def pack(pause: Pause) -> list[Any]:
    """The pause as the case's document holds it."""
    ended = pause.ended.isoformat() if pause.ended else ""
    return [pause.reason, pause.since.isoformat(), pause.until.isoformat(), pause.by, pause.step, ended, pause.administrator]


def unpack(row: Sequence[Any]) -> Pause:
    """The pause that `pack` wrote."""
    reason, since, until, by, step, ended, administrator = row
    day = date.fromisoformat
    return Pause(reason, day(since), day(until), by, step, day(ended) if ended else None, administrator)
