"""`idm delegate` and `idm delegations`: who may act for which unit, on whose word, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup, single
from idm.commands.session import administrator, case_id, demand_known, installation
from idm.commands.text import table
from idm.domain.authority import Authority, Delegation
from idm.errors import NotFound

DAY = click.DateTime(["%Y-%m-%d"])


def day(value: datetime | None) -> date | None:
    """The date of an option that is a day."""
    return value.date() if value is not None else None


@single(
    "delegate",
    examples=(
        "idm delegate --authority pay --unit school_north --to pay_officer",
        "idm delegate --authority it --unit schools --to it_officer --to head_south --until 2027-12-31",
        "idm delegate --authority pay --unit school_north --to pay_officer --case c-4x7k2m9qhv --as head_north",
    ),
    exits={3: "a unit, person or date is wrong; nothing was granted", 5: "the granter doesn't manage that unit"},
)
@click.option("--authority", required=True, type=click.Choice([authority.value for authority in Authority]), help="Which authority.")
@click.option("--unit", required=True, help="The unit it holds for, with all below it.")
@click.option("--to", required=True, multiple=True, metavar="PERSON", help="Who holds it; give it again for several.")
@click.argument("more", nargs=-1, metavar="[PERSON]...")
@click.option("--from", "since", type=DAY, metavar="DATE", help="The first day (YYYY-MM-DD); today, if left out.")
@click.option("--until", type=DAY, metavar="DATE", help="The last day; without end, if left out.")
@click.option("--case", "case", default="", help="For this case alone.")
@click.option("--as", "granter", default="", metavar="MANAGER", help="Who grants it: the unit's manager, if left out.")
def delegate(
    authority: str,
    unit: str,
    to: Sequence[str],
    more: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    case: str,
    granter: str,
) -> Answer:
    """Grant pay or IT authority over a unit, or for one case, to people. Further persons may follow the first: --to A B."""
    from idm.flow.delegate import delegate as grant

    with installation() as found:
        app = found.app
        granted = grant(
            app,
            Authority(authority),
            unit,
            [*to, *more],
            granter=granter,
            since=day(since),
            until=day(until),
            case=case_id(app, case) if case else "",
            administrator=administrator(),
        )
        items = [_item(delegation, app.clock.today(), {}) for delegation in granted]
    text = [
        f"{d.to} holds the {d.authority.value} authority of {d.unit} from {d.since} ({d.id}), granted by {d.granted_by}." for d in granted
    ]
    return Answer({"items": items}, text)


delegations = IdmGroup("delegations", help="Who may act for which unit.", examples=("idm delegations list --unit school_north",))


@delegations.add(
    "list",
    examples=("idm delegations list", "idm delegations list --unit school_north", "idm delegations list --person pay_officer --json"),
    exits={4: "there is no such unit or person"},
)
@click.option("--unit", default="", help="Only those that count for this unit: its own and those of the units above it.")
@click.option("--person", default="", help="Only those of this person.")
def list_(unit: str, person: str) -> Answer:
    """List delegations: who holds which authority where, from when to when, on whose word."""
    with installation() as found:
        store, today = found.app.store, found.app.clock.today()
        person = demand_known(found.app, person=person)
        units = None
        if unit:
            units = [above.id for above in store.organisation().path(unit)]
            if not units:
                raise NotFound(f"There is no unit '{unit}'.", next_step="`idm org show` lists the units.")
        rows = [row for row in store.delegations(units=units) if not person or row.to == person]
        people = {id: who.full_name for id, who in store.people({row.to for row in rows}).items()}
    items = [_item(row, today, people) for row in rows]
    heads = ("id", "authority", "unit", "holder", "name", "from", "until", "case", "granted by", "in force")
    shown = [
        (
            i["id"],
            i["authority"],
            i["unit"],
            i["to"],
            i["to_name"],
            i["since"],
            i["until"],
            i["case"],
            i["granted_by"],
            "yes" if i["holds"] else "no",
        )
        for i in items
    ]
    return Answer({"items": items}, table(heads, shown, "No delegations."))


@delegations.add(
    "revoke",
    examples=("idm delegations revoke d-4x7k2m9qhv", "idm delegations revoke d-4x7k2m9qhv --as director --json"),
    exits={4: "there is no such delegation", 5: "they may not revoke it", 6: "it was revoked before"},
)
@click.argument("delegation", metavar="DELEGATION")
@click.option("--as", "revoker", default="", metavar="MANAGER", help="Who revokes it: who granted it, if left out.")
def revoke_(delegation: str, revoker: str) -> Answer:
    """End a delegation at once; what was decided through it stays decided."""
    from idm.flow.delegation_life import revoke

    with installation() as found:
        ended = revoke(found.app, delegation, revoker=revoker, administrator=administrator())
        item = _item(ended, found.app.clock.today(), {})
    return Answer(item, [f"{ended.to} does not hold the {ended.authority.value} authority of {ended.unit} through {ended.id} any more."])


def _item(row: Delegation, today: date, people: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "authority": row.authority.value,
        "unit": row.unit,
        "to": row.to,
        "to_name": people.get(row.to),
        "granted_by": row.granted_by,
        "since": row.since.isoformat(),
        "until": row.until.isoformat() if row.until else None,
        "case": row.case or None,
        "revoked": row.revoked,
        "holds": row.holds(today),
    }
