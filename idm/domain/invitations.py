"""Invitations: the personal link by which a new hire comes to their own case, and the code that shows it is them.

A link may be looked at any number of times, also by the programs that scan mail; going on from it spends it, and sends a code to the
hire's mobile. Both together let them in: whoever reads along in a mailbox has only one of the two.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LINK_PATH = "/start/"
"""Where a link leads, below the portal's address; its token comes behind."""

CODE_DIGITS = 6
CODE_LIFE = timedelta(minutes=10)
"""How long a code counts (machine time); NIST SP 800-63B, 5.1.3.2, allows ten minutes at most for a code by SMS."""
PENDING_LIFE = timedelta(hours=1)
"""How long one may try with the codes of one link (machine time)."""
TRIES = 5
"""Wrong codes after which a sign-in is closed: five of a million keeps a guess below one in 100,000."""
SENDS = 3
"""How many codes one link may send."""
MOST_A_DAY = 10
"""How many links of one case may be gone on from in 24 hours: no mobile is flooded, no code guessed by patience."""
ASK_EVERY = timedelta(minutes=5)
"""How often a fresh link may be asked for."""


class LinkState(enum.StrEnum):
    """How a link stands: `open` lets one go on; `spent`, `expired` and `revoked` don't, nor an expired one of a cancelled hire (`over`)."""

    OPEN = "open"
    SPENT = "spent"
    EXPIRED = "expired"
    REVOKED = "revoked"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Invitation:
    """One link. Times are business time. `by` is who had it made: a person, an administrator, or the notice whose mail carries it.

    `cancelled`: the hire that it is for is cancelled. It lasts as long as it would have, for reading what was handed in.
    """

    id: str
    case: str
    person: str
    made_at: datetime
    expires_at: datetime
    by: str
    spent_at: datetime | None = None
    revoked_at: datetime | None = None
    cancelled: bool = False

    def state(self, now: datetime) -> LinkState:
        """How it stands at business time `now`."""
        if self.revoked_at is not None:
            return LinkState.REVOKED
        if self.cancelled and now >= self.expires_at:
            return LinkState.OVER
        if self.spent_at is not None:
            return LinkState.SPENT
        return LinkState.EXPIRED if now >= self.expires_at else LinkState.OPEN


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that waits for its code. Times are machine time; `tries` wrong codes and `sends` further codes are left."""

    id: str
    invitation: str
    case: str
    person: str
    code_hash: str = field(repr=False)
    code_until: datetime
    ends_at: datetime
    tries: int = TRIES
    sends: int = SENDS - 1

    def over(self, machine: datetime) -> bool:
        """Whether one must go by another link."""
        return machine >= self.ends_at or self.tries <= 0

    def code_over(self, machine: datetime) -> bool:
        """Whether the code that was sent last doesn't count any more."""
        return machine >= self.code_until

    @property
    def sent(self) -> int:
        """How many codes were sent."""
        return SENDS - self.sends
