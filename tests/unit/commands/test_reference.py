"""Every command is explained: examples that parse, exit codes, and a line in docs/commands.md."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

import cli
from idm.commands.command import IdmCommand
from idm.commands.reference import COMMON, commands, reference
from idm.errors import IdmError

ALL = {" ".join(path): command for path, command in commands(cli.idm)}
EXIT_CODES = {kind.exit_code for kind in IdmError.__subclasses__()}
DOCS = Path(__file__).parents[3] / "docs" / "commands.md"

PROMISED = """
access_give access_list access_take audit_key audit_list audit_seal audit_verify case_again case_cancel case_comment case_comments
case_graph case_history case_list case_move case_resume case_retry case_show case_uncomment case_wait clock_set clock_show db_upgrade
delegate delegations_confirm delegations_export delegations_list delegations_resolve delegations_revoke delegations_used demo doctor
document_add document_get document_list equipment_catalogue equipment_list equipment_receive equipment_return explain hire init
invitation_list invitation_renew invitation_revoke notice_drop notice_list notice_retry org_import org_people org_positions org_show
org_units payroll_ask payroll_check payroll_export payroll_import person_correct policy_check policy_show serve session_list
session_revoke simulators_clear simulators_fail simulators_journal simulators_start simulators_status simulators_stop substitute_end
substitute_list substitute_set target_show task_do task_list task_show task_stranded template_check template_list template_preview work
worker
"""


def test_the_commands_are_those_promised() -> None:
    assert {name.replace(" ", "_") for name in ALL} == set(PROMISED.split())


def line_of(example: str) -> list[str]:
    """The arguments that an example gives to idm."""
    after = re.search(r"(?:^|[| ])idm (.*)", example)
    assert after, example
    return shlex.split(re.split(r" [|<>] ", after[1])[0])


@pytest.mark.parametrize("name", ALL)
def test_a_command_has_examples_that_parse(name: str) -> None:
    command = ALL[name]
    assert command.examples
    for example in command.examples:
        arguments = line_of(example)
        context = cli.idm.make_context("idm", list(arguments))
        reached: click.Command = cli.idm
        while isinstance(reached, click.Group):
            _, found, arguments = reached.resolve_command(context, arguments)
            assert found is not None
            reached = found
        assert reached is command, example
        reached.make_context(name, arguments, parent=context)


@pytest.mark.parametrize("name", ALL)
def test_a_command_has_json_help_and_known_exit_codes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = ALL[name]
    assert cli.run([*name.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert "--json" in shown
    assert [example for example in command.examples if f"  {example}\n" not in shown] == []
    assert (command.help or "").strip().endswith(".")
    assert set(command.exits) <= EXIT_CODES - set(COMMON)
    assert [option.name for option in command.params if isinstance(option, click.Option) and not option.help] == []


def groups() -> dict[str, click.Group]:
    context = click.Context(cli.idm)
    found = {name: cli.idm.get_command(context, name) for name in cli.idm.list_commands(context)}
    return {"": cli.idm} | {name: group for name, group in found.items() if isinstance(group, click.Group)}


@pytest.mark.parametrize("name", groups())
def test_a_group_has_help_with_examples_that_name_its_commands(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*name.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Examples:" in shown
    assert [path for path in ALL if path.startswith(name) and f"  {path.removeprefix(name).split()[0]} " not in shown] == []


def test_the_reference_is_what_the_docs_hold() -> None:
    assert DOCS.read_text() == reference(cli.idm), "make it anew: python -m tests.unit.commands.test_reference"


def test_every_command_stands_in_the_reference() -> None:
    text = reference(cli.idm)
    for name, command in ALL.items():
        assert f"## idm {name}\n" in text
        assert [option.opts for option in command.params if isinstance(option, click.Option) and option.opts[0] not in text] == []


def test_a_plain_click_command_could_not_slip_in() -> None:
    context = click.Context(cli.idm)
    for group in groups().values():
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            assert isinstance(found, IdmCommand | click.Group), name


if __name__ == "__main__":
    DOCS.write_text(reference(cli.idm))
