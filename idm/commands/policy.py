"""`idm policy`: check the policy files, and show what is in force and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from idm.commands.answer import Answer, error_lines, fault_lines
from idm.commands.command import IdmGroup
from idm.commands.session import installation
from idm.commands.text import table
from idm.domain.journey import Source
from idm.domain.payroll_rows import CODED
from idm.domain.people import Organisation
from idm.domain.policy import Policies
from idm.domain.timers import HOME
from idm.errors import BadInput, Fault, IdmError, NotFound, PolicyInvalid

policy = IdmGroup(
    "policy", help="The policies: YAML files that administrators own.", examples=("idm policy check", "idm policy show roles.yaml")
)


@policy.add(
    "check",
    examples=("idm policy check", "idm policy check ./policies", "idm policy check --json"),
    exits={3: "a file breaks rules; every fault is named with file and line", 4: "there is no such folder"},
)
@click.argument("folder", required=False, default="")
def check(folder: str) -> Answer:
    """Check every policy file of the installation, or of FOLDER. With an installation, units and positions are held against it."""
    from idm.policy_files import check as check_folder
    from idm.settings import read_settings

    path = Path(folder) if folder else read_settings().home / "policies"
    if not path.is_dir():
        fault = Fault(str(path), "folder", "is no folder")
        words = f"There is no folder {path}."
        raise BadInput(words, faults=[fault]) if path.exists() else NotFound(words, next_step="Name one, or make one with `idm init`.")
    policies, faults, warnings = check_folder(path, *_known())
    document: dict[str, Any] = {
        "ok": not faults,
        "folder": str(path),
        "hash": policies.hash if policies is not None else None,
        "items": [fault.as_json() for fault in faults],
        "warnings": [warning.as_json() for warning in warnings],
    }
    told = ["Worth a look:", *fault_lines(warnings)] if warnings else []
    if not faults:
        return Answer(document, [f"The policies in {path} hold.", *told])
    error = PolicyInvalid(f"The policies in {path} break {len(faults)} rule(s).", faults=faults, next_step="Mend what is named.")
    return Answer({**document, "error": error.as_json()["error"]}, [*error_lines(error), *told], error.exit_code)


def _known() -> tuple[Organisation | None, date]:
    """The installation's organisation and its business date; None without one, or before anything was imported, and the machine's date."""
    try:
        with installation() as found:
            organisation, today = found.app.store.organisation(), found.app.clock.today()
    except IdmError:
        return None, datetime.now(HOME).date()
    return (organisation if organisation.units else None), today


@policy.add(
    "show",
    examples=("idm policy show", "idm policy show roles.yaml", "idm policy show in_a_school"),
    exits={3: "no valid set of policies is there", 4: "there is no such file or rule"},
)
@click.argument("name", required=False, default="", metavar="[FILE|RULE]")
def show(name: str) -> Answer:
    """Show the policies in force: all files, one FILE, or where a RULE stands (a step, a role, a form's field, a system, ...)."""
    with installation() as found:
        policies, texts = found.app.policies.current(), found.app.policies.texts()
        fault = found.policy_folder.fault()
    rules = list(declared(policies))
    if not name:
        files = [
            {"file": file, "hash": digest, "rules": sum(1 for rule in rules if rule[2].file == file)} for file, (digest, _) in texts.items()
        ]
        text = table(("file", "hash", "rules"), [(i["file"], str(i["hash"])[:12], i["rules"]) for i in files])
        broken = ["What stands in the folder now is not in force:", *error_lines(fault)] if fault is not None else []
        return Answer({"hash": policies.hash, "in_force": fault is None, "items": files}, [*text, *broken])
    if name in texts:
        digest, content = texts[name]
        return Answer({"file": name, "hash": digest, "text": content}, [f"# {name}  {digest}", *content.splitlines()])
    items = [_rule(kind, id, source, texts[source.file][1]) for kind, id, source in rules if id == name]
    if not items:
        raise NotFound(f"There is no policy file or rule '{name}'.", next_step=f"Files: {', '.join(texts)}.")
    lines = [
        line for item in items for line in (f"# {item['kind']} {item['rule']}: {item['file']}:{item['line']}", *item["text"].splitlines())
    ]
    return Answer({"items": items}, lines)


def declared(policies: Policies) -> Iterator[tuple[str, str, Source]]:
    """Everything that has a name in the policies: what it is, its id, and where it stands."""
    for journey in policies.journeys.values():
        yield "journey", journey.name, journey.source
        yield from (("step", step.id, step.source) for step in journey.steps)
    yield from (("document", document.id, document.source) for document in policies.documents.values())
    yield from (("check", check.id, check.source) for check in policies.checks.values())
    for approval in policies.approvals.values():
        yield "approval", approval.id, approval.source
        yield from (("asked", rule.id, rule.source) for rule in approval.asked)
    for form in policies.forms.values():
        yield "form", form.name, form.source
        yield from (("field", field.id, field.source) for field in form.fields)
    yield from (("role", role.id, role.source) for role in policies.roles.values())
    yield from (("rule", rule.id, rule.source) for rule in policies.role_rules)
    yield from (("conflict", conflict.id, conflict.source) for conflict in policies.conflicts)
    yield from (("group", group.id, group.source) for group in policies.groups.values())
    for name, rows in policies.payroll.tables().items():
        yield from ((f"row of {name}", row.code, row.source) for row in rows if isinstance(row, CODED))
    for system in policies.systems.values():
        yield "system", system.name, system.source
        yield from (("resource", resource.kind, resource.source) for resource in system.resources.values())


def _rule(kind: str, id: str, source: Source, text: str) -> dict[str, Any]:
    return {"kind": kind, "rule": id, "file": source.file, "line": source.line, "hash": source.hash, "text": passage(text, source.line)}


def passage(text: str, line: int) -> str:
    """The lines of a YAML `text` from `line` (from 1) on that belong to it: all that are indented more."""
    lines = text.splitlines()[max(line - 1, 0) :]
    if not lines:
        return ""
    indent = _indent(lines[0])
    taken = lines[:1]
    for later in lines[1:]:
        if later.strip() and _indent(later) <= indent:
            break
        taken.append(later)
    while not taken[-1].strip():
        taken.pop()
    return "\n".join(one[indent:] for one in taken)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
