"""The README keeps its word: every command in it is run, in order, and says what the README shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from idm.simulators import control
from tests.acceptance.programs import ROOT
from tests.servers.keeper import keeper

README = (ROOT / "README.md").read_text()
ID = re.compile(r"\b(?:c|e|p|d|doc)-[0-9a-z]{10}\b")
"""An id that idm made. The README shows one that another run made: it stands for this run's, wherever it occurs."""


def fenced(language: str) -> list[str]:
    """The README's blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def session() -> list[tuple[str, list[str]]]:
    """The commands of the console blocks, each with the lines that it should print."""
    found: list[tuple[str, list[str]]] = []
    for line in "".join(fenced("console")).splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


class Reader:
    """Someone who follows the README in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        shim = folder / "bin" / "idm"
        shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m cli "$@"\n')
        shim.chmod(0o755)
        (folder / "docs").symlink_to(ROOT / "docs")
        self.environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
        self.ids: dict[str, str] = {}

    def follow(self, command: str, expected: list[str]) -> None:
        """Run one command and compare."""
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            self.environment[name] = value
            return
        command = ID.sub(lambda found: self.ids[found.group()], command)
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=200, check=False
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
        self.compare(command, expected, done.stdout.splitlines())

    def compare(self, command: str, expected: list[str], said: list[str]) -> None:
        """Each expected line is the next one said; a lone … stands for any number of lines, and one in a line for any text."""
        rest = list(said)
        skipping = False
        for line in expected:
            if line == "…":
                skipping = True
                continue
            while skipping and rest and not self.fits(line, rest[0]):
                rest.pop(0)
            assert rest and self.fits(line, rest[0]), f"$ {command}\nshould say: {line}\nand says:   {rest[0] if rest else 'nothing more'}"
            rest.pop(0)
            skipping = False
        if expected:
            assert skipping or not rest, f"$ {command}\nsays more: {rest}"

    def fits(self, line: str, said: str) -> bool:
        """Whether `said` is what `line` shows. An id that is seen for the first time is remembered."""
        pattern, shown = "", []
        for part in re.split(f"({ID.pattern}|…| {{2,}})", line.rstrip()):
            if ID.fullmatch(part):
                shown.append(part)
                pattern += f"({re.escape(self.ids[part]) if part in self.ids else ID.pattern})"
            else:
                pattern += ".*" if part == "…" else " +" if part.startswith("  ") and pattern else re.escape(part)
        match = re.fullmatch(pattern, said.rstrip())
        if match:
            self.ids.update(zip(shown, match.groups(), strict=True))
        return match is not None


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_tour_can_be_followed_word_by_word(tmp_path: Path) -> None:
    commands = session()
    assert len(commands) >= 15
    reader = Reader(tmp_path)
    try:
        for command, expected in commands:
            reader.follow(command, expected)
            if command == "idm simulators start":
                keeper().watch(control.status(tmp_path / "tour" / "simulators")[0].pid or 0)
        assert not any(status.running for status in control.status(tmp_path / "tour" / "simulators"))
    finally:
        control.stop(tmp_path / "tour" / "simulators")


def test_the_reader_notices_what_is_not_so(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    reader.compare("x", ["case c-aaaaaaaaaa  done", "…", "end …"], ["case c-bbbbbbbbbb    done", "more", "end of it"])
    assert reader.ids == {"c-aaaaaaaaaa": "c-bbbbbbbbbb"}
    for expected, said in [
        (["c-aaaaaaaaaa"], ["c-cccccccccc"]),
        (["one"], ["one", "two"]),
        (["one", "two"], ["one"]),
        (["…", "three"], ["one", "two"]),
    ]:
        with pytest.raises(AssertionError):
            reader.compare("x", expected, said)


def test_every_command_in_a_shell_block_exists() -> None:
    blocks = fenced("sh")
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)\b", " ".join(re.findall(r"`([^`]+)`", README)) + " ".join(blocks)))
    assert blocks and named and named <= targets


def test_every_link_and_every_folder_of_the_map_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    folders = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \| ", README, re.MULTILINE)
    paths = [path for cell in folders for path in re.findall(r"`([^`]+)`", cell) if not path.startswith("make ")]
    assert len(links) >= 8 and len(paths) >= 7
    assert [path for path in [*links, *paths] if not (ROOT / path).exists()] == []
