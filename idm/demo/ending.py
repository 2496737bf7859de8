"""The end of the demo: people by systems as the target systems tell it, one task graph, and what to try next."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator, Sized
from pathlib import Path
from typing import Any

from idm.demo.hires import Hire
from idm.demo.server import run_command
from idm.demo.stage import Stage
from idm.flow.targets import show_target
from idm.simulators import control

MAIN = {"ldap": "account", "payroll": "record", "erp": "profile", "mailbox": "mailbox", "personnel_file": "file"}
"""The record of each system that stands for it in the table."""


def people(stage: Stage) -> list[dict[str, Any]]:
    """Each employment with what each system says it holds of it, read live."""
    found = []
    for hire in stage.taken:
        systems = {}
        for system, kind in MAIN.items():
            items = show_target(stage.app, system, stage.cases[hire.number])
            main = next((item for item in items if item["kind"] == kind), None)
            if main is not None:
                systems[system] = main
        found.append({"employment": stage.case(hire).employment, "systems": systems})
    return found


def table(stage: Stage, rows: list[dict[str, Any]]) -> Iterator[str]:
    """The same as lines of a table, a person's name first: those who were told of one by one."""
    cells = [["", *MAIN]]
    for hire, row in zip(stage.told, rows, strict=False):
        cells.append([hire.name, *(_cell(system, row["systems"].get(system)) for system in MAIN)])
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    for line in cells:
        yield "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()


def _cell(system: str, item: dict[str, Any] | None) -> str:
    if item is None:
        return "-"
    attributes = item["attributes"]
    match system:
        case "ldap":
            return f"{attributes.get('username')} {item['state']}, {_count(item['entitlements'], 'group')}"
        case "payroll":
            return f"{attributes.get('pay_class')}/{attributes.get('scale_step')} from {attributes.get('from_date')}"
        case "erp":
            return f"{item['state']}, {_count(item['entitlements'], 'role')}"
        case _:
            return str(item["state"])


def _count(things: Sized, what: str) -> str:
    return f"{len(things) or 'no'} {what}{'' if len(things) == 1 else 's'}"


def graph(stage: Stage, hire: Hire) -> list[str]:
    """The task graph of the hire's case, drawn by idm's own command; a drawing that can't be had is a finding."""
    arguments = ("case", "graph", stage.cases[hire.number])
    drawn = run_command(stage.home, *arguments)
    stage.check("the task graph can be drawn", drawn.returncode == 0 and bool(drawn.stdout), f"idm {shlex.join(arguments)}")
    return drawn.stdout.splitlines()


def what_next(stage: Stage, *, keep: bool) -> Iterator[str]:
    """Commands to go on with: idm's own, and those of others that look into the target systems."""
    home = shlex.quote(str(stage.home))
    ours = Path(sys.executable).parent / "idm"
    if shutil.which("idm") is None and ours.exists():
        yield f"export PATH={shlex.quote(str(ours.parent))}:$PATH"
    asked = next(hire for hire in stage.taken if hire.answers.adds)
    yield f"export IDM_HOME={home}"
    if not keep:
        yield "idm simulators start                 # the demo stopped them; `idm demo --keep` leaves them running"
    yield "idm serve                            # the portal: open the address that it names, and choose who to be"
    yield "idm case list"
    yield f"idm case graph {stage.cases[1]}"
    yield f"idm explain {stage.case(asked).employment}"
    yield f"idm target show ldap {stage.case(asked).employment}"
    yield "idm audit verify"
    for status in control.status(stage.simulators):
        line = _outside(stage.home, status, stage.case(asked).employment)
        if line:
            yield line


def _outside(home: Path, status: control.Status, employment: str) -> str:
    secret = f"$IDM_HOME/{status.secret_file.relative_to(home.absolute())}"
    if status.system == "ldap":
        base = str(status.reader_dn).partition("dc=")
        return f'ldapsearch -x -H {status.url} -D "{status.reader_dn}" -y "{secret}" -b "dc={base[2]}" "(uid=*)" uid memberOf'
    if status.system == "payroll":
        return f'curl -s -H "Authorization: Bearer $(cat {secret})" "{status.url}/record?key={employment}"'
    return ""
