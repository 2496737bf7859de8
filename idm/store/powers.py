"""Powers in the database: delegations, substitutions, who is there to act, and the decisions made by a power."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CompoundSelect, RowMapping, Select, func, or_, select, union_all

from idm.domain.authority import NO_LIMITS, Authority, Delegation, Limits
from idm.domain.authority_directory import Use
from idm.domain.authority_powers import PersonState, Substitution
from idm.domain.case import CaseState
from idm.domain.case_json import micros, moment
from idm.rows import DecisionRow
from idm.store import rows, schema
from idm.store.among import among
from idm.store.engine import Database

_AT_ONCE = 500
"""How many values one statement asks for: both databases limit the parameters of a statement."""


class PowerReads:
    """The part of the store that knows who may act."""

    database: Database

    def delegations(self, *, units: Collection[str] | None = None, case: str = "") -> Sequence[Delegation]:
        """See the protocol."""
        table = schema.delegations.c
        query = select(schema.delegations).order_by(table.unit, table.authority, table.since, table.id)
        if units is not None:
            in_units = table.unit.in_(sorted(units))
            query = query.where(or_(in_units, table.case_id == case) if case else in_units)
        with self.database.reading() as connection:
            return [to_delegation(row) for row in connection.execute(query).mappings()]

    def delegations_among(self, units: Collection[str] | None, cases: Collection[str] = ()) -> Sequence[Delegation]:
        """See the protocol."""
        table, sqlite = schema.delegations.c, self.database.sqlite
        standing = select(schema.delegations).where(table.case_id == "")
        if units is not None:
            standing = standing.where(among(table.unit, units, sqlite=sqlite))
        query: Select[Any] | CompoundSelect[Any] = standing
        if cases:
            query = union_all(standing, select(schema.delegations).where(among(table.case_id, cases, sqlite=sqlite)))
        with self.database.reading() as connection:
            found = [to_delegation(row) for row in connection.execute(query).mappings()]
        return sorted(found, key=lambda each: (each.unit, each.authority, each.since, each.id))

    def delegation(self, id: str) -> Delegation | None:
        """See the protocol."""
        with self.database.reading() as connection:
            row = connection.execute(select(schema.delegations).where(schema.delegations.c.id == id)).mappings().first()
        return None if row is None else to_delegation(row)

    def substitutions(self, *, since: date | None = None, person: str = "") -> Sequence[Substitution]:
        """See the protocol."""
        table = schema.substitutions.c
        query = select(schema.substitutions).order_by(table.since, table.id)
        if since is not None:
            query = query.where(table.ended.is_(None), or_(table.until.is_(None), table.until >= since.isoformat()))
        if person:
            query = query.where(or_(table.person_id == person, table.substitute == person))
        with self.database.reading() as connection:
            return [to_substitution(row) for row in connection.execute(query).mappings()]

    def person_states(self, ids: Collection[str] | None = None) -> Mapping[str, PersonState]:
        """See the protocol."""
        people, employments, marks = schema.people.c, schema.employments.c, schema.access_marks.c
        query = (
            select(
                people.id,
                func.min(employments.start_date).label("first_day"),
                func.max(employments.end_date).label("last_day"),
                func.count(employments.id).label("all"),
                func.count(employments.end_date).label("ended"),
                func.max(marks.reason).label("no_access"),
            )
            .select_from(schema.people)
            .outerjoin(schema.employments, employments.person_id == people.id)
            .outerjoin(schema.access_marks, marks.person_id == people.id)
            .group_by(people.id)
        )
        if ids is not None:
            query = query.where(among(people.id, ids, sqlite=self.database.sqlite))
        with self.database.reading() as connection:
            return {row["id"]: to_person_state(row) for row in connection.execute(query).mappings()}

    def without_access(self) -> Mapping[str, tuple[str, str, datetime]]:
        """See the protocol."""
        query = select(schema.access_marks).order_by(schema.access_marks.c.person_id)
        with self.database.reading() as connection:
            return {row.person_id: (row.reason, row.marked_by, moment(row.at)) for row in connection.execute(query)}

    def decisions(self, *, case: str = "", by: str = "", place_of: str = "", limit: int = 1000) -> Sequence[DecisionRow]:
        """See the protocol."""
        table = schema.decisions.c
        query = select(schema.decisions).order_by(table.at.desc(), table.task_id).limit(limit)
        for column, value in ((table.case_id, case), (table.person_id, by), (table.place_of, place_of)):
            if value:
                query = query.where(column == value)
        with self.database.reading() as connection:
            return [to_decision(row) for row in connection.execute(query).mappings()]

    def cases_over(self, ids: Collection[str]) -> set[str]:
        """See the protocol."""
        wanted, table = sorted(set(ids)), schema.cases.c
        over = (CaseState.COMPLETED.value, CaseState.CANCELLED.value)
        found: set[str] = set()
        with self.database.reading() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                query = select(table.id).where(table.id.in_(wanted[start : start + _AT_ONCE]), table.state.in_(over))
                found.update(connection.execute(query).scalars())
        return found

    def last_uses(self) -> Sequence[Use]:
        """See the protocol."""
        table = schema.decisions.c
        keys = (table.delegation, table.authority, table.person_id, table.via, table.place_of)
        query = select(*keys, func.max(table.at).label("at")).group_by(*keys)
        with self.database.reading() as connection:
            return [Use(*row[:5], moment(row.at)) for row in connection.execute(query)]


def to_person_state(row: RowMapping) -> PersonState:
    """A person with their employments counted: who has one without an end hasn't left."""
    last = row["last_day"] if row["all"] and row["all"] == row["ended"] else None
    return PersonState(rows.to_date(row["first_day"]), rows.to_date(last), row["no_access"] or "")


