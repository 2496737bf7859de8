"""The reference of all commands as Markdown, made from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator

import click

from idm.commands.command import IdmCommand, IdmGroup

COMMON = {0: "done, or done before", 1: "a fault of idm itself", 2: "wrong usage"}
"""What these exit codes mean for every command."""

_HEAD = """# Commands

Made from the commands themselves, and held to them by a test: `idm COMMAND --help` says the same.

Every command takes `--json`: exactly one JSON document on standard output, with `"schema": 1` and lists under `items`; progress and notes
go to standard error. An error is the document `{"error": {"code", "message", "faults": [{"path", "rule", "message"}], "next"}}`, or without
`--json` its text on standard error. Exit codes beside those named with a command:

| exit | means |
|---|---|
| 0 | done, or done before (replay) |
| 1 | a fault of idm itself; `IDM_DEBUG=1` shows all of it |
| 2 | wrong usage |
| 3 | bad input |
| 4 | not found |
| 5 | not allowed |
| 6 | conflict, or already done otherwise |
| 7 | a system, broker, database or disk can't be used |
| 8 | a check failed, or a batch was taken in part |
| 130 | interrupted |

A CPR number is never taken from an argument: it is refused with exit 2, and not repeated. Cases, tasks, documents, employments and people
are named by their ids. `_IDM_COMPLETE=bash_source idm` prints the shell's completion (also `zsh_source`, `fish_source`).
"""


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], IdmCommand]]:
    """Every command below `group` with its path, in the order of use."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, IdmGroup):
            yield from commands(found, (*path, name))
        elif isinstance(found, IdmCommand):
            yield (*path, name), found


def reference(group: IdmGroup) -> str:
    """The whole reference."""
    parts = [_HEAD]
    parts.extend("\n".join(_section(path, command)) for path, command in commands(group))
    return "\n".join(parts)


def _section(path: tuple[str, ...], command: IdmCommand) -> Iterator[str]:
    name = " ".join(("idm", *path))
    context = click.Context(command, info_name=name)
    yield f"## {name}\n"
    yield f"    {name} {' '.join(command.collect_usage_pieces(context))}\n"
    yield f"{' '.join((command.help or '').split())}\n"
    options = [record for option in command.params if (record := option.get_help_record(context))]
    yield "| option | |\n|---|---|"
    yield from (f"| `{_cell(shown)}` | {_cell(told)} |" for shown, told in options)
    yield ""
    if command.exits:
        yield "Exit codes: " + "; ".join(f"{code}, {meaning}" for code, meaning in sorted(command.exits.items())) + ".\n"
    yield "Examples:\n"
    yield from (f"    {example}" for example in command.examples)
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
