"""Sessions: somebody who is signed in to the portal, until when, and when it is over. Times are machine time."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


class SessionKind(enum.StrEnum):
    """Who is signed in: a member of staff, or the person hired, who sees their own case only."""

    STAFF = "staff"
    HIRE = "hire"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts: without anything being asked of it (`idle`), and at the `longest`; `why` says whose rule that is."""

    idle: timedelta
    longest: timedelta
    why: str


LIFETIMES: Mapping[SessionKind, Lifetime] = {
    SessionKind.STAFF: Lifetime(
        timedelta(minutes=30),
        timedelta(hours=10),
        "Staff see others' CPR numbers and papers on shared office machines: half an hour away ends it, and no session outlives a"
        " working day (NIST SP 800-63B, 4.2.3 asks for 30 minutes and 12 hours at most).",
    ),
    SessionKind.HIRE: Lifetime(
        timedelta(minutes=60),
        timedelta(hours=12),
        "A new hire looks for papers and takes pictures in between, on a phone of their own, and sees only what is theirs: an hour"
        " away ends it, and it lasts 12 hours at most (NIST SP 800-63B, 4.2.3 for the latter).",
    ),
}
"""How long a session of each kind lasts."""

TOUCH = timedelta(minutes=1)
"""How old `seen_at` may become before it is written anew, so that not every look at a page writes."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in. `case` is the hire's own, "" for staff; `ends_at` is the latest end; `agent` is the browser, as it calls itself.

    `language` is what they chose for this session, `da` or `en`, or what they are written to in.
    """

    id: str
    person: str
    kind: SessionKind
    case: str
    opened_at: datetime
    seen_at: datetime
    ends_at: datetime
    language: str = ""
    agent: str = ""

    @property
    def idle_until(self) -> datetime:
        """When it ends unless something is asked of it before."""
        return min(self.seen_at + LIFETIMES[self.kind].idle, self.ends_at)

    def over(self, machine: datetime) -> bool:
        """Whether it has ended by machine time."""
        return machine >= self.idle_until

    def stale(self, machine: datetime) -> bool:
        """Whether `seen_at` is to be written anew."""
        return machine - self.seen_at >= TOUCH


def new_session(id: str, person: str, kind: SessionKind, case: str, machine: datetime, language: str = "", agent: str = "") -> Session:
    """A session that begins now."""
    return Session(id, person, kind, case, machine, machine, machine + LIFETIMES[kind].longest, language, agent)
