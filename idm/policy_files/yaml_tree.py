"""YAML text as plain data with the line of every part of it. Builds nothing but text, numbers, booleans, lists and mappings.

Scalars are read as in YAML 1.2's core schema: `no`, `on` and dates are text, so that a unit may be called `no`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from idm.errors import Fault

Path = tuple[str | int, ...]
"""Where a part stands: the keys and list indexes that lead to it."""

MOST_CHARACTERS = 1_000_000
MOST_PARTS = 50_000
"""How many parts a file may have once its aliases are written out: more is a mistake, or an attack."""
MOST_DEPTH = 30

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Tree:
    """What a file says, the line of every part of it, and what is wrong with it as YAML."""

    data: Any
    lines: dict[Path, int]
    faults: tuple[Fault, ...]

    def line(self, path: Path) -> int:
        """The line of the part at `path`, else of the nearest part around it."""
        return self.lines.get(self.known(path), 1)

    def known(self, path: Path) -> Path:
        """`path` without the names that lead nowhere in this file."""
        known: Path = ()
        for name in path:
            if (*known, name) in self.lines:
                known = (*known, name)
        return known


@dataclass(slots=True)
class _Node:
    line: int
    scalar: str | int | float | bool | None = None
    text: str = ""
    items: list[_Node] | None = None
    pairs: list[tuple[_Node, _Node]] | None = None
    finished: bool = False


class _Stop(Exception):
    """Reading the file ends here; its fault is in the list already."""


@dataclass(slots=True)
class _Reader:
    file: str
    events: Iterator[Any]
    faults: list[Fault] = field(default_factory=list)
    anchors: dict[str, _Node] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    parts: int = 0

    def fault(self, line: int, rule: str, message: str) -> None:
        self.faults.append(Fault(f"{self.file}:{line}", rule, message))

    def document(self) -> Any:
        next(self.events)  # the start of the stream
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            self.fault(1, "empty", "the file is empty, so nothing it should declare is in force")
            raise _Stop
        node = self.node(next(self.events), 0)
        next(self.events)  # the end of the document
        event = next(self.events)
        if isinstance(event, yaml.DocumentStartEvent):
            self.fault(_line(event), "one-document", "a second document starts here; remove the '---'")
        return self.plain(node, ())

    def node(self, event: Any, depth: int) -> _Node:
        line = _line(event)
        if depth > MOST_DEPTH:
            self.fault(line, "too-deep", f"nested deeper than {MOST_DEPTH} levels; no policy needs that")
            raise _Stop
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, line)
        node = _Node(line)
        if event.anchor:
            self.anchors[event.anchor] = node
        if event.tag is not None:
            self.fault(line, "tag", "tags such as '!name' are not taken in policy files; write the plain value")
        if isinstance(event, yaml.ScalarEvent):
            node.text = event.value
            node.scalar = _scalar(event.value) if event.implicit[0] else event.value
        elif isinstance(event, yaml.SequenceStartEvent):
            node.items = []
            while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
                node.items.append(self.node(event, depth + 1))
        else:
            node.pairs = []
            while not isinstance(event := next(self.events), yaml.MappingEndEvent):
                key = self.node(event, depth + 1)
                node.pairs.append((key, self.node(next(self.events), depth + 1)))
        node.finished = True
        return node

    def alias(self, event: Any, line: int) -> _Node:
        node = self.anchors.get(event.anchor)
        if node is None:
            self.fault(line, "alias", f"'*{event.anchor}' refers to an anchor that is not set above it")
        elif not node.finished:
            self.fault(line, "alias", f"'*{event.anchor}' stands inside the part it refers to, which would never end")
        else:
            return node
        raise _Stop

    def plain(self, node: _Node, path: Path) -> Any:
        self.parts += 1
        if self.parts > MOST_PARTS:
            self.fault(node.line, "too-large", f"more than {MOST_PARTS} parts with its aliases written out; split it or use fewer aliases")
            raise _Stop
        self.lines.setdefault(path, node.line)
        if node.items is not None:
            return [self.plain(item, (*path, index)) for index, item in enumerate(node.items)]
        if node.pairs is None:
            return node.scalar
        mapping: dict[str, Any] = {}
        for key, value in node.pairs:
            if key.items is not None or key.pairs is not None:
                self.fault(key.line, "key", "a key must be a plain word, not a list or mapping")
                continue
            here = (*path, key.text)
            if key.text in mapping:
                first = self.lines[here]
                words = f"'{key.text}' stands here a second time (first on line {first}); one of them would be ignored"
                self.fault(key.line, "duplicate-key", words)
                continue
            self.lines[here] = key.line
            mapping[key.text] = self.plain(value, here)
        return mapping


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(text: str) -> str | int | float | bool | None:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def parse(text: str, file: str) -> Tree:
    """Read one YAML document. Never raises for what the text holds: every fault, with file and line, is in the answer."""
    if len(text) > MOST_CHARACTERS:
        return Tree(None, {}, (Fault(f"{file}:1", "too-large", f"longer than {MOST_CHARACTERS} characters; no policy file needs that"),))
    reader = _Reader(file, iter(()))
    data: Any = None
    try:
        reader.events = yaml.parse(text, Loader=_Loader)
        data = reader.document()
    except _Stop:
        pass
    except yaml.YAMLError as error:
        reader.fault(_line_of(error, text), "yaml", f"this is not YAML: {_words(error)}")
    except UnicodeEncodeError as error:
        reader.fault(text.count("\n", 0, error.start) + 1, "yaml", "this is not YAML: it holds half a character (a lone surrogate)")
    return Tree(data, reader.lines, tuple(reader.faults))


def _line_of(error: yaml.YAMLError, text: str) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        return min(int(mark.line) + 1, text.count("\n") + 1)
    position = getattr(error, "position", None)  # in bytes, as libyaml counts
    return text.encode("utf-8", "replace").count(b"\n", 0, position) + 1 if isinstance(position, int) else 1


def _words(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        return ", ".join(part for part in (error.context, error.problem) if part)
    return str(getattr(error, "reason", "") or "it can't be read")
