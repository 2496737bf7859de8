"""The contact named for a case, kept with its open tasks: whoever is far from a task need not look at it while that contact is there.

Only such a contact is kept as certainly has the power while they are there to act: appointed without limits and without an end, by
somebody else than the person hired, in the unit of the case, and before the task opened. Of several the first by id. So a task
without a name may have a contact all the same, but one with a name has that one.

Who else is appointed for the case, surely or not, is kept beside: the one, or `CROWD` where there are several.
"""

from __future__ import annotations

from sqlalchemy import TextClause, text

CROWD = "*"
"""Stands for several persons and teams."""

_CONTACT = (
    "(select min(d.to_person) from delegations d where d.case_id = {case} and d.authority = {actor} and d.unit = {unit}"
    " and not d.revoked and d.until is null and d.since <= {day}"
    " and d.limit_amount is null and d.limit_units is null and d.limit_kinds is null"
    " and d.to_person <> {hire} and d.granted_by <> {hire} and coalesce(d.confirmed_by, '') <> {hire})"
)


_BESIDE = (
    f"(select case when count(distinct d.to_person) > 1 then '{CROWD}' else min(d.to_person) end from delegations d"
    " where d.case_id = {case} and d.authority = {actor} and not d.revoked and d.to_person <> coalesce({named}, ''))"
)


def contact_named(*, case: str, actor: str, unit: str, since: str, hire: str, sqlite: bool) -> str:
    """The SQL that finds the contact named for a task, of which the SQL of its columns is given; null for none."""
    seconds = f"{since} / 1000000"
    day = f"date({seconds}, 'unixepoch')" if sqlite else f"to_char(to_timestamp({seconds}) at time zone 'UTC', 'YYYY-MM-DD')"
    return _CONTACT.format(case=case, actor=actor, unit=unit, hire=hire, day=day)


def contacts_beside(*, case: str, actor: str, unit: str, since: str, hire: str, sqlite: bool) -> str:
    """The SQL that finds who else is appointed for a task's case; null for nobody."""
    named = contact_named(case=case, actor=actor, unit=unit, since=since, hire=hire, sqlite=sqlite)
    return _BESIDE.format(case=case, actor=actor, named=named)


def renaming(*, sqlite: bool) -> TextClause:
    """The statement that finds anew who is named, and who is beside, for the open tasks of a `case` and an `actor`."""
    columns = {name: f"tasks.{name}" for name in ("actor", "unit", "since")}
    first = contact_named(case=":case", hire="tasks.person_id", sqlite=sqlite, **columns)
    others = contacts_beside(case=":case", hire="tasks.person_id", sqlite=sqlite, **columns)
    return text(f"update tasks set named = {first}, beside = {others} where case_id = :case and actor = :actor and state = 'open'")
