"""The documentation as the tests read it: pages, links, headings, fenced blocks, command lines."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.architecture.project import ROOT

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_INLINE = re.compile(r"`(idm(?: [^`]+)?)`")
_COMMAND = re.compile(r"(?:\$ |ExecStart=|IDM_\w+=\S+ )*(?:/\S*/)?idm (.+)$")
_HEADING = re.compile(r"^#{1,6} (.+)$")


@dataclass(frozen=True)
class Block:
    """A fenced block: its page, the line it begins at, what stands behind the fence, the nearest heading above, its text."""

    page: Path
    line: int
    info: str
    heading: str
    text: str


@cache
def pages() -> tuple[Path, ...]:
    """Every page, and the README that leads to them."""
    return (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))


def page(name: str) -> str:
    """What the page docs/`name` says."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def blocks(path: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    info, heading, start, inside = "", "", 0, False
    lines: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("```"):
            if inside:
                yield Block(path, start, info, heading, "\n".join(lines) + "\n")
            inside, info, start, lines = not inside, line[3:].strip(), number, []
        elif inside:
            lines.append(line)
        elif found := _HEADING.match(line):
            heading = found.group(1)


def named(kind: str) -> list[Block]:
    """The fenced blocks of all pages whose fence says `kind`, perhaps with a name behind it."""
    return [block for path in pages() for block in blocks(path) if block.info == kind or block.info.startswith(f"{kind} ")]


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """The lines outside fenced blocks."""
    inside = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            yield number, line


def links(path: Path) -> Iterator[tuple[int, str]]:
    """The targets of a page's links, with their lines."""
    for number, line in prose(path):
        yield from ((number, target) for target in _LINK.findall(line))


def anchors(path: Path) -> set[str]:
    """The anchors that a page's headings give, as forges make them."""
    headings = (found.group(1) for _, line in prose(path) if (found := _HEADING.match(line)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def mentioned(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The commands that stand in backticks, as words behind `idm`; a mention may stop half-way."""
    for number, line in prose(path):
        for found in _INLINE.findall(line):
            yield number, shlex.split(found)[1:]


def command_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The whole command lines in fenced blocks without a language, as words behind `idm`."""
    for block in blocks(path):
        if block.info not in ("", "sh", "bash", "console"):
            continue
        for offset, line in enumerate(block.text.splitlines(), 1):
            if found := _COMMAND.match(line):
                yield block.line + offset, _before_shell(shlex.split(found.group(1), comments=True))


def _before_shell(words: list[str]) -> list[str]:
    """The words up to a redirection or pipe."""
    stops = [index for index, word in enumerate(words) if word in ("<", ">", "|", "&&", "&")]
    return words[: stops[0]] if stops else words
