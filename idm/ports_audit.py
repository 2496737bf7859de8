"""The audit as flows see it: what is to be sealed, the seals, and one look at all of it that no writer disturbs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from idm.domain.audit import Entry
from idm.domain.seals import Anchored, Seal, SealedHead


class AuditSnapshot(Protocol):
    """The whole audit as it was at one moment. Nothing is held in memory but what a page of streams needs."""

    def streams(self, only: str = "") -> Iterator[tuple[str, tuple[int, str], Mapping[int, str]]]:
        """Every stream, or one: its name, the head that its own row remembers ((0, "") without one), and what seals vouch for."""
        ...

    def entries(self, stream: str) -> Iterable[tuple[Entry, bool]]:
        """A stream's entries in order, each with whether it is marked as sealed."""
        ...

    def seals(self) -> Iterator[tuple[Seal, Sequence[SealedHead]]]:
        """Every seal in order, with the heads that belong to it."""
        ...

    def seal_count(self) -> int:
        """How many seals there are."""
        ...

    def strays(self) -> Sequence[int]:
        """The numbers of seals that heads belong to and that aren't there."""
        ...

    def unsealed(self, stream: str = "") -> tuple[int, datetime | None]:
        """How many entries aren't sealed yet, and when the oldest of them was written."""
        ...


class AuditStore(Protocol):
    """What the store offers for sealing and verifying."""

    def seal(self, make: Callable[[Anchored, Sequence[SealedHead]], Seal], limit: int) -> Seal | None:
        """Seal the newest entries of at most `limit` streams that have unsealed ones, in one transaction; None if there are none.

        `make` builds the seal from the one before and the heads. One process at a time does it; another waits.
        """
        ...

    def newest_seal(self) -> Anchored:
        """The newest seal in the database; number 0 if there is none."""
        ...

    def audit_snapshot(self) -> AbstractContextManager[AuditSnapshot]:
        """A look at the audit."""
        ...


class SealKeys(Protocol):
    """The keys that seals are made with. They lie outside the database."""

    @property
    def current(self) -> str:
        """The id of the key for new seals."""
        ...

    def mac(self, data: bytes, key: str) -> str | None:
        """HMAC-SHA256 (hex) under the key of that id; None if it isn't here."""
        ...


class Anchor(Protocol):
    """Where the newest seal is remembered outside the database."""

    def newest(self) -> Anchored:
        """The newest seal that any of its places remembers; number 0 if none does. Raises `Unavailable` if one can't be read."""
        ...

    def append(self, seal: Anchored, at: datetime) -> None:
        """Remember a seal in every place that doesn't know it or a newer one. Raises `Unavailable` if one can't be written."""
        ...

    def accept(self, seal: Anchored, at: datetime, by: str, reason: str) -> None:
        """Go on from an older seal, because the database was restored; for good on record. Raises `Unavailable`."""
        ...
