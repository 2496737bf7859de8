"""`idm task`: list what waits for people, and do it as one of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup
from idm.commands.rights_text import rights_lines
from idm.commands.session import administrator, case_id, demand_known, installation, read_bytes
from idm.commands.text import local, table
from idm.commands.whole_text import whole_lines
from idm.domain.authority import Holder
from idm.domain.projection import Task
from idm.flow import tasks
from idm.flow.deadlines import Lateness, lateness
from idm.flow.graphs import load

task = IdmGroup(
    "task",
    help="What waits for people.",
    examples=(
        "idm task list --as head_north",
        "idm task show c-4x7k2m9qhv.appoint.1",
        "idm task do TASK --as pay_officer --input answer.json",
    ),
    lazy={"stranded": ("idm.commands.task_stranded", "list tasks that nobody can do")},
)

_NONE = {4: "there is no such task"}


@task.add(
    "list",
    examples=("idm task list", "idm task list --as head_north", "idm task list --overdue", "idm task list --case c-4x7k2m9qhv --state all"),
    exits={4: "there is no such person or case"},
)
@click.option("--as", "person", default="", metavar="PERSON", help="Only tasks that this person may do today.")
@click.option("--case", "case", default="", help="Only tasks of this case.")
@click.option("--state", type=click.Choice(["open", "done", "all"]), default="open", show_default=True, help="Which tasks.")
@click.option("--overdue", is_flag=True, help="Only tasks that are late.")
def list_(person: str, case: str, state: str, overdue: bool) -> Answer:
    """List tasks with who may do each today: the latest first, then those due next."""
    with installation() as found:
        app = found.app
        person = demand_known(app, person=person)
        case = case_id(app, case) if case else ""
        rows = tasks.open_tasks(app, person=person, case=case, state="" if state == "all" else state)
        late = lateness(app)
        rows = sorted((each for each in rows if not overdue or late.of(each[0])), key=lambda each: late.order(each[0]))
        people = {id: who.full_name for id, who in app.store.people({row.person for row, _ in rows}).items()}
    items = [{**as_item(row, may, late), "hire": people.get(row.person, "")} for row, may in rows]
    shown = [
        (i["id"], i["kind"], i["hire"], i["unit"], i["state"], ", ".join(i["actors"]) or _nobody(i), i["due"], _late(i), i["reason"])
        for i in items
    ]
    heads = ("task", "kind", "about", "unit", "state", "who", "due", "late", "why")
    return Answer({"items": items}, table(heads, shown, "Nothing waits for anybody here."))


def _nobody(item: dict[str, Any]) -> str:
    return "nobody: use `idm delegate`" if item["state"] == "open" else ""


def _late(item: dict[str, Any]) -> str:
    return f"{item['overdue']} working days" if item["overdue"] else ""


def as_item(row: Task, may: Sequence[Holder], late: Lateness) -> dict[str, Any]:
    """A task in the outside contract's shape; only an open one names who may do it, and can be late."""
    return {
        "id": row.id,
        "case": row.case,
        "step": row.step,
        "kind": row.kind,
        "state": row.state,
        "actors": [holder.person for holder in may] if row.state == "open" else [],
        "actor": row.actor.value,
        "unit": row.unit,
        "document": row.document or None,
        "since": row.since.isoformat(timespec="seconds"),
        "due": row.due.isoformat() if row.due is not None else None,
        "overdue": late.of(row),
        "escalated": row.escalated,
        "reason": row.reason,
    }


@task.add(
    "show",
    examples=(
        "idm task show c-4x7k2m9qhv.appoint.1",
        "idm task show c-4x7k2m9qhv.payroll_form.1 --json",
        "idm task show c-4x7k2m9qhv.payroll_form.1 --input so_far.json",
    ),
    exits={**_NONE, 3: "the answers so far can't be read"},
)
@click.argument("task")
@click.option(
    "--input", "file", default="", metavar="FILE", help="Answers so far, as for `task do`: the payroll form shows what is left after them."
)
def show(task: str, file: str) -> Answer:
    """Show a task: who may do it and on what ground, and what it takes: decisions, fields, an example."""
    from idm.inputs.task_input import read_task_input

    given = read_task_input(read_bytes(file)).values if file else {}
    with installation() as found:
        app = found.app
        row = tasks.task(app, task)
        may = tasks.actors(app, load(app, row.case).case, row.actor, row.step, row.escalated)
        late = lateness(app)
        takes = tasks.describe(app, row, given)
        hire = app.store.people({row.person}).get(row.person)
    document = {
        **as_item(row, may, late),
        "hire": hire.full_name if hire else "",
        "basis": {holder.person: holder.basis for holder in may},
        "takes": takes,
    }
    return Answer(document, _shown(document))


