"""Reads out of templates and handlers which English texts the portal's pages say, each of which has a Danish one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2.ext import babel_extract

from tests.architecture.project import ROOT, short

PAGES = ROOT / "templates" / "web"
HANDLERS = ROOT / "idm" / "web"
_OPTIONS = {"extensions": "jinja2.ext.do", "trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true", "silent": "false"}
_KEYWORDS = ["_", "gettext", "ngettext"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a page says: where, in English, and with its plural if it has one."""

    place: str
    text: str
    plural: str = ""


def said_by_pages() -> list[Text]:
    """Every text of the templates and of the handlers."""
    return [*_templates(), *_handlers()]


def strings_of_handlers() -> set[str]:
    """Every string in the code of the pages: what a catalogue may have been written for."""
    return {
        node.value
        for path in HANDLERS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _templates() -> Iterator[Text]:
    for path in sorted(PAGES.rglob("*.html")):
        with path.open("rb") as stream:
            for line, _, message, _ in babel_extract(stream, _KEYWORDS, [], _OPTIONS):
                one, *more = message if isinstance(message, tuple) else (message,)
                if one:
                    yield Text(f"{short(path)}:{line}", one, next((each for each in more if each), ""))


def _handlers() -> Iterator[Text]:
    for path in sorted(HANDLERS.rglob("*.py")):
        tree = ast.parse(path.read_text())
        made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
        for desk in (node for node in made if _called(node) == "Desk"):
            # What a desk says once something is decided there.
            yield from (Text(f"{short(path)}:{text.lineno}", str(text.value)) for text in _values(desk.args[-1]))
        calls = [node for node in made if _called(node) == "say"]
        plain = True
        for call in calls:
            texts = list(_literals(call.args[0]))
            plain = plain and bool(texts)
            yield from (Text(f"{short(path)}:{call.lineno}", text) for text in texts)
        if not plain:
            # What is said stands in a constant of the module then.
            yield from (Text(f"{short(path)}:{line}", text) for line, text in _constants(tree))


def _values(node: ast.expr) -> list[ast.Constant]:
    return [value for value in node.values if isinstance(value, ast.Constant)] if isinstance(node, ast.Dict) else []


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""


def _literals(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=two):
            yield from _literals(one)
            yield from _literals(two)


def _constants(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The strings in a module's constants that begin as sentences do; not the keys of a mapping."""
    for node in tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if not isinstance(value, ast.Constant | ast.Dict | ast.Tuple | ast.List | ast.Set):
            continue
        keys = {id(key) for each in ast.walk(value) if isinstance(each, ast.Dict) for key in each.keys}
        for each in ast.walk(value):
            if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in keys and _begins(each.value):
                yield each.lineno, each.value


def _begins(text: str) -> bool:
    return text[:1].isupper() or text.startswith("{")


def files() -> list[Path]:
    """The catalogues of the pages."""
    return sorted(path for path in (PAGES / "texts" / "da").glob("*.po") if not path.name.startswith("phrases-"))
