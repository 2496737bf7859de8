"""The payroll tables, kept by payroll staff: read, uploaded or edited by row, the difference seen, then taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from idm.domain.access_rules import Act
from idm.errors import BadInput, Conflict, Fault, IdmError, NotFound
from idm.policy_files.payroll_columns import TABLES
from idm.policy_files.payroll_csv import written
from idm.table_keeping import Look, look, rows, take, with_row
from idm.web.access import House
from idm.web.cells import as_kept, as_read, as_typed
from idm.web.columns import CHOICES, DAYS, meaning
from idm.web.columns import TITLES as COLUMNS
from idm.web.portal import Routes, Visit

pages = Routes()

TITLES = {
    "agreements": "Agreements",
    "classes": "Pay classes",
    "steps": "Steps of the scales",
    "experience": "Experience and steps",
    "occupation": "Occupation rates",
    "supplements": "Supplements",
    "pensions": "Pensions",
    "institutions": "Institutions and cost centres",
    "allowed": "What is allowed where",
}
"""The tables: English texts of the portal's catalogues."""

AT_ONCE = 100
"""Rows on a page."""
MOST = 200_000
"""Bytes of a table that goes through a page, which must carry it from the difference to the button that takes it."""


@pages.get("/payroll", access=House(Act.KEEP_TABLES))
def tables(visit: Visit) -> Response:
    """Every table, with what is about to end."""
    return visit.page("payroll/tables.html", tables=[(name, visit.say(title)) for name, title in TITLES.items() if name in TABLES])


@pages.get("/payroll/{table}", access=House(Act.KEEP_TABLES))
def table(visit: Visit) -> Response:
    """The rows of a table that hold today, or all of them."""
    return _table(visit)


@pages.get("/payroll/{table}/file", access=House(Act.KEEP_TABLES))
def download(visit: Visit) -> Response:
    """The whole table as CSV, as it is taken back."""
    name = _named(visit)
    _, found = rows(visit.app, name)
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(written(name, found), media_type="text/csv; charset=utf-8", headers=headers)


@pages.post("/payroll/{table}/file", access=House(Act.KEEP_TABLES), files=True)
def upload(visit: Visit) -> Response:
    """Show what an uploaded table would change."""
    name, file = _named(visit), visit.form.file("file")
    try:
        if file is None:
            raise BadInput("No file was chosen.", faults=[Fault("file", "required", "choose the table as CSV")])
        if file.size > MOST:
            words = f"has more than {MOST // 1000} kB: take it by `idm payroll import`"
            raise BadInput("The table is too large for a page.", faults=[Fault("file", "too-large", words)])
        return _seen(visit, name, file.stream.read(), file.name)
    except BadInput as error:
        return _table(visit, error)


@pages.get("/payroll/{table}/row", access=House(Act.KEEP_TABLES))
def row(visit: Visit) -> Response:
    """A row to be changed, or an empty one."""
    return _row(visit)


@pages.post("/payroll/{table}/row", access=House(Act.KEEP_TABLES))
def edit(visit: Visit) -> Response:
    """Show what a changed or added row would do."""
    name = _named(visit)
    try:
        cells = as_kept(name, visit.form.given("c."))
        content = with_row(visit.app, name, _line(visit.form.text("line")), cells, visit.form.text("seen"))
        return _seen(visit, name, content, f"{name}.csv")
    except BadInput as error:
        return _row(visit, error)


@pages.post("/payroll/{table}/take", access=House(Act.KEEP_TABLES), files=True)
def take_table(visit: Visit) -> Response:
    """Take what was shown."""
    name = _named(visit)
    content = visit.form.text("content").replace("\r\n", "\n").encode()
    try:
        shown = look(visit.app, visit.site.policies, name, f"{name}.csv", content)
        if shown.proposal.text.hash != visit.form.text("hash"):
            raise Conflict("This isn't what was shown; nothing was taken.", next_step="Look at the difference again.")
        if _before(shown) != visit.form.text("before"):
            raise Conflict(
                "The table was changed by somebody else since the difference was shown; nothing was taken.",
                next_step="Change the row anew, or put what is new into your file and upload it again.",
            )
        take(visit.app, visit.site.policies, shown.proposal, visit.person)
    except (BadInput, Conflict) as error:
        return _table(visit, error)
    later = any(change.cells["valid_from"] > visit.app.clock.today().isoformat() for change in shown.proposal.changes)
    return visit.go(f"/payroll/{name}{'?all=yes' if later else ''}", visit.say("The table is taken. Forms that are open see it at once."))


def _before(shown: Look) -> str:
    """The hash of the table that the difference was made against; "" if there was none."""
    return shown.proposal.before.hash if shown.proposal.before is not None else ""


def _named(visit: Visit) -> str:
    if visit.path["table"] not in TABLES or visit.path["table"] not in TITLES:
        raise NotFound
    return visit.path["table"]


