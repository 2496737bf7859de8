"""What a template may do: show values, ask whether they are there, go through lists, and a few filters. Nothing else.

An administrator's text comes from outside. So there is no access to attributes, no call and no arithmetic, and no template can take
much time or memory: what it may do at all is known when it is read, and is refused there with its line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

FILTERS = frozenset({"date", "time", "capitalize", "e", "escape", "first", "join", "last", "length", "lower", "trim", "upper"})
"""The filters that a template may use."""

TESTS = frozenset({"defined", "undefined", "eq", "equalto", "ne", "gt", "ge", "lt", "le", "in"})
"""The tests that a template may use (`is defined`)."""

DEEPEST = 2
"""How many loops may stand inside each other: a text of some lines needs no more, and three over long lists could go on for ever."""

_LOOP = frozenset({"index", "index0", "first", "last", "length", "revindex"})
_WHAT: Mapping[type[nodes.Node], str] = {
    nodes.Call: "calls something",
    nodes.Filter: "uses the filter",
    nodes.Test: "uses the test",
    nodes.BinExpr: "calculates",
    nodes.Include: "includes another file",
    nodes.Import: "imports",
    nodes.FromImport: "imports",
    nodes.Macro: "defines a macro",
    nodes.CallBlock: "calls something",
    nodes.Assign: "sets a name",
    nodes.AssignBlock: "sets a name",
    nodes.NSRef: "sets a name",
}
_ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2, able to do what texts need and no more. What isn't allowed is a syntax error, at its line, before anything is rendered."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        # Jinja2 compiles by way of this method alone, so no template is rendered that wasn't looked through.
        tree = super()._parse(source, name, filename)
        for line, what in forbidden(tree):
            raise TemplateSyntaxError(f"It {what}, which templates may not do.", line, name, filename)
        return tree

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Only a loop tells something of itself; of mappings, Jinja2 takes the entry."""
        return isinstance(obj, LoopContext) and attr in _LOOP

    def is_safe_callable(self, obj: Any) -> bool:
        """Nothing may be called."""
        return False


def forbidden(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """What a template does that none may: each with its line, in words."""
    looked_at: tuple[type[nodes.Node], ...] = (*_WHAT, nodes.For, nodes.Name)
    for node in tree.find_all(looked_at):
        line = node.lineno
        match node:
            case nodes.Name():
                if node.name == "self":
                    yield line, "speaks of itself"
            case nodes.Filter() if node.name not in FILTERS:
                yield line, f"uses the filter '{node.name}'"
            case nodes.Test() if node.name not in TESTS:
                yield line, f"uses the test '{node.name}'"
            case nodes.BinExpr() if isinstance(node, _ARITHMETIC):
                yield line, "calculates"
            case nodes.For():
                if node.recursive or _depth(node) > DEEPEST:
                    yield line, f"has loops more than {DEEPEST} deep"
                if not isinstance(node.iter, nodes.Name | nodes.Getattr):
                    yield line, "goes through something that isn't a value's list"
            case nodes.Filter() | nodes.Test() | nodes.BinExpr():
                continue
            case _:
                yield line, _WHAT[type(node)]


def _depth(loop: nodes.For) -> int:
    return 1 + max((_depth(inner) for inner in loop.iter_child_nodes() for inner in _loops(inner)), default=0)


def _loops(node: nodes.Node) -> list[nodes.For]:
    return [node] if isinstance(node, nodes.For) else list(node.find_all(nodes.For))


def names_used(tree: nodes.Template) -> Iterator[tuple[str, int]]:
    """The names that a template takes from outside, each with its line; a loop's own names are left out."""
    own = {
        name.name
        for loop in tree.find_all(nodes.For)
        for name in [loop.target, *loop.target.find_all(nodes.Name)]
        if isinstance(name, nodes.Name)
    }
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name not in own | {"loop", "language"}:
            yield name.name, name.lineno
