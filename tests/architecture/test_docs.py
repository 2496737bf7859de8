"""The documentation speaks of what there is: links, commands, exit codes, states, settings, files, fault points."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import cli
from idm import faults
from idm.commands.simulators import MODES
from idm.connector import Effect, Retry, State, Verb
from idm.domain.audit import ChainFault
from idm.domain.authority import Authority
from idm.domain.case import CaseState, DocumentState, StepState
from idm.domain.journey import Actor, StepKind, TaskKind
from idm.domain.policy import APPROVALS
from idm.domain.story_en import ENGLISH
from idm.errors import IdmError
from idm.flow.intake import Taken
from idm.flow.provision import Ending
from idm.settings import Settings
from idm.vault_check import RULES
from tests.architecture.docs_pages import anchors, command_lines, links, mentioned, page, pages
from tests.architecture.project import ROOT, short

BESIDE_SETTINGS = {"IDM_DEBUG"}
"""Variables that the command line reads by itself."""


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below `group`, by its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands(cli.idm))


def kinds_of_error(kind: type[IdmError] = IdmError) -> Iterator[type[IdmError]]:
    """Every error of the project."""
    import idm.vault  # noqa: F401 - declares errors of its own

    yield kind
    for below in kind.__subclasses__():
        yield from kinds_of_error(below)


def first_column(text: str) -> set[str]:
    """What the first cells of a page's tables name in backticks."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_every_page_is_reached_from_the_index() -> None:
    met: set[Path] = set()
    todo = [ROOT / "docs" / "README.md"]
    while todo:
        at = todo.pop()
        if at in met or at.suffix != ".md" or not at.exists():
            continue
        met.add(at)
        todo += [(at.parent / target.partition("#")[0]).resolve() for _, target in links(at) if "://" not in target]
    assert [short(path) for path in pages() if path not in met and path != ROOT / "README.md"] == []


@pytest.mark.parametrize("path", pages(), ids=short)
def test_every_link_leads_somewhere(path: Path) -> None:
    broken = []
    for line, target in links(path):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(f"{short(path)}:{line}: {target}")
    assert broken == []


def _resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    command: click.Command = cli.idm
    while isinstance(command, click.Group) and words and not words[0].startswith("-") and not words[0].isupper():
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            raise click.UsageError(f"no command {words[0]}")
        command, words = found, words[1:]
    return command, words


@pytest.mark.parametrize("path", pages(), ids=short)
def test_every_mentioned_command_is_there(path: Path) -> None:
    wrong = []
    for line, words in mentioned(path):
        try:
            command, rest = _resolve(words)
        except click.UsageError as error:
            wrong.append(f"{short(path)}:{line}: {error.message}")
            continue
        known = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h"}
        wrong += [f"{short(path)}:{line}: {word}" for word in rest if word.startswith("--") and word.partition("=")[0] not in known]
    assert wrong == []


@pytest.mark.parametrize("path", pages(), ids=short)
def test_every_command_line_parses(path: Path) -> None:
    for line, words in command_lines(path):
        command, rest = _resolve(words)
        assert not isinstance(command, click.Group), f"{short(path)}:{line}: idm {' '.join(words)} is a group"
        try:
            command.make_context(command.name, list(rest))
        except click.exceptions.Exit:
            pass
        except click.ClickException as error:
            raise AssertionError(f"{short(path)}:{line}: {error.format_message()}") from error


def test_command_lines_are_found_at_all() -> None:
    assert sum(len(list(command_lines(path))) for path in pages()) > 20


def test_the_contract_or_the_reference_has_every_command() -> None:
    text = page("contract.md") + page("commands.md")
    assert [words for words in COMMANDS if f"idm {' '.join(words)}" not in text] == []


def test_exit_codes_are_those_of_the_errors() -> None:
    rows = dict(re.findall(r"^\| (\d) \| ([^|]*)\|", page("contract.md"), re.MULTILINE))
    documented = {int(number): set(re.findall(r"`([^`]+)`", codes)) for number, codes in rows.items()}
    declared: dict[int, set[str]] = {0: set()}
    for kind in kinds_of_error():
        if kind.__module__.startswith("idm.") and not kind.__module__.startswith("idm.simulators."):
            declared.setdefault(kind.exit_code, set()).add(kind.code)
    assert documented == declared


