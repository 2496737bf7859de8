"""Notices, reminders and due dates as flows see them in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from idm.domain.case import Case
from idm.domain.notices import Notice, NoticeState


class NoticeStore(Protocol):
    """What is read of notices, and how one is taken to be sent."""

    def notices(self, *, state: str = "", person: str = "", case: str = "", limit: int = 1000) -> Sequence[Notice]:
        """Notices, oldest first, filtered by what isn't empty."""
        ...

    def notice(self, id: str) -> Notice | None:
        """A notice by id."""
        ...

    def notices_due(self, now: datetime, machine: datetime, limit: int = 100) -> Sequence[Notice]:
        """Those to be sent at business time `now`, and those whose sender must have died by machine time; the oldest first."""
        ...

    def take_notice(self, notice: Notice, until: datetime) -> bool:
        """Take it to send it, for nobody else until that machine time; False if another did since it was read."""
        ...

    def postpone_notice(self, notice: Notice, due_at: datetime, reason: str = "") -> bool:
        """Let a notice, as it was read, wait until another business moment; False if it has changed since."""
        ...

    def last_digests(self) -> Mapping[str, datetime]:
        """When the newest digest that was sent to each reader was written."""
        ...

    def open_cases(self) -> Mapping[str, Case]:
        """Every case that has an open task, but those whose row is damaged: whoever opens one is told, and the others go on."""
        ...

    def streams(self) -> Mapping[str, int]:
        """How many entries each audit stream has that isn't a case or a person's sessions: changes of powers and organisation show here."""
        ...

    def redate(self, due: Mapping[str, date]) -> int:
        """Write the due dates of open tasks over, by task id. How many."""
        ...


class NoticeWriter(Protocol):
    """What is written of notices, within a transaction."""

    def add_notice(self, notice: Notice) -> bool:
        """Add a notice; False, and nothing written, if one with its key is there."""
        ...

    def end_notice(
        self, notice: Notice, state: NoticeState, *, at: datetime | None = None, again_at: datetime | None = None, reason: str = ""
    ) -> bool:
        """Write down what became of a notice that was taken as it is given; False if another has it now."""
        ...

    def settle_notice(self, notice: Notice, state: NoticeState, due_at: datetime) -> bool:
        """Let a notice that waits for a person be sent at `due_at`, or be; False if it has changed since it was read."""
        ...

    def read_news(self, notices: Sequence[str], at: datetime) -> None:
        """Mark news as sent: they stood in a digest."""
        ...

    def add_reminder(self, task: str, level: int, day: date) -> bool:
        """Note that a task was reminded of (level 0), escalated (to a level from 1) or found stranded (-1) on a day; False if it was."""
        ...

    def escalate(self, task: str, level: int) -> None:
        """Let an open task have gone up so many levels; never down."""
        ...
