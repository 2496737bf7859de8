"""Comments on a case: what people tell each other about a hire, and who sees what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

LONGEST = 4000
"""Letters of a comment at most."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment by `author`, a person's id. `to_hire`: the person hired may see it. `text` and `salt` are None once it was erased."""

    id: str
    case: str
    author: str
    administrator: str
    at: datetime
    to_hire: bool
    text: str | None
    salt: str | None = None

    @property
    def digest(self) -> str:
        """What the audit keeps of the text: it tells nothing of it once text and salt are gone."""
        return hashlib.sha256(f"{self.salt}\n{self.text}".encode()).hexdigest()


def question_in(hire: str, comments: Iterable[Comment]) -> Comment | None:
    """The newest question of the person hired among the comments of a case, oldest first, that nobody has answered to them yet."""
    seen = [comment for comment in comments if comment.to_hire]
    return seen[-1] if seen and seen[-1].author == hire and seen[-1].text is not None else None


def seen_by(person: str, hire: str, comments: Iterable[Comment]) -> list[Comment]:
    """The comments that `person` sees: the one hired their own and those to them, everybody else in the case all of them."""
    return [comment for comment in comments if person != hire or comment.to_hire or comment.author == hire]
