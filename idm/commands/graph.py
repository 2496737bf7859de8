"""Drawing a case's task graph: as an indented tree for terminals, as Mermaid, as data. Pure: steps in, lines out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from idm.commands.text import local
from idm.domain.graph_shape import reduced

Step = Mapping[str, Any]
"""A step in the outside contract's shape, with `needs`."""

MARKS = {
    "done": ("✓", "green"),
    "running": ("▶", "cyan"),
    "ready": ("▷", "cyan"),
    "waiting": ("◷", "yellow"),
    "retry": ("↻", "yellow"),
    "unknown": ("?", "red"),
    "refused": ("✗", "red"),
    "pending": ("·", "white"),
    "withdrawn": ("−", "white"),
}
"""For each state its mark and colour. The state's name stands beside them, so that neither is needed."""

_PLAIN = {"✓": "x", "▶": ">", "▷": ">", "◷": "o", "↻": "~", "✗": "!", "·": ".", "−": "-"}
_FILL = {"done": "#cfe8cf", "running": "#cfe3f5", "ready": "#cfe3f5", "waiting": "#fbeec2", "retry": "#fbeec2"}
_FILL |= {"unknown": "#f5cfcf", "refused": "#f5cfcf", "pending": "#eeeeee", "withdrawn": "#eeeeee"}


def nodes(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The steps as data, in order: what each needs, its state, what it waits for, since when and why."""
    kept = ("id", "kind", "system", "needs", "state", "attempts", "waits_for", "since", "reason", "task")
    return [{name: step[name] for name in kept} for step in steps]


def as_json(document: Mapping[str, Any]) -> list[str]:
    """The document as JSON, for `--format json`."""
    return json.dumps(document, ensure_ascii=True, indent=2).splitlines()


def waits(waits_for: Mapping[str, Any] | None) -> str:
    """What a step waits for, in words; "" for nothing."""
    if waits_for is None:
        return ""
    until = f" until {local(waits_for['until'])}" if waits_for["until"] else ""
    match waits_for["kind"]:
        case "person":
            return ", ".join(waits_for["ids"]) or "somebody who may act"
        case "date":
            return until.strip() or "a date"
        case _:
            return ", ".join(waits_for["ids"]) + until


def tree(steps: Sequence[Step], *, colour: bool = False, unicode: bool = True) -> list[str]:
    """The graph as a tree: every step under the last one that it needs; what else it waits for stands at its end."""
    steps = _reduced(steps)
    below = _below(steps)
    width = max((len(prefix) + len(step["id"]) for prefix, step, _ in _walk(below, "", "", unicode)), default=0)
    lines = []
    for prefix, step, parent in _walk(below, "", "", unicode):
        mark, shade = MARKS[step["state"]]
        shown = mark if unicode else _PLAIN.get(mark, mark)
        state = f"{shown} {step['state']:9}"
        state = click.style(state, fg=shade) if colour else state
        name = f"{prefix}{step['id']}".ljust(width)
        lines.append(f"{name}  {state}  {'; '.join(_particulars(step, parent))}".rstrip())
    return lines


def _reduced(steps: Sequence[Step]) -> list[Step]:
    """The steps without needs that go without saying."""
    needs = reduced({step["id"]: step["needs"] for step in steps})
    return [{**step, "needs": list(needs[step["id"]])} for step in steps]


def _below(steps: Sequence[Step]) -> dict[str, list[Step]]:
    """The steps that hang under each step: under the deepest that they need, which is the last to be done."""
    depth: dict[str, int] = {}
    below: dict[str, list[Step]] = {}
    for step in steps:
        parent = max(step["needs"], key=lambda need: depth.get(need, 0), default="")
        depth[step["id"]] = depth.get(parent, 0) + 1
        below.setdefault(parent, []).append(step)
    return below


def _walk(below: Mapping[str, list[Step]], parent: str, indent: str, unicode: bool) -> Iterator[tuple[str, Step, str]]:
    children = below.get(parent, [])
    for step in children:
        last = step is children[-1]
        branch, line = ("└─ ", "   ") if last else ("├─ ", "│  ")
        if not unicode:
            branch, line = ("`- ", "   ") if last else ("|- ", "|  ")
        yield (indent + branch if parent else ""), step, parent
        yield from _walk(below, step["id"], indent + line if parent else "", unicode)


def _particulars(step: Step, parent: str) -> list[str]:
    """What a line says beside the state: the system, who it waits for, since when, why, what else it needs."""
    said = [step["system"]] if step["system"] else []
    if waiting := waits(step["waits_for"]):
        said.append(f"waits for {waiting}" if step["waits_for"]["kind"] != "date" else waiting)
    if step["state"] != "pending":
        said.append(f"since {local(step['since'])}")
    if step["reason"]:
        said.append(step["reason"])
    others = [need for need in step["needs"] if need != parent]
    if others:
        said.append(f"also needs {', '.join(others)}")
    return said


def mermaid(steps: Sequence[Step]) -> list[str]:
    """The graph as a Mermaid flowchart, with the states as classes."""
    names = {step["id"]: f"s{number}" for number, step in enumerate(steps)}
    lines = ["flowchart LR"]
    for step in steps:
        said = [step["id"], step["state"], *([f"waits for {waits(step['waits_for'])}"] if step["waits_for"] else [])]
        said += [step["reason"]] if step["reason"] else []
        label = "<br/>".join(_escaped(part) for part in said)
        opening, closing = {"human": ("([", "])"), "timer": ("{{", "}}")}.get(step["kind"], ("[", "]"))
        lines.append(f'  {names[step["id"]]}{opening}"{label}"{closing}:::{step["state"]}')
    lines += [f"  {names[need]} --> {names[step['id']]}" for step in _reduced(steps) for need in step["needs"]]
    used = sorted({step["state"] for step in steps})
    return [*lines, *(f"  classDef {state} fill:{_FILL[state]},color:#222222" for state in used)]


def _escaped(text: str) -> str:
    """Text as a Mermaid label may hold it: its special characters as entity codes."""
    special = {'"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "#": "#35;", "\n": " "}
    return "".join(special.get(letter, letter) for letter in text)