def _shown(task: dict[str, Any]) -> list[str]:
    takes = task["takes"]
    lines = [
        f"Task {task['id']}: {task['kind']}, {task['state']} since {local(task['since'])}",
        f"  about {task['hire']} in {task['unit']}",
    ]
    if task["due"]:
        lines.append(f"  due on {task['due']}{f', {_late(task)} ago' if task['overdue'] else ''}")
    lines += [f"  {person} may do it: {basis}" for person, basis in task["basis"].items()] or ["  Nobody may do it: use `idm delegate`."]
    lines += [f"  why: {task['reason']}"] if task["reason"] else []
    if "document" in takes:
        lines.append(f"  document: {takes['document']['id']} ({takes['document']['name']}); read it with `idm document get`")
    if first := takes.get("first"):
        values = f" with {json.dumps(first['values'], ensure_ascii=False)}" if first["values"] else ""
        lines.append(
            f"  {first['by']} answered {first['decision']}{values} at {local(first['at'])}; a second person is asked by {first['rule']}"
        )
    lines += [f"  decisions: {', '.join(takes['decisions'])}"] if takes["decisions"] else []
    lines += whole_lines(takes)
    lines += form_lines(takes)
    lines += rights_lines(takes)
    if task["state"] != "open":
        return [*lines, f"Next: `idm audit list {task['case']}` tells what was decided."]
    if "command" in takes:
        return [*lines, f"Next: `{takes['command']}`."]
    lines += [f"  for example: {json.dumps(takes['example'])}"] if takes.get("example") else []
    return [*lines, f"Next: `idm task do {task['id']} --as PERSON --input FILE`."]


def form_lines(takes: Mapping[str, Any]) -> list[str]:
    """The fields that are asked, one a line, with what the payroll funnel says of them."""
    lines: list[str] = []
    for asked in takes.get("fields", ()):
        choices = f" ({', '.join(asked['choices'])})" if asked.get("choices") else ""
        title = f" - {asked['titles']['en']}" if asked.get("titles", {}).get("en") else ""
        proposed = f", proposed {asked['proposed']}" if asked.get("proposed") else ""
        proposed = f", answered {asked['answer']}" if asked.get("answer") else proposed
        lines.append(f"  {asked['id']}: {asked['type']}{'' if asked['required'] else ', may be left out'}{proposed}{choices}{title}")
        lines += [f"    from {each['low'] or '...'} to {each['high'] or '...'} ({each['rule']})" for each in asked.get("ranges", ())]
    lines += [f"  refused: {fault['path']}: {fault['message']} [{fault['rule']}]" for fault in takes.get("refusals", ())]
    lines += [f"  note: {notice['message']} [{notice['rule']}]" for notice in takes.get("notices", ())]
    lines += [f"  pay: {takes['monthly_amount']} kroner a month"] if takes.get("monthly_amount") else []
    return lines


@task.add(
    "do",
    examples=(
        "idm task do c-4x7k2m9qhv.appoint.1 --as head_north --input answer.json",
        "idm task do c-4x7k2m9qhv.review-contract.1 --as pay_officer --input - < accept.json",
    ),
    exits={
        **_NONE,
        3: "the answer isn't right; nothing was saved",
        5: "that person may not do it",
        6: "it was done already, or the case is over",
    },
)
@click.argument("task")
@click.option("--as", "person", required=True, metavar="PERSON", help="The person who decides; your own name goes on record beside theirs.")
@click.option(
    "--input", "file", required=True, metavar="FILE", help="The answer in JSON: {decision, reason, values}; - for standard input."
)
def do(task: str, person: str, file: str) -> Answer:
    """Do a task as a person: hand over their decision, with you on record as acting for them."""
    from idm.flow.deciding import Decision
    from idm.inputs.task_input import read_task_input

    answer = read_task_input(read_bytes(file))
    with installation() as found:
        app = found.app
        decision = Decision(answer.decision, answer.reason, answer.values)
        after = tasks.do_task(app, task, person, decision, administrator())
        opened = [row.id for row in app.store.tasks(case=after.id, state="open")]
        now = tasks.task(app, task)
    document = {
        "task": task,
        "state": now.state,
        "case": after.id,
        "case_state": after.state.value,
        "version": after.version,
        "open": opened,
    }
    # Some answers keep the task open, such as one that nothing can go on after.
    ended = f"is answered, and stays open: {now.reason}" if now.state == "open" else f"is {now.state}"
    text = [f"Task {task} {ended}. Case {after.id} is {after.state.value}."]
    return Answer(document, [*text, *(f"  open: {id}" for id in opened)])
