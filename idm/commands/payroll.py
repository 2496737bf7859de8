"""`idm payroll`: the tables of agreements, classes, steps and the rest, kept by payroll staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from idm.commands.answer import Answer, error_lines, fault_lines, note
from idm.commands.command import IdmGroup, wants_json
from idm.commands.options import DAY
from idm.commands.session import administrator, demand_known, installation, read_bytes, writing
from idm.commands.task import form_lines
from idm.commands.text import table as text_table
from idm.domain.payroll_funnel import Place
from idm.domain.policy import Policies
from idm.durable import write_new
from idm.errors import BadInput, BadUsage, Conflict, Fault, NotFound
from idm.flow.payroll import ask_place
from idm.flow.payroll_recheck import Concerned, concerned, recheck
from idm.policy_files.payroll_change import Proposal, propose, table_named
from idm.policy_files.payroll_csv import written
from idm.table_keeping import look, of_payroll
from idm.table_keeping import rows as table_rows
from idm.table_keeping import take as take_it

payroll = IdmGroup(
    "payroll",
    help="The payroll tables: agreements, classes, steps, supplements, pensions and what is allowed where.",
    examples=("idm payroll export classes --to classes.csv", "idm payroll check classes.csv", "idm payroll import classes.csv --take"),
)

_TABLE = click.option("--table", "name", default="", help="Which table it is; what the file is called, if left out.")
_NO_TABLE = "there is no such file or table"
_BROKEN = "the file breaks rules; every fault is named with its line"


@payroll.add(
    "import",
    examples=(
        "idm payroll import classes.csv",
        "idm payroll import classes.csv --take --as pay_officer",
        "idm payroll import april.csv --table classes --take",
    ),
    exits={
        3: f"{_BROKEN}; nothing was taken",
        4: f"{_NO_TABLE}, or no such person",
        6: "the table was changed meanwhile; nothing was taken",
    },
)
@click.argument("file")
@_TABLE
@click.option("--take", is_flag=True, help="Take it; without this the difference is only shown.")
@click.option("--as", "person", default="", metavar="PERSON", help="Who takes it; your own name goes on record beside theirs.")
def import_(file: str, name: str, take: bool, person: str) -> Answer:
    """Show what FILE would change in its table, and which running cases that concerns; with --take, take it.

    FILE holds the whole table. A submitted payroll form that no longer holds is asked again, unless payroll has it already.
    """
    name = table_named(name, file)
    content = read_bytes(file)
    with installation() as found:
        app, folder = found.app, found.settings.home / "policies"
        person = demand_known(app, person=person)
        seen = look(app, folder, name, file, content)
        proposal, cases = seen.proposal, seen.cases
        if take:
            take_it(app, folder, proposal, person or administrator(), administrator())
    if take:
        with installation() as found:
            # Opened anew, so that the tables in force are those just taken.
            recheck(found.app)
    document: dict[str, Any] = {
        "table": name,
        "file": file,
        "taken": take,
        "hash": proposal.text.hash if proposal.changes or proposal.before is None else proposal.before.hash,
        "counts": proposal.counts(),
        "items": [change.as_json() for change in proposal.changes],
        "cases": [case.as_json() for case in cases],
        "warnings": [warning.as_json() for warning in seen.warnings],
    }
    return Answer(document, _told(proposal, cases, file, taken=take))


def _told(proposal: Proposal, cases: Sequence[Concerned], file: str, *, taken: bool) -> list[str]:
    if not proposal.changes:
        return [f"{file} holds what the table '{proposal.table}' holds already."]
    counts = ", ".join(f"{count} {kind}" for kind, count in proposal.counts().items() if count)
    lines = [f"Table '{proposal.table}': {counts}."]
    for change in proposal.changes:
        cells = " ".join(value for value in change.cells.values() if value)
        was = "; ".join(f"{column} was {value or 'empty'}" for column, value in change.was.items())
        lines.append(f"  {change.kind}, line {change.line}: {cells}{f' ({was})' if was else ''}")
    if cases:
        lines.append(f"Running cases that it concerns: {len(cases)}")
        lines += [f"  {line}" for line in _case_lines(cases)]
    warnings = of_payroll(proposal.warnings, file)
    lines += ["Worth a look:", *fault_lines(warnings)] if warnings else []
    return [*lines, "Taken." if taken else "Nothing is taken yet. Next: the same with --take."]


def _case_lines(cases: Sequence[Concerned]) -> list[str]:
    rows = [
        (case.case, case.unit, case.start_date, case.stage, case.effect, "; ".join(fault.message for fault in case.faults))
        for case in cases
    ]
    return text_table(("case", "unit", "start", "payroll form", "effect", "why"), rows)


@payroll.add(
    "check",
    examples=("idm payroll check", "idm payroll check classes.csv", "idm payroll check april.csv --table classes --days 120"),
    exits={3: _BROKEN, 4: _NO_TABLE},
)
@click.argument("file", required=False, default="")
@_TABLE
@click.option("--days", type=click.IntRange(1, 3660), default=None, help="How many days ahead to look; as payroll.yaml says, if left out.")
def check(file: str, name: str, days: int | None) -> Answer:
    """Check FILE as its table would be, or without FILE the tables in force: what ends, gaps, places and cases without a choice."""
    from idm.domain.payroll_watch import warnings as watched

    if file and days is not None:
        raise BadUsage("--days looks at the tables in force.", next_step="Leave out FILE or --days.")
    name = table_named(name, file) if file else ""
    content = read_bytes(file) if file else b""
    with installation() as found:
        app = found.app
        organisation, today = app.store.organisation(), app.clock.today()
        folder = found.settings.home / "policies"
        policies: Policies | None = app.policies.current()
        faults: Sequence[Fault] = ()
        if file:
            proposal = propose(folder, name, file, content, organisation=organisation, today=today)
            policies, faults, warnings = proposal.policies, proposal.faults, of_payroll(proposal.warnings, file)
        else:
            warnings = list(watched(app.policies.current().payroll, today, organisation, days))
        cases = [] if policies is None else [case for case in concerned(app, policies.payroll) if case.faults]
    document: dict[str, Any] = {
        "ok": not faults,
        "table": name or None,
        "items": [fault.as_json() for fault in faults],
        "warnings": [warning.as_json() for warning in warnings],
        "cases": [case.as_json() for case in cases],
    }
    told = ["Worth a look:", *fault_lines(warnings)] if warnings else []
    told += ["Cases without a choice, or whose form would be asked again:", *_case_lines(cases)] if cases else []
    if faults:
        error = BadInput(f"{file} breaks {len(faults)} rule(s).", faults=faults, next_step="Mend what is named.")
        return Answer({**document, "error": error.as_json()["error"]}, [*error_lines(error), *told], error.exit_code)
    return Answer(document, [f"{file or 'The payroll tables'} hold{'s' if file else ''}.", *told])


@payroll.add(
    "ask",
    examples=(
        "idm payroll ask --unit school_north --position teacher",
        "idm payroll ask --unit care --position nurse --hours 20 --on 2027-04-01 --input so_far.json",
    ),
    exits={3: "the answers can't be read", 4: "there is no such unit or position"},
)
@click.option("--unit", required=True, help="Where somebody would be hired.")
@click.option("--position", required=True, help="As what.")
@click.option("--on", type=DAY, default=None, metavar="DATE", help="The first day (YYYY-MM-DD); today, if left out.")
@click.option("--hours", type=click.FloatRange(0, 60, min_open=True), default=None, help="Weekly hours; not known, if left out.")
@click.option("--input", "file", default="", metavar="FILE", help="Answers so far, as for `task do`; - for standard input.")
def ask(unit: str, position: str, on: date | None, hours: float | None, file: str) -> Answer:
    """Show what the payroll form would offer somebody, without a case: grown up, with all papers accepted in time."""
    from idm.inputs.task_input import read_task_input

    given = read_task_input(read_bytes(file)).values if file else {}
    with installation() as found:
        app = found.app
        tree = app.store.organisation()
        demand_known(app, unit=unit)
        if position not in tree.positions:
            raise NotFound(f"There is no position '{position}'.", next_step="`idm org positions` lists them.")
        day = on or app.clock.today()
        papers = {row.papers: day for row in app.policies.current().payroll.classes if row.papers}
        path = tuple(above.id for above in tree.path(unit))
        place = Place(path, position, day, Decimal(str(hours)) if hours is not None else None, papers=papers)
        told = ask_place(app, place, day, given)
    return Answer({"unit": unit, "position": position, **told}, [f"{position} in {unit} from {day}", *form_lines(told)])


@payroll.add(
    "export",
    examples=(
        "idm payroll export classes > classes.csv",
        "idm payroll export steps --on 2027-04-01 --to steps.csv",
        "idm payroll export allowed --json",
    ),
    exits={4: _NO_TABLE, 6: "a file of that name exists"},
)
@click.argument("table")
@click.option("--on", type=DAY, default=None, metavar="DATE", help="Only the rows that hold on this day.")
@click.option("--to", default="", metavar="FILE", help="A new file; standard output, if left out.")
def export(table: str, on: date | None, to: str) -> Answer:
    """Write a table in force as CSV, with commas, in UTF-8. A cell that a spreadsheet might calculate gets an apostrophe in front."""
    name = table_named(table, table)
    with installation() as found:
        hash, rows = table_rows(found.app, name, on)
    text = written(name, rows)
    document = {"table": name, "hash": hash, "on": on.isoformat() if on else None, "items": [dict(row.cells) for row in rows]}
    if not to:
        return Answer(document, text.splitlines())
    path = Path(to)
    with writing(path):
        try:
            write_new(path, text.encode())
        except FileExistsError:
            raise Conflict(f"{path} exists.", next_step="Name a new file; nothing was written.") from None
    if not wants_json():
        note(f"{len(rows)} rows of '{name}' are in {path}.")
    return Answer({**document, "file": str(path)}, ())
