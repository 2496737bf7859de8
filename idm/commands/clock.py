"""`idm clock`: the business time, which a demo or test installation may put forward."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup
from idm.commands.session import administrator, installation
from idm.commands.text import local
from idm.domain import audit
from idm.domain.timers import HOME
from idm.errors import Conflict, NotAllowed
from idm.ports import App

clock = IdmGroup(
    "clock", help="The business time: dates, due dates and timers go by it.", examples=("idm clock show", "idm clock set 2027-01-04T08:00")
)

STREAM = "clock"
"""The audit stream of clock settings."""


@clock.add("show", examples=("idm clock show", "idm clock show --json"))
def show() -> Answer:
    """Show the business time, and how far it is ahead of the machine's."""
    with installation() as found:
        return _told(found.app)


def _told(app: App) -> Answer:
    now, machine = app.clock.now(), app.clock.machine()
    ahead = round((now - machine).total_seconds())
    document: dict[str, Any] = {
        "now": now.astimezone(HOME).isoformat(timespec="seconds"),
        "today": app.clock.today().isoformat(),
        "machine": machine.isoformat(timespec="seconds"),
        "offset_seconds": ahead,
    }
    return Answer(document, [f"It is {local(now)} in Denmark" + (f", {ahead} seconds ahead of the machine." if ahead else ".")])


@clock.add(
    "set",
    examples=("idm clock set 2027-01-04T08:00", "idm clock set 2027-01-04"),
    exits={5: "this is a production installation", 6: "that time is past; the clock is never set back"},
)
@click.argument("time", metavar="TIME", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]))
def set_(time: datetime) -> Answer:
    """Put the business time forward to TIME (Danish time). It goes on ticking from there, in every process."""
    with installation() as found:
        if found.kind == "production":
            raise NotAllowed(
                "The clock of a production installation can't be set.",
                next_step="Make another with `idm init --test` and another IDM_HOME.",
            )
        app = found.app
        wanted = time.replace(tzinfo=HOME).astimezone(UTC)
        now = app.clock.now()
        if wanted < now:
            raise Conflict(
                f"It is {local(now)} here already, and the clock is never set back.",
                next_step="Name a later time, or make a new installation.",
            )
        offset = (wanted - app.clock.machine()).total_seconds()
        payload = {"from": now.isoformat(timespec="seconds"), "to": wanted.isoformat(timespec="seconds")}
        by = administrator()
        with app.store.write() as writer:
            writer.put_setting("clock_offset", repr(offset))
            writer.append(STREAM, lambda head: audit.chain(STREAM, head, now, by, "clock-set", payload, app.random(12).hex()))
        found.clock.forget()
        return _told(app)
