"""`idm substitute`: who acts for somebody who is away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup
from idm.commands.options import DAY
from idm.commands.session import administrator, demand_known, installation
from idm.commands.text import table
from idm.domain.authority_powers import Substitution
from idm.errors import BadUsage

substitute = IdmGroup(
    "substitute",
    help="Who acts for somebody who is away.",
    examples=("idm substitute set head_north --by head_south --until 2027-01-10", "idm substitute list --person head_north"),
)


@substitute.add(
    "set",
    examples=(
        "idm substitute set head_north --by head_south --until 2027-01-10",
        "idm substitute set pay_officer --by it_officer --authority pay --unit schools --from 2027-02-08 --as pay_officer",
        "idm substitute set head_north --away --until 2027-01-10",
    ),
    exits={3: "a person, unit or date is wrong; nothing was entered", 5: "that person can't enter it"},
)
@click.argument("person")
@click.option("--by", "other", default="", metavar="PERSON", help="Who acts for them.")
@click.option("--away", is_flag=True, help="Nobody acts for them: what would wait for them goes to the next level or the back-up.")
@click.option("--from", "since", type=DAY, metavar="DATE", help="The first day (YYYY-MM-DD); today, if left out.")
@click.option("--until", type=DAY, metavar="DATE", help="The last day; until it is ended, if left out.")
@click.option(
    "--authority",
    "authorities",
    multiple=True,
    type=click.Choice(["manager", "pay", "it", "control"]),
    help="Only for this; several times. `manager` means what they decide as a manager.",
)
@click.option("--unit", "units", multiple=True, help="Only in this unit, with all below it; several times.")
@click.option("--as", "entered_by", default="", metavar="PERSON", help="The person themself enters it; without, you do as administrator.")
def set_(
    person: str,
    other: str,
    away: bool,
    since: date | None,
    until: date | None,
    authorities: Sequence[str],
    units: Sequence[str],
    entered_by: str,
) -> Answer:
    """Enter who acts for PERSON in a period. PERSON may still act themself; nobody ever acts in their own hire."""
    from idm.flow.substitute import Absence, substitute

    if bool(other) == away:
        raise BadUsage("Say either who acts for them (--by), or that nobody does (--away).", next_step="Give one of the two.")
    wanted = Absence(person, other, since, until, tuple(dict.fromkeys(authorities)), tuple(dict.fromkeys(units)))
    with installation() as found:
        entered = substitute(found.app, wanted, by=entered_by, administrator=administrator())
        item = _item(entered, found.app.clock.today())
    acts = (
        f"{entered.substitute} acts for {entered.person}" if entered.substitute else f"{entered.person} is away, and nobody acts for them"
    )
    return Answer(item, [f"{acts} from {entered.since}{f' until {entered.until}' if entered.until else ''} ({entered.id})."])


@substitute.add(
    "list",
    examples=("idm substitute list", "idm substitute list --person head_north --all --json"),
    exits={4: "there is no such person"},
)
@click.option("--person", default="", help="Only those of or by this person.")
@click.option("--all", "everything", is_flag=True, help="Also those that are over.")
def list_(person: str, everything: bool) -> Answer:
    """List who acts for whom, from when to when, for what, and who entered it."""
    from idm.flow.substitute import list_substitutions

    with installation() as found:
        today = found.app.clock.today()
        person = demand_known(found.app, person=person)
        rows = list_substitutions(found.app, person=person, everything=everything)
    items = [_item(row, today) for row in rows]
    heads = ("id", "person", "substitute", "from", "until", "for", "in", "entered by", "in force")
    shown = [
        (
            i["id"],
            i["person"],
            i["substitute"] or "nobody",
            i["since"],
            i["until"],
            ", ".join(i["authorities"]) or "everything",
            ", ".join(i["units"]) or "everywhere",
            i["entered_by"],
            "yes" if i["holds"] else "no",
        )
        for i in items
    ]
    return Answer({"items": items}, table(heads, shown, "Nobody is substituted."))


@substitute.add(
    "end",
    examples=("idm substitute end s-4x7k2m9qhv", "idm substitute end s-4x7k2m9qhv --as head_north --json"),
    exits={4: "there is no such substitution", 5: "that person can't end it", 6: "it is over already"},
)
@click.argument("id", metavar="SUBSTITUTION")
@click.option("--as", "ended_by", default="", metavar="PERSON", help="The person substituted ends it; without, you do as administrator.")
def end(id: str, ended_by: str) -> Answer:
    """End a substitution at once; what was decided by it stays decided."""
    from idm.flow.substitute import end_substitution

    with installation() as found:
        ended = end_substitution(found.app, id, by=ended_by, administrator=administrator())
        item = _item(ended, found.app.clock.today())
    said = f"{ended.substitute} does not act for {ended.person} any more" if ended.substitute else f"{ended.person} is back"
    return Answer(item, [f"{said} ({ended.id})."])


def _item(row: Substitution, today: date) -> dict[str, Any]:
    return {
        "id": row.id,
        "person": row.person,
        "substitute": row.substitute or None,
        "since": row.since.isoformat(),
        "until": row.until.isoformat() if row.until else None,
        "authorities": list(row.authorities),
        "units": list(row.units),
        "entered_by": row.entered_by,
        "ended": row.ended.isoformat() if row.ended else None,
        "holds": row.holds(today),
    }