def test_settings_are_documented_and_no_others() -> None:
    declared = {f"IDM_{name.upper()}" for name in Settings.model_fields}
    everywhere = {name for path in pages() for name in re.findall(r"\bIDM_[A-Z_]+\b", path.read_text(encoding="utf-8"))}
    assert {name for name in first_column(page("contract.md")) if name.startswith("IDM_")} == declared
    assert everywhere - declared - BESIDE_SETTINGS == set()


def test_fault_points_are_documented_and_no_others() -> None:
    named = {name for name in first_column(page("design.md")) if "." in name}
    assert named == set(faults.POINTS)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("contract.md", [*StepState, *CaseState, *DocumentState, *StepKind, *TaskKind, *State, *Taken]),
        ("contract.md", [actor for actor in Actor if actor not in (Actor.REVIEWER, Actor.PROVIDER)]),
        ("contract.md", ["changed", "removed", "reordered", "inserted", "truncated"]),
        ("contract.md", ["refused", "applied", "unchanged"]),
        ("administrator.md", list(MODES)),
        ("policies.md", list(APPROVALS)),
        ("security.md", list(RULES)),
        ("domain.md", list(Authority)),
    ],
)
def test_words_with_a_meaning_are_explained(file: str, words: list[str]) -> None:
    said = set(re.findall(r"`([^`\n]+)`", page(file)))
    assert [str(word) for word in words if str(word) not in said] == []


def test_step_states_have_a_row_each_and_no_others() -> None:
    table = page("contract.md").partition("| step `state` | means |")[2].partition("\n\n")[0]
    assert first_column(table) == {str(state) for state in StepState}


def test_the_connector_page_knows_effects_verbs_and_answers() -> None:
    text = page("connectors.md")
    assert [effect.name for effect in Effect if f"`{effect.name}`" not in text] == []
    assert [verb.name for verb in Verb if verb.name not in text and verb is not Verb.POST] == []
    assert {"after", "down"} <= set(Retry.__init__.__kwdefaults__ or {})


def test_audit_faults_have_a_row_each() -> None:
    table = page("audit.md").partition("| kind | what was found")[2].partition("\n\n")[0]
    assert first_column(table) == {"changed", "removed", "reordered", "inserted", "truncated"}
    assert set(re.findall(r"changed|removed|reordered|inserted|truncated", str(ChainFault.__doc__))) == first_column(table)


def actions() -> Iterator[str]:
    """What the code writes as the action of an audit entry, where it stands as a text."""
    places = {"Note": 1, "_note": 0, "chain": 4, "note": 3, "_on_record": 3, "_log": 4}
    for folder in ("flow", "commands"):
        for path in (ROOT / "idm" / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                    at = places.get(name, len(node.args))
                    if at < len(node.args) and isinstance(action := node.args[at], ast.Constant):
                        yield str(action.value)


def test_audit_actions_are_those_that_the_code_writes() -> None:
    table = page("audit.md").partition("| action | by | particulars |")[2].partition("\n\n")[0]
    # That every decision has its sentence, the story's own tests see to.
    decided = {action for action in ENGLISH.sentences if action.partition("-")[0] in set(TaskKind)}
    decided |= {f"KIND-{said}" for said in ("first-look", "agree", "disagree")}
    endings = {f"step-{ending}" for ending in Ending}
    assert first_column(table) == {*actions(), *decided, *endings}


def test_policy_files_are_all_on_the_list() -> None:
    listed = set(re.findall(r"^\| `([^`]+)`", (ROOT / "policies" / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert listed == {path.relative_to(ROOT / "policies").as_posix() for path in (ROOT / "policies").rglob("*.yaml")}


def test_every_code_path_that_is_named_exists() -> None:
    named = [
        (short(path), name)
        for path in pages()
        for name in re.findall(r"`((?:idm|connectors|tests|policies|templates|docs)/[\w./]+)`", path.read_text(encoding="utf-8"))
    ]
    made = {"connectors/keycards.py"}
    assert [(path, name) for path, name in named if name not in made and not (ROOT / name).exists()] == []
