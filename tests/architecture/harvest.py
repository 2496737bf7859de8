"""Reads out of the code which messages it can put before a person, as texts with `{slots}`.

Every text with a blank in it is taken for a message, unless it is plainly none: a docstring, a line of the log, the words of a
programming error, a pattern, or a text that stands there in both languages. So a new message can't be overlooked.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from idm import errors

_MOST = 24
_UNSPOKEN_CALLS = {"AssertionError", "TypeError", "RuntimeError", "compile", "fullmatch", "sub", "debug", "info", "warning"}
_ERRORS = {"Fault", *(name for name, known in vars(errors).items() if isinstance(known, type) and issubclass(known, errors.IdmError))}
_UNSPOKEN_METHODS = {"split", "encode"}

Known = Mapping[str, tuple[str, ...]]
"""What calls in slots answer, by the function's name, where that begins with a blank or a mark or may be nothing."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the code: where it stands, and its text with slots."""

    place: str
    text: str

    @property
    def shape(self) -> str:
        """The text whatever its slots are called."""
        return shape(self.text)


def shape(text: str) -> str:
    """A text with slots, whatever these are called; slots that touch count as one."""
    return re.sub(r"(?:\{[a-z][a-z0-9_]*\})+", "{}", text)


def messages(path: Path, name: str, answers: Known, *, errors_only: bool = False) -> list[Message]:
    """Every message in the Python file at `path`, which is called `name` here; or only those of errors and faults."""
    tree = ast.parse(path.read_text())
    reader = _Reader(tree, answers)
    lines = _lines_of_errors(tree) if errors_only else None
    found = [Message(f"{name}:{line}", text) for line, text in reader.all() if lines is None or line in lines]
    return list(dict.fromkeys(found))


def _lines_of_errors(tree: ast.Module) -> set[int]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name_of(node.func) in _ERRORS]
    return {line for call in calls for line in range(call.lineno, (call.end_lineno or call.lineno) + 1)}


class _Reader:
    def __init__(self, tree: ast.Module, answers: Known) -> None:
        self._tree = tree
        self._answers = answers
        self._skipped: set[int] = set()
        self._inline: set[int] = set()
        self._scope: dict[int, ast.AST] = {}
        self._assigned: dict[tuple[int, str], list[ast.expr]] = {}
        self._look(tree, tree)

    def _look(self, node: ast.AST, scope: ast.AST) -> None:
        """Note of each node in which function it stands, what variables are given, and what is no message."""
        self._scope[id(node)] = scope
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            self._skip(node.value)
        elif isinstance(node, ast.Call) and _name_of(node.func) in _UNSPOKEN_CALLS:
            for each in node.args:
                self._skip(each)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _UNSPOKEN_METHODS:
            self._skip(node.func.value)
        elif isinstance(node, ast.Dict) and {"da", "en"} <= {key.value for key in node.keys if isinstance(key, ast.Constant)}:
            self._skip(node)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            self._assigned.setdefault((id(scope), node.targets[0].id), []).append(node.value)
        inner = node if isinstance(node, ast.FunctionDef) else scope
        for child in ast.iter_child_nodes(node):
            self._look(child, inner)

    def _skip(self, node: ast.AST) -> None:
        self._skipped.update(id(each) for each in ast.walk(node))

    def all(self) -> Iterator[tuple[int, str]]:
        """Every message with its line; parts of a larger text come with that text."""
        for node in ast.walk(self._tree):
            if not isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp) or id(node) in self._skipped | self._inline:
                continue
            for text in self._texts(node):
                if _speaks(text):
                    yield node.lineno, re.sub(r"\{\}", "{value}", text)
        yield from self._apart()

    def _texts(self, node: ast.expr) -> list[str]:
        """The texts that an expression may come to; none if it isn't one of text."""
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=parts):
                return self._joined([self._part(part) for part in parts])
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                one, two = self._texts(left), self._texts(right)
                if not one and not two:
                    return []
                self._inline.update(id(each) for each in ast.walk(node) if each is not node)
                return self._joined([one or [_slot(left)], two or [_slot(right)]])
            case ast.IfExp(body=one, orelse=two):
                return [*(self._texts(one) or [_slot(one)]), *(self._texts(two) or [_slot(two)])]
            case ast.BoolOp(values=several):
                return [text for each in several for text in (self._texts(each) or [_slot(each)])]
            case ast.Call(func=func) if _name_of(func) in self._answers:
                return list(self._answers[_name_of(func)])
            case ast.Name(id=name):
                given = self._assigned.get((id(self._scope[id(node)]), name), [])
                return self._texts(given[0]) if len(given) == 1 else []
        return []

    def _joined(self, parts: list[list[str]]) -> list[str]:
        found = ["".join(chosen) for chosen in itertools.islice(itertools.product(*parts), _MOST)]
        return [_numbered(text) for text in dict.fromkeys(found)]

    def _part(self, part: ast.expr) -> list[str]:
        """What stands in one place of an f-string: letters, or a slot; what begins with a blank or mark, or may be nothing, is told."""
        self._inline.update(id(each) for each in ast.walk(part) if not isinstance(part, ast.FormattedValue))
        if not isinstance(part, ast.FormattedValue):
            return self._texts(part)
        texts = self._texts(part.value)
        told = [text for text in texts if not text[:1].isalpha() and not text.startswith(("{", "'"))]
        if told:
            self._inline.update(id(each) for each in ast.walk(part.value) if isinstance(each, ast.Constant | ast.JoinedStr))
            if isinstance(part.value, ast.Name):
                given = self._assigned[(id(self._scope[id(part.value)]), part.value.id)][0]
                self._inline.update(id(each) for each in ast.walk(given) if isinstance(each, ast.Constant | ast.JoinedStr))
        return [*told, _slot(part.value)] if len(told) < len(texts) or not texts else told

    def _apart(self) -> Iterator[tuple[int, str]]:
        """Single words that fill a slot where there is nothing else to put there, such as `or 'none'`."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.FormattedValue) and id(node) not in self._skipped:
                for each in ast.walk(node.value):
                    several = (
                        each.values if isinstance(each, ast.BoolOp) else [each.body, each.orelse] if isinstance(each, ast.IfExp) else []
                    )
                    for one in several:
                        if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value[:1].isalpha():
                            yield one.lineno, one.value


def _speaks(text: str) -> bool:
    """Whether it is a message and no name or path: it has a blank, and letters beside its slots."""
    bare = re.sub(r"\{[a-z0-9_]+\}", "", text)
    return not text.startswith((" ", ",", ";", ":")) and " " in text.strip() and re.search(r"[a-z]{2}", bare) is not None


def _slot(node: ast.expr) -> str:
    names = [
        each.attr if isinstance(each, ast.Attribute) else each.id for each in ast.walk(node) if isinstance(each, ast.Attribute | ast.Name)
    ]
    names = [name.lower().strip("_") for name in names if name not in ("self", "join", "str", "len", "sorted", "each", "act", "app")]
    word = re.sub(r"[^a-z0-9_]", "", names[0]) if names else ""
    return f"{{{word or 'value'}}}"


def _numbered(text: str) -> str:
    """The text with a name of its own for each slot."""
    seen: dict[str, int] = {}

    def named(found: re.Match[str]) -> str:
        name = found[1].rstrip("0123456789") or "value"
        seen[name] = seen.get(name, 0) + 1
        return f"{{{name}{seen[name] if seen[name] > 1 else ''}}}"

    return re.sub(r"\{([a-z][a-z0-9_]*)\}", named, text)


def _name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
