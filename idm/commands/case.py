"""`idm case`: list, show, draw, retry and cancel cases."""

from __future__ import annotations

from typing import Any

import click

from idm.commands import graph as drawing
from idm.commands.answer import Answer, note
from idm.commands.case_comments import comment_lines
from idm.commands.case_waiting import PAUSE_HEADS, pause_row
from idm.commands.command import IdmGroup
from idm.commands.session import administrator, case_id, demand_known, installation
from idm.commands.text import colourful, local, table, unicode_output
from idm.domain.case import CaseState
from idm.flow import steer
from idm.flow.show import show_case
from idm.rows import CaseRow

case = IdmGroup(
    "case",
    help="Cases: one for each hire. CASE is a case's id, or that of its employment.",
    examples=("idm case list --state waiting", "idm case show c-4x7k2m9qhv", "idm case graph c-4x7k2m9qhv"),
    lazy={
        "comment": ("idm.commands.case_comments", "comment on a case"),
        "comments": ("idm.commands.case_comments", "list the comments on a case"),
        "uncomment": ("idm.commands.case_comments", "erase the text of a comment"),
        "move": ("idm.commands.case_departures", "change the facts of a hire"),
        "cancel": ("idm.commands.case_departures", "cancel a hire"),
        "again": ("idm.commands.case_forms", "let the person hired tell something anew"),
        "wait": ("idm.commands.case_waiting", "let a case wait with good reason"),
        "resume": ("idm.commands.case_waiting", "end the waiting of a case"),
        "history": ("idm.commands.case_history", "tell a case as a story"),
    },
)

MOST = 1000
_NONE = {4: "there is no such case"}


@case.add(
    "list",
    examples=("idm case list", "idm case list --state waiting --unit school_north", "idm case list --json"),
    exits={4: "there is no such unit or person"},
)
@click.option("--state", type=click.Choice([state.value for state in CaseState]), help="Only cases in this state.")
@click.option("--unit", default="", help="Only cases of this unit.")
@click.option("--person", default="", help="Only cases of this person.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=MOST, show_default=True, help="At most so many.")
def list_(state: str | None, unit: str, person: str, limit: int) -> Answer:
    """List cases, the earliest start date first."""
    with installation() as found:
        person = demand_known(found.app, unit=unit, person=person)
        rows = found.app.store.list_cases(state=state or "", unit=unit, person=person, limit=limit)
    if len(rows) == limit:
        note(f"Only the first {limit} are shown: name a --unit or --state, or raise --limit.")
    items = [
        {
            "id": row.id,
            "person": row.person,
            "person_name": row.person_name,
            "employment": row.employment,
            "unit": row.unit,
            "journey": row.journey,
            "state": row.state,
            "version": row.version,
            "start_date": row.start_date.isoformat(),
            "created_at": row.created_at.isoformat(timespec="seconds"),
            "refused": list(row.refused),
            "short_notice": row.short_notice,
        }
        for row in rows
    ]
    shown = [
        (row.id, row.state, row.start_date, row.unit, row.person_name, row.person, row.employment, ", ".join(_remarks(row))) for row in rows
    ]
    heads = ("case", "state", "start", "unit", "name", "person", "employment", "needs a look")
    return Answer({"items": items}, table(heads, shown, "No such cases."))


def _remarks(row: CaseRow) -> list[str]:
    return [*row.refused, *(["short notice"] if row.short_notice else [])]


@case.add("show", examples=("idm case show c-4x7k2m9qhv", "idm case show e-9mzq47kd2c --json"), exits=_NONE)
@click.argument("case")
def show(case: str) -> Answer:
    """Show a case: its facts, each step with what it waits for, its documents."""
    with installation() as found:
        document = show_case(found.app, case_id(found.app, case))
    return Answer(document, _shown(document))


def _shown(case: dict[str, Any]) -> list[str]:
    until = f" to {case['end_date']}" if case["end_date"] else ""
    hours = f", {case['weekly_hours']} hours a week" if case["weekly_hours"] else ""
    short = ", at short notice" if case["short_notice"] else ""
    lines = [
        f"Case {case['id']}: {case['state']}",
        f"  {case['person_name']} ({case['person']}), employment {case['employment']}",
        f"  {case['position']} in {case['unit']} from {case['start_date']}{until}{hours}{short}",
        f"  journey {case['journey']['name']} ({case['journey']['hash'][:12]}), version {case['version']}",
        "",
    ]
    steps = [(s["id"], s["state"], drawing.waits(s["waits_for"]), local(s["since"]), s["reason"] or s["task"]) for s in case["steps"]]
    lines += table(("step", "state", "waits for", "since", "why or task"), steps)
    if case["documents"]:
        documents = [(d["kind"], d["state"], d["id"], d["reason"]) for d in case["documents"]]
        lines += ["", *table(("document", "state", "id", "why"), documents)]
    if case["pauses"]:
        lines += ["", *table(PAUSE_HEADS, [pause_row(pause) for pause in case["pauses"]])]
    if case["comments"]:
        lines += ["", "COMMENTS", *comment_lines(case["comments"])]
    return lines


@case.add(
    "graph",
    examples=("idm case graph c-4x7k2m9qhv", "idm case graph c-4x7k2m9qhv --format mermaid", "idm case graph c-4x7k2m9qhv --json"),
    exits=_NONE,
)
@click.argument("case")
@click.option("--format", "form", type=click.Choice(["text", "mermaid", "json"]), default="text", show_default=True, help="How to draw it.")
def graph(case: str, form: str) -> Answer:
    """Draw a case's task graph: every step under the last one it needs, who it waits for, since when and why."""
    with installation() as found:
        shown = show_case(found.app, case_id(found.app, case))
    document = {key: shown[key] for key in ("id", "person", "start_date", "state")}
    document["items"] = drawing.nodes(shown["steps"])
    match form:
        case "json":
            return Answer(document, drawing.as_json({"schema": 1, **document}))
        case "mermaid":
            mermaid = drawing.mermaid(shown["steps"])
            return Answer({**document, "mermaid": "\n".join(mermaid)}, mermaid)
        case _:
            what = f"{shown['position']} in {shown['unit']} from {shown['start_date']}"
            head = f"Case {shown['id']}: {shown['state']}, {shown['person_name']}, {what}"
            return Answer(document, [head, *drawing.tree(shown["steps"], colour=colourful(), unicode=unicode_output())])


@case.add(
    "retry",
    examples=("idm case retry c-4x7k2m9qhv", "idm case retry c-4x7k2m9qhv record"),
    exits={**_NONE, 6: "nothing of it can be tried again"},
)
@click.argument("case")
@click.argument("step", required=False, default="")
def retry(case: str, step: str) -> Answer:
    """Try STEP again at once, or every step of the case that was refused or put off."""
    with installation() as found:
        after = steer.retry(found.app, case_id(found.app, case), step, administrator())
        document = show_case(found.app, after.id)
    ready = [s["id"] for s in document["steps"] if s["state"] == "ready"]
    words = f"Case {after.id}: {', '.join(ready)} will be tried again." if ready else f"Case {after.id} is {after.state.value}."
    return Answer(document, [words])
