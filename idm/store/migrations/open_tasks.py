"""Fill in what the rows of open tasks say since revision 0003, who is named for the case and who is kept apart, and since 0005 who else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa


def fill_in(connection: sa.Connection) -> None:
    """Fill it in. A case that can't be read gives no names: its tasks can't be done either."""
    connection.execute(
        sa.text("update tasks set due = (select start_date from cases where id = tasks.case_id) where state = 'open' and due is null")
    )
    # Who was kept apart stands in the case's document; that somebody may be is enough to look closer.
    connection.execute(
        sa.text(
            "update tasks set apart = '*' where state = 'open' and (kind = 'approve_order'"
            " or exists (select 1 from cases c where c.id = tasks.case_id and c.doc like '%\"looks\":%'))"
        )
    )
    names = [*_managers(connection), *_contacts(connection)]
    if names:
        connection.execute(sa.text("update tasks set named = :named where id = :id"), names)


def _managers(connection: sa.Connection) -> Iterator[dict[str, str]]:
    query = "select t.id, t.person_id, c.doc from tasks t join cases c on c.id = t.case_id where t.state = 'open' and t.actor = 'manager'"
    for id, hire, doc in connection.execute(sa.text(query)).all():
        try:
            manager = json.loads(doc)["facts"]["manager"]
        except (ValueError, KeyError, TypeError):
            continue
        if manager and manager != hire:
            yield {"id": id, "named": manager}


def _contacts(connection: sa.Connection) -> Iterator[dict[str, str]]:
    query = (
        "select t.id, t.since, d.since, d.to_person from tasks t join delegations d"
        " on d.case_id = t.case_id and d.authority = t.actor and d.unit = t.unit"
        " where t.state = 'open' and d.case_id <> '' and not d.revoked and d.until is null and d.limit_amount is null"
        " and d.limit_units is null and d.limit_kinds is null and d.to_person <> t.person_id and d.granted_by <> t.person_id"
        " and coalesce(d.confirmed_by, '') <> t.person_id order by d.to_person desc"
    )
    for id, opened, since, person in connection.execute(sa.text(query)).all():
        if since <= datetime.fromtimestamp(opened / 1_000_000, UTC).date().isoformat():
            yield {"id": id, "named": person}


def fill_in_beside(connection: sa.Connection) -> None:
    """Fill in who is appointed for the cases of open tasks beside those who are named; "*" where they are several."""
    query = (
        "select t.id, min(d.to_person), count(distinct d.to_person) from delegations d"
        " join tasks t on t.case_id = d.case_id and t.actor = d.authority and t.state = 'open'"
        " where d.case_id <> '' and not d.revoked and d.to_person <> coalesce(t.named, '') group by t.id"
    )
    found = [{"id": id, "beside": person if count == 1 else "*"} for id, person, count in connection.execute(sa.text(query)).all()]
    if found:
        connection.execute(sa.text("update tasks set beside = :beside where id = :id"), found)
