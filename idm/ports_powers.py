"""Powers as flows see them in the database: delegations, substitutions, who is there to act, and the decisions made by a power."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from idm.domain.authority import Delegation
from idm.domain.authority_directory import Use
from idm.domain.authority_powers import PersonState, Substitution
from idm.rows import DecisionRow


class PowerStore(Protocol):
    """What is read of powers."""

    def delegations(self, *, units: Collection[str] | None = None, case: str = "") -> Sequence[Delegation]:
        """Delegations for any of `units` (None: all) or for `case`."""
        ...

    def delegations_among(self, units: Collection[str] | None, cases: Collection[str] = ()) -> Sequence[Delegation]:
        """The standing delegations for any of `units` (None: all), and those for any of `cases` alone."""
        ...

    def delegation(self, id: str) -> Delegation | None:
        """A delegation by id."""
        ...

    def substitutions(self, *, since: date | None = None, person: str = "") -> Sequence[Substitution]:
        """Substitutions: those that weren't ended and end on `since` or later (None: all), those of or by `person` ("": of anybody)."""
        ...

    def person_states(self, ids: Collection[str] | None = None) -> Mapping[str, PersonState]:
        """Whether each of `ids` (None: everybody) is there to act; who isn't known is absent."""
        ...

    def without_access(self) -> Mapping[str, tuple[str, str, datetime]]:
        """Person -> why they have no access, who said so, and when."""
        ...

    def decisions(self, *, case: str = "", by: str = "", place_of: str = "", limit: int = 1000) -> Sequence[DecisionRow]:
        """Decisions, newest first: in a case, made by a person, or made in someone's place."""
        ...

    def cases_over(self, ids: Collection[str]) -> set[str]:
        """Those of the cases `ids` that are over: completed or cancelled."""
        ...

    def last_uses(self) -> Sequence[Use]:
        """When each power was last used, in each way in which it was."""
        ...


class PowerWriter(Protocol):
    """What is written of powers, within a transaction."""

    def add_delegation(self, delegation: Delegation) -> None:
        """Add a delegation, or write one over by its id."""
        ...

    def put_substitution(self, substitution: Substitution) -> None:
        """Write a substitution over, or new."""
        ...

    def put_access(self, person: str, reason: str, by: str, at: datetime) -> None:
        """Say that a person has no access, and why; without a reason they have it again."""
        ...

    def add_decision(self, decision: DecisionRow) -> None:
        """Keep by which power a task was decided; a task that is there already is written over."""
        ...
