"""`idm case move` and `idm case cancel`: departures from plan, with what follows shown before it is done."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from idm.commands.answer import Answer, note
from idm.commands.command import single
from idm.commands.options import DAY
from idm.commands.session import administrator, case_id, installation
from idm.domain.consequences import Consequence
from idm.errors import BadUsage
from idm.ports import App

_EXITS = {
    3: "the reason is missing, or the facts can't be so",
    4: "there is no such case",
    5: "that person may not",
    6: "the case is over, or it is too late for that",
}
_PREVIEW = click.option("--preview", is_flag=True, help="Only show what would follow; nothing is done.")
_AS = click.option("--as", "person", default="", metavar="PERSON", help="The manager on whose word; you, as administrator, if left out.")


@single(
    "move",
    examples=(
        "idm case move c-4x7k2m9qhv --start-date 2027-02-01 --preview",
        'idm case move c-4x7k2m9qhv --start-date 2027-02-01 --reason "agreed with the old employer" --as head_north',
        "idm case move c-4x7k2m9qhv --unit school_south --position teacher",
    ),
    exits={**_EXITS, 3: "the facts can't be so"},
)
@click.argument("case")
@click.option("--start-date", type=DAY, help="The first day of work, in any state of the case.")
@click.option("--end-date", type=DAY, help="The last day of work.")
@click.option("--no-end-date", is_flag=True, help="The employment has no end any more.")
@click.option("--unit", default=None, help="Another unit; only before the start.")
@click.option("--position", default=None, help="Another position; only before the start.")
@click.option("--weekly-hours", default=None, metavar="HOURS", help="Hours a week, such as 30 or 18.5.")
@click.option("--manager", default=None, metavar="PERSON", help="The manager of this hire; the unit's own if empty.")
@click.option("--reason", default="", help="Why, in words; it goes on record, and whoever is asked again reads it.")
@_AS
@_PREVIEW
def move(case: str, reason: str, person: str, preview: bool, **given: Any) -> Answer:
    """Change the facts of a hire: its dates, hours, unit, position or manager.

    What was decided on the old facts is asked again as the journey says, and every system is brought into line. What follows is shown.
    """
    from idm.flow import depart
    from idm.flow.known_as import known_as

    facts = _facts(given)
    with installation() as found:
        app = found.app
        id = case_id(app, case)
        word = depart.Word(known_as(app, person), administrator(), reason)
        follows = depart.foresee_move(app, id, facts, word)
        if not preview and follows:
            _ask(follows)
            depart.move(app, id, facts, word)
        return _answer(
            app, id, follows, "It is so already; nothing was changed." if not follows else "The hire was changed.", preview=preview
        )


@single(
    "cancel",
    examples=('idm case cancel c-4x7k2m9qhv --reason "withdrew the application"', 'idm case cancel c-4x7k2m9qhv --reason "no" --preview'),
    exits=_EXITS,
)
@click.argument("case")
@click.option("--reason", required=True, help="Why, in words; it goes on record.")
@_AS
@_PREVIEW
def cancel(case: str, reason: str, person: str, preview: bool) -> Answer:
    """Cancel a hire: its tasks are withdrawn, and every system takes back what was done."""
    from idm.flow import depart
    from idm.flow.known_as import known_as

    with installation() as found:
        app = found.app
        id = case_id(app, case)
        word = depart.Word(known_as(app, person), administrator(), reason)
        follows = depart.foresee_cancel(app, id, word)
        undone = ""
        if not preview:
            _ask(follows)
            after = depart.cancel(app, id, word)
            undone = f" It takes back what was done in {', '.join(after.undo)}." if after.undo else ""
        return _answer(app, id, follows, f"Case {id} is cancelled.{undone}", preview=preview)


def _facts(given: dict[str, Any]) -> dict[str, Any]:
    """What was given of the facts, as the domain names them."""
    from idm.inputs.events import hours
    from idm.inputs.fields import Fields

    told = ("unit", "position", "manager", "start_date", "end_date")
    facts: dict[str, Any] = {name: given[name] for name in told if given[name] is not None}
    if given["no_end_date"]:
        if "end_date" in facts:
            raise BadUsage("--end-date and --no-end-date can't both be.", next_step="Give one of them.")
        facts["end_date"] = None
    if given["weekly_hours"] is not None:
        faults: list[Any] = []
        facts["weekly_hours"] = hours(Fields({"weekly_hours": given["weekly_hours"]}, "", faults))
        if faults:
            raise BadUsage(f"--weekly-hours {faults[0].message}.", next_step="Give the hours with a decimal point, such as 18.5.")
    if not facts:
        raise BadUsage("Nothing to change was given.", next_step="Give at least one of --start-date, --end-date, --unit, --position ...")
    return facts


def _ask(follows: Sequence[Consequence]) -> None:
    """At a terminal, show what follows and ask; a script that calls it has decided."""
    if not sys.stdin.isatty():
        return
    for each in follows:
        note(f"  {each.words}")
    click.confirm("Do it?", abort=True, err=True)


def _answer(app: App, case: str, follows: Sequence[Consequence], words: str, *, preview: bool) -> Answer:
    from idm.flow.show import show_case

    document = {**show_case(app, case), "preview": preview, "consequences": [each.as_json() for each in follows]}
    head = "This would follow; nothing was done:" if preview else words
    return Answer(document, [head, *(f"  {each.words}" for each in follows)])
