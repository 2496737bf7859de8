"""Notices: what somebody is to be told by mail, written down in the transaction of the change that causes it, and sent later."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


class Audience(enum.StrEnum):
    """Whom a notice is for: a new hire, who is written to directly, or staff, who get one digest a day."""

    HIRE = "hire"
    STAFF = "staff"


class NoticeState(enum.StrEnum):
    """Where a notice is. `news` waits for its reader's next digest, `waiting` for its hour or for the mail system.

    `failed` was refused and `doubtful` may have been sent or not: both wait for a person. `dropped` had nothing to say any more.
    """

    NEWS = "news"
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DOUBTFUL = "doubtful"
    DROPPED = "dropped"


NEW_LINK = "new_link"
"""The slug of the mail with nothing but a fresh personal link, which somebody asked for: it goes at any hour."""
ANSWERED = "question_answered"
"""The slug of the mail that tells of an answer, and not what it is."""
DIGEST = "digest"
"""The slug of the one mail that staff get a day."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice. `key` names it the same way however often it is written, and `id`, made from it, names the mail.

    `person` is a person's id, or `team:` and a team's. `context` holds ids and plain values that the text needs; who it is about, and
    every address, are looked up when it is sent. `due_at` is business time; `again_at`, when a try is repeated or given up, machine time.
    """

    key: str
    audience: Audience
    person: str
    slug: str
    due_at: datetime
    written_at: datetime
    case: str = ""
    context: Mapping[str, object] = field(default_factory=dict)
    state: NoticeState = NoticeState.WAITING
    attempts: int = 0
    sent_at: datetime | None = None
    again_at: datetime | None = None
    reason: str = ""

    @property
    def id(self) -> str:
        """Its id: the same for the same key."""
        return notice_id(self.key)


def notice_id(key: str) -> str:
    """The id of the notice with that key."""
    return f"n-{hashlib.sha256(key.encode()).hexdigest()[:24]}"
