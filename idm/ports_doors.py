"""The portal's doors as flows see them in the database: who is signed in, the links to new hires, and the codes that wait."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from idm.domain.invitations import Invitation, Pending
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

    def invitation(self, token_hash: str) -> Invitation | None:
        """The link of a token, however it stands."""
        ...

    def invitations(self, case: str) -> Sequence[Invitation]:
        """The links of a case, the newest first."""
        ...

    def pending(self, token_hash: str) -> Pending | None:
        """The sign-in of a token that waits for its code, over or not."""
        ...

    def take_try(self, pending: str) -> int | None:
        """Use up one try of a sign-in, before the code is looked at; how many are left then, None if there was none to take."""
        ...


class DoorWriter(Protocol):
    """What is written of doors, within a transaction."""

    def add_session(self, session: Session, token_hash: str) -> None:
        """Add a session, and forget those whose longest time is over."""
        ...

    def end_sessions(self, ids: Collection[str]) -> set[str]:
        """Forget sessions, so that their tokens open nothing; those that were there."""
        ...

    def add_invitation(self, invitation: Invitation, token_hash: str) -> None:
        """Add a link."""
        ...

    def spend_invitation(self, id: str, at: datetime) -> bool:
        """Spend a link; False if it was spent or revoked before."""
        ...

    def unspend_invitation(self, id: str) -> None:
        """Let a link be used after all: no code could be sent."""
        ...

    def revoke_invitations(self, case: str, at: datetime) -> int:
        """Revoke every link of a case that wasn't spent or revoked; how many there were."""
        ...

    def add_pending(self, pending: Pending, token_hash: str, machine: datetime) -> None:
        """Add a sign-in that waits for its code, and forget those that are over at that machine time."""
        ...

    def take_send(self, pending: str, code_hash: str, code_until: datetime) -> bool:
        """Let another code count from now on; False if no further one may be sent."""
        ...

    def give_send_back(self, pending: str) -> None:
        """Let one more code be sent: the last one didn't go."""
        ...

    def drop_pending(self, *, id: str = "", case: str = "") -> int:
        """Forget a sign-in that waits, or all of a case; how many there were."""
        ...