def _line(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def _seen(visit: Visit, name: str, content: bytes, file: str) -> Response:
    shown: Look = look(visit.app, visit.site.policies, name, file, content)
    context: dict[str, Any] = {
        "name": name,
        "title": visit.say(TITLES[name]),
        "shown": shown,
        "before": _before(shown),
        "units": {unit.id: unit.name for unit in visit.app.store.organisation().units.values()},
        "columns": _columns(visit, name),
        "read": _reader(visit, name),
        "warnings": [_placed(visit, name, fault) for fault in shown.warnings],
        "content": shown.proposal.text.text,
    }
    return visit.page("payroll/difference.html", **context)


def _table(visit: Visit, error: IdmError | None = None) -> Response:
    name = _named(visit)
    everything, wanted = visit.query("all") == "yes", visit.query("q").lower()
    _, found = rows(visit.app, name, None if everything else visit.app.clock.today())
    fitting = [record for record in found if not wanted or any(wanted in cell.lower() for cell in record.cells.values())]
    context: dict[str, Any] = {
        "name": name,
        "title": visit.say(TITLES[name]),
        "columns": _columns(visit, name),
        "read": _reader(visit, name),
        "numbers": {id for id, column in TABLES[name].columns.items() if column.number},
        "rows": fitting[:AT_ONCE],
        "count": len(fitting),
        "everything": everything,
        "asked": visit.query("q"),
    }
    return visit.asking("payroll/table.html", _of_the_file(visit, error, name) if error is not None else None, {"": ""}, **context)


def _row(visit: Visit, error: IdmError | None = None) -> Response:
    name = _named(visit)
    posted = visit.request.method == "POST"
    line = _line(visit.form.text("line") if posted else visit.query("line"))
    hash, found = rows(visit.app, name)
    known = next((record for record in found if record.line == line), None)
    if line is not None and known is None:
        raise NotFound
    cells = visit.form.given("c.") if posted else as_typed(name, known.cells, visit.language) if known is not None else {}
    context: dict[str, Any] = {
        "name": name,
        "title": visit.say(TITLES[name]),
        "columns": _columns(visit, name),
        "may_be_empty": {id for id, column in TABLES[name].columns.items() if column.empty},
        "choices": {column: [(cell, visit.say(said)) for cell, said in each.items()] for column, each in CHOICES.items()},
        "days": DAYS,
        "numbers": {id for id, column in TABLES[name].columns.items() if column.number},
        "meanings": {
            id: " ".join(visit.say(each) for each in meaning(id, may_be_empty=column.empty)) for id, column in TABLES[name].columns.items()
        },
        "cells": cells,
        "line": line,
        "seen": visit.form.text("seen") if posted else hash,
    }
    return visit.asking("payroll/row.html", _of_the_row(visit, error, name) if error is not None else None, **context)


def _of_the_row(visit: Visit, error: IdmError, table: str) -> IdmError:
    """The error with what is wrong with a cell said beside it: in a table that was sound, only the row that was edited can be wrong."""
    columns = TABLES[table].columns
    faults = [Fault(f"c.{each.rule}" if each.rule in columns else "", each.rule, _said(visit, table, each)) for each in error.faults]
    if any(fault.path.startswith(f"{table}.csv:") for fault in error.faults):
        title = visit.say(TITLES[table])
        return BadInput(f"This row can't stand in the table '{title}'.", faults=faults, next_step=error.next_step)
    return BadInput(error.message, faults=faults, next_step=error.next_step)


def _of_the_file(visit: Visit, error: IdmError, table: str) -> IdmError:
    """The error with each fault of an uploaded file said with its line, above the page; what is wrong with the field stays beside it."""
    if isinstance(error, Conflict):
        return error
    faults = [fault if fault.path == "file" else Fault("", fault.rule, _placed(visit, table, fault)) for fault in error.faults]
    title = visit.say(TITLES[table])
    return BadInput(error.message.replace(f"'{table}'", f"'{title}'"), faults=faults, next_step=error.next_step)


def _placed(visit: Visit, table: str, fault: Fault) -> str:
    """What is wrong with a row, in the visitor's language, with its line, and its table if it is another one."""
    what = _said(visit, table, fault)
    place, _, line = fault.path.rpartition(":")
    other = place.removeprefix("payroll/").removesuffix(".csv") if place.startswith("payroll/") else table
    if not line.isdigit():
        return what
    if other != table and other in TITLES:
        return visit.say("{table}, line {line}: {what}", table=visit.say(TITLES[other]), line=line, what=what)
    return visit.say("Line {line}: {what}", line=line, what=what)


def _said(visit: Visit, table: str, fault: Fault) -> str:
    """What is wrong, in the visitor's language; the column, which is the rule of what is wrong with a cell, by what it is called."""
    column = {fault.rule: visit.say(COLUMNS[fault.rule])} if fault.rule in TABLES[table].columns else {}
    return visit.words(fault.message, {**visit.named(fault.message), **column})


def _reader(visit: Visit, table: str) -> Callable[[str, str], str]:
    """Shows a cell of a column as the visitor reads it."""
    words = {column: {cell: visit.say(said) for cell, said in each.items()} for column, each in CHOICES.items()}
    return lambda column, cell: as_read(table, column, cell, visit.language, words)


def _columns(visit: Visit, table: str) -> dict[str, str]:
    """Every column of a table with what it is called."""
    return {column: visit.say(COLUMNS[column]) for column in TABLES[table].columns}
