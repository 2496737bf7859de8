"""`idm delegate` and `idm delegations`: who may act for which unit, on whose word, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup, single
from idm.commands.options import DAY, kroner
from idm.commands.session import administrator, case_id, demand_known, installation
from idm.commands.text import table
from idm.domain.authority import Authority, Delegation, Limits
from idm.domain.authority_powers import Confirmation
from idm.errors import NotFound


@single(
    "delegate",
    examples=(
        "idm delegate --authority pay --unit school_north --to pay_officer",
        "idm delegate --authority it --unit schools --to it_officer --to head_south --until 2027-12-31",
        "idm delegate --authority pay --unit school_north --to pay_officer --case c-4x7k2m9qhv --as head_north",
        "idm delegate --authority pay --unit schools --to team:payroll_office --amount 50000 --kind payroll --in school_north",
    ),
    exits={3: "a unit, person or date is wrong; nothing was granted", 5: "the granter doesn't manage that unit"},
)
@click.option("--authority", required=True, type=click.Choice([authority.value for authority in Authority]), help="Which authority.")
@click.option("--unit", required=True, help="The unit it holds for, with all below it.")
@click.option(
    "--to",
    required=True,
    multiple=True,
    metavar="PERSON",
    help="Who holds it: a person, or team:NAME of authority.yaml; give it again for several.",
)
@click.argument("more", nargs=-1, metavar="[PERSON]...")
@click.option("--from", "since", type=DAY, metavar="DATE", help="The first day (YYYY-MM-DD); today, if left out.")
@click.option("--until", type=DAY, metavar="DATE", help="The last day; without end, if left out.")
@click.option("--case", "case", default="", help="For this case alone.")
@click.option("--amount", default="", metavar="KRONER", help="Only up to this amount; above it, the next level is asked.")
@click.option("--in", "within", multiple=True, metavar="UNIT", help="Only in this unit below --unit, with all below it; several times.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind of task or document, or form; several times.")
@click.option("--as", "granter", default="", metavar="MANAGER", help="Who grants it: the unit's manager, if left out.")
def delegate(
    authority: str,
    unit: str,
    to: Sequence[str],
    more: Sequence[str],
    since: date | None,
    until: date | None,
    case: str,
    amount: str,
    within: Sequence[str],
    kinds: Sequence[str],
    granter: str,
) -> Answer:
    """Grant an authority over a unit, or for one case, to people or teams. Further ones may follow the first: --to A B."""
    from idm.flow.delegate import delegate as grant

    with installation() as found:
        app = found.app
        granted = grant(
            app,
            Authority(authority),
            unit,
            [*to, *more],
            granter=granter,
            since=since,
            until=until,
            case=case_id(app, case) if case else "",
            limits=Limits(kroner(amount), tuple(dict.fromkeys(within)), tuple(dict.fromkeys(kinds))),
            administrator=administrator(),
        )
        items = [_item(delegation, app.clock.today(), {}) for delegation in granted]
    text = [
        f"{d.to} holds the {d.authority.value} authority of {d.unit} from {d.since} ({d.id}), granted by {d.granted_by}"
        f"{f', {d.limits.words()}' if d.limits.words() else ''}."
        for d in granted
    ]
    return Answer({"items": items}, text)


delegations = IdmGroup(
    "delegations",
    help="Who may act for which unit.",
    lazy={
        "resolve": ("idm.commands.delegation_views", "show who may act in a case, in which order, and why nobody else"),
        "export": ("idm.commands.delegation_views", "write out the full directory of powers, with its gaps and oddities"),
        "used": ("idm.commands.delegation_views", "list decisions by the power they were made by"),
    },
    examples=("idm delegations list --unit school_north", "idm delegations resolve --case c-4x7k2m9qhv"),
)


@delegations.add(
    "list",
    examples=(
        "idm delegations list",
        "idm delegations list --unit school_north",
        "idm delegations list --person pay_officer --json",
        "idm delegations list --unconfirmed",
    ),
    exits={4: "there is no such unit or person"},
)
@click.option("--unit", default="", help="Only those that count for this unit: its own and those of the units above it.")
@click.option("--person", default="", help="Only those of this person.")
@click.option("--unconfirmed", is_flag=True, help="Only those in force that must be confirmed soon, or should have been.")
def list_(unit: str, person: str, unconfirmed: bool) -> Answer:
    """List delegations: who holds which authority where, from when to when, on whose word."""
    from idm.flow.delegation_life import confirmation

    with installation() as found:
        store, today = found.app.store, found.app.clock.today()
        person = demand_known(found.app, person=person)
        units = None
        if unit:
            units = [above.id for above in store.organisation().path(unit)]
            if not units:
                raise NotFound(f"There is no unit '{unit}'.", next_step="`idm org show` lists the units.")
        rows = [row for row in store.delegations(units=units) if not person or row.to == person]
        standing = confirmation(found.app, rows)
        if unconfirmed:
            rows = [row for row in rows if standing.get(row.id, Confirmation.FINE) is not Confirmation.FINE]
        people = {id: who.full_name for id, who in store.people({row.to for row in rows}).items()}
    items = [_item(row, today, people, standing.get(row.id)) for row in rows]
    heads = ("id", "authority", "unit", "holder", "name", "from", "until", "case", "granted by", "in force", "limits", "confirmed")
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
            row.limits.words(),
            i["confirmed_on"] or i["confirmation"],
        )
        for i, row in zip(items, rows, strict=True)
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


@delegations.add(
    "confirm",
    examples=(
        "idm delegations confirm d-4x7k2m9qhv --as head_north",
        "idm delegations confirm d-4x7k2m9qhv d-7x2m9qhv4k --as director --json",
    ),
    exits={4: "there is no such delegation; nothing was confirmed", 5: "they don't manage its unit", 6: "it is over"},
)
@click.argument("ids", metavar="DELEGATION...", nargs=-1, required=True)
@click.option("--as", "manager", required=True, metavar="MANAGER", help="Who confirms: a manager of its unit or of one above.")
def confirm_(ids: Sequence[str], manager: str) -> Answer:
    """Confirm that delegations go on, as a manager; policy says how often. All or nothing."""
    from idm.flow.delegation_life import confirm, confirmation

    with installation() as found:
        confirmed = confirm(found.app, ids, manager, administrator())
        standing = confirmation(found.app, confirmed)
        items = [_item(row, found.app.clock.today(), {}, standing.get(row.id)) for row in confirmed]
    text = [
        f"{each.to} keeps the {each.authority.value} authority of {each.unit} ({each.id}), confirmed by {each.confirmed_by}."
        for each in confirmed
    ]
    return Answer({"items": items}, text)


def _item(row: Delegation, today: date, people: dict[str, str], standing: Confirmation | None = None) -> dict[str, Any]:
    limits = row.limits
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
        "holds": row.holds(today) and standing is not Confirmation.LAPSED,
        "limits": {
            "amount": f"{limits.amount:f}" if limits.amount is not None else None,
            "units": list(limits.units),
            "kinds": list(limits.kinds),
        },
        "confirmed_on": row.confirmed_on.isoformat() if row.confirmed_on else None,
        "confirmed_by": row.confirmed_by or None,
        "confirmation": standing.value if standing is not None else None,
    }
