"""The portal's doors as flows see them in the database: who is signed in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from idm.domain.sessions import Session


class DoorStore(Protocol):
    """What is read of doors, and the small writes that stand alone. Tokens are known by their keyed hashes only."""

    def session(self, token_hash: str) -> Session | None:
        """The session of a token, over or not; None if there is none, or it was closed."""
        ...

    def sessions(self, *, person: str = "", case: str = "") -> Sequence[Session]:
        """Sessions, the newest first: all, or those of a person or about a case."""
        ...

    def touch_session(self, id: str, machine: datetime) -> None:
        """Note that something was asked of a session."""
        ...

    def say_language(self, id: str, language: str) -> None:
        """Note which language a session's pages are in."""
        ...

    def case_state(self, case: str) -> str:
        """A case's state; "" if there is no such case."""
        ...


class DoorWriter(Protocol):
    """What is written of doors, within a transaction."""

    def add_session(self, session: Session, token_hash: str) -> None:
        """Add a session, and forget those whose longest time is over."""
        ...

    def end_sessions(self, ids: Collection[str]) -> set[str]:
        """Forget sessions, so that their tokens open nothing; those that were there."""
        ...
