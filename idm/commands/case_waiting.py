"""`idm case wait` and `idm case resume`: waiting with good reason, which isn't lateness."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import single
from idm.commands.options import DAY
from idm.commands.session import administrator, case_id, installation
from idm.domain.case import Case
from idm.ports import App

_NONE = {4: "there is no such case, task or person"}


@single(
    "wait",
    examples=(
        "idm case wait c-4x7k2m9qhv --reason awaiting_authority --until 2027-01-15 --as head_north",
        "idm case wait c-4x7k2m9qhv --reason negotiation --task c-4x7k2m9qhv.payroll_form.1 --until 2027-01-15 --as pay_officer",
    ),
    exits={**_NONE, 3: "policy has no such reason, or doesn't allow that day", 5: "that person may not", 6: "it waits already, or is over"},
)
@click.argument("case")
@click.option("--reason", required=True, metavar="ID", help="One of the reasons in waiting.yaml.")
@click.option("--until", required=True, type=DAY, help="The last day of waiting; it ends by itself after that day.")
@click.option("--as", "person", required=True, metavar="PERSON", help="Who says so; your own name goes on record beside theirs.")
@click.option("--task", default="", help="Only this task waits; the whole case, if left out.")
def wait(case: str, reason: str, until: date, person: str, task: str) -> Answer:
    """Let a case, or one task of it, wait for a reason that policy names: the days don't count as lateness."""
    from idm.flow import waiting

    with installation() as found:
        after = waiting.wait(found.app, case_id(found.app, case), reason, until, person, task_id=task, administrator=administrator())
        document = _document(found.app, after)
    what = f"Task {task}" if task else f"Case {after.id}"
    return Answer(document, [f"{what} waits until the end of {until}; nothing of it gets late meanwhile."])


@single(
    "resume",
    examples=(
        "idm case resume c-4x7k2m9qhv --as head_north",
        "idm case resume c-4x7k2m9qhv --task c-4x7k2m9qhv.payroll_form.1 --as head_north",
    ),
    exits={**_NONE, 5: "that person may not", 6: "nothing waits, or the case is over"},
)
@click.argument("case")
@click.option("--as", "person", required=True, metavar="PERSON", help="Who says so; your own name goes on record beside theirs.")
@click.option("--task", default="", help="The task that waits; the whole case, if left out.")
def resume(case: str, person: str, task: str) -> Answer:
    """End the waiting of a case, or of one task of it, before its day: from today on, days count again."""
    from idm.flow import waiting

    with installation() as found:
        after = waiting.resume(found.app, case_id(found.app, case), person, task_id=task, administrator=administrator())
        document = _document(found.app, after)
    return Answer(document, [f"{f'Task {task}' if task else f'Case {after.id}'} goes on."])


def _document(app: App, case: Case) -> dict[str, Any]:
    from idm.flow.waiting import pauses_shown, waited_days

    return {"case": case.id, "version": case.version, "pauses": pauses_shown(app, case), "waited_working_days": waited_days(app, case)}


def pause_row(pause: Mapping[str, Any]) -> tuple[object, ...]:
    """A period of waiting as a row of a table: reason, what, from, to, whether it runs, working days, who."""
    state = "waits" if pause["runs"] else "over"
    what, title = pause["step"] or "the whole case", pause["titles"].get("en", pause["reason"])
    return title, what, pause["since"], pause["until"], pause["ended"] or "", state, pause["working_days"], pause["by"]


PAUSE_HEADS = ("waiting", "of", "from", "to", "ended early", "state", "days", "by")
"""What stands above such rows."""