def _listed(value: str | None) -> tuple[str, ...]:
    return tuple(value.split()) if value else ()


def to_delegation(row: RowMapping) -> Delegation:
    """A row of `delegations`."""
    amount = Decimal(row["limit_amount"]) if row["limit_amount"] else None
    limits = Limits(amount, _listed(row["limit_units"]), _listed(row["limit_kinds"]))
    return Delegation(
        row["id"],
        Authority(row["authority"]),
        row["unit"],
        row["to_person"],
        row["granted_by"],
        date.fromisoformat(row["since"]),
        rows.to_date(row["until"]),
        row["case_id"],
        row["revoked"],
        limits if limits != NO_LIMITS else NO_LIMITS,
        rows.to_date(row["confirmed_on"]),
        row["confirmed_by"] or "",
    )


def delegation_values(delegation: Delegation) -> dict[str, Any]:
    """A delegation as a row."""
    limits = delegation.limits
    return {
        "id": delegation.id,
        "authority": delegation.authority.value,
        "unit": delegation.unit,
        "to_person": delegation.to,
        "granted_by": delegation.granted_by,
        "since": delegation.since.isoformat(),
        "until": rows.to_iso(delegation.until),
        "case_id": delegation.case,
        "revoked": delegation.revoked,
        "limit_amount": str(limits.amount) if limits.amount is not None else None,
        "limit_units": " ".join(limits.units) or None,
        "limit_kinds": " ".join(limits.kinds) or None,
        "confirmed_on": rows.to_iso(delegation.confirmed_on),
        "confirmed_by": delegation.confirmed_by or None,
    }


def to_substitution(row: RowMapping) -> Substitution:
    """A row of `substitutions`."""
    return Substitution(
        row["id"],
        row["person_id"],
        row["substitute"],
        date.fromisoformat(row["since"]),
        rows.to_date(row["until"]),
        _listed(row["authorities"]),
        _listed(row["units"]),
        row["entered_by"],
        rows.to_date(row["ended"]),
    )


def substitution_values(substitution: Substitution) -> dict[str, Any]:
    """A substitution as a row."""
    return {
        "id": substitution.id,
        "person_id": substitution.person,
        "substitute": substitution.substitute,
        "since": substitution.since.isoformat(),
        "until": rows.to_iso(substitution.until),
        "authorities": " ".join(substitution.authorities),
        "units": " ".join(substitution.units),
        "entered_by": substitution.entered_by,
        "ended": rows.to_iso(substitution.ended),
    }


def to_decision(row: RowMapping) -> DecisionRow:
    """A row of `decisions`."""
    return DecisionRow(
        row["task_id"],
        row["case_id"],
        row["action"],
        moment(row["at"]),
        row["person_id"],
        row["authority"],
        row["via"],
        row["delegation"],
        row["place_of"],
    )


def decision_values(decision: DecisionRow) -> dict[str, Any]:
    """A decision as a row."""
    return {
        "task_id": decision.task,
        "case_id": decision.case,
        "action": decision.action,
        "at": micros(decision.at),
        "person_id": decision.by,
        "authority": decision.authority,
        "via": decision.via,
        "delegation": decision.delegation,
        "place_of": decision.place_of,
    }
