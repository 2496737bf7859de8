"""`idm work`: do what is ready, straight from the database, beside a server or without one."""

from __future__ import annotations

import click

from idm.commands.answer import Answer, note
from idm.commands.command import single
from idm.commands.session import installation
from idm.domain.timers import HOME
from idm.ports import App

FAR = 9999
"""The last year that a date can have: every timer falls before its end."""


@single(
    "work",
    examples=("idm work --until-idle", "idm work", "idm work --until-idle --threads 4 --json"),
    exits={7: "the database can't be used"},
)
@click.option("--until-idle", is_flag=True, help="Also wait for retries, until only people, dates or open circuits are left.")
@click.option("--threads", type=click.IntRange(1, 256), default=16, show_default=True, help="How many lanes of cases are worked at once.")
def work(until_idle: bool, threads: int) -> Answer:
    """Do what is ready now and end. No broker is needed; it may run beside a server."""
    from idm.flow.drain import demand_workable, drain

    with installation() as found:
        for system, fault in found.connector_faults.items():
            note(f"{system} is left out: {fault.message} {fault.next_step}".strip())
        demand_workable(found.app)
        done = drain(found.app, threads=threads, until_idle=until_idle, tell=note)
        waiting = {
            "people": len(found.app.store.tasks(state="open", limit=1_000_000)),
            "dates": waiting_dates(found.app),
            "circuits": done.held_by_circuits,
        }
    text = [
        f"{done.worked} lanes of cases were worked. Now {waiting['people']} task(s) wait for people, {waiting['dates']} timer(s) for dates,"
        f" and {waiting['circuits']} system(s) are left alone for a while after failures."
    ]
    return Answer({"worked": done.worked, "waiting_for": waiting}, text)


def waiting_dates(app: App) -> int:
    """How many timers have not fallen yet."""
    from datetime import datetime

    return len(app.store.due_timers(datetime(FAR, 12, 30, tzinfo=HOME), limit=1_000_000))
