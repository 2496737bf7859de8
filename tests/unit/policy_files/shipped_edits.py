"""The shipped policies with one value changed: where it stands is found by its path (in YAML) or by its row and column (in a table)."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import yaml

from idm.demo.municipality import table
from idm.domain.people import Organisation, Position, Unit

SHIPPED = Path(__file__).parents[3] / "policies"
ORGANISATION = Organisation(
    {row["id"]: Unit(row["id"], row["name"], row["parent"] or None) for row in table("units")},
    {row["id"]: Position(row["id"], row["title"]) for row in table("positions")},
)


@dataclass(frozen=True, slots=True)
class Absurd:
    """One value changed to something that nobody can mean: `rule` and `says` are of the fault or warning that must come of it.

    `where`: the keys to the value, with `/` between; in a table how its row begins, and then the column. `line_of`: the keys to the part
    at whose line it is told, where that is another than the value's own (a sort of record is told of by its name, say).
    """

    file: str
    where: str
    value: str
    rule: str
    says: str
    line_of: str = ""


def edited(text: str, edit: Absurd) -> tuple[str, int]:
    """The text with the value changed, and the line at which that must be told."""
    if edit.file.endswith(".csv"):
        return _row(text, edit)
    node = _node(text, edit.where)
    first, last = node.start_mark.index, node.end_mark.index
    while text[last - 1].isspace():
        last -= 1
    changed = text[:first] + edit.value + text[last:]
    return changed, _line(changed, edit.line_of or edit.where)


def _row(text: str, edit: Absurd) -> tuple[str, int]:
    begins, _, column = edit.where.rpartition("/")
    lines = text.splitlines(keepends=True)
    place = lines[0].strip().split(",").index(column)
    (number,) = [number for number, line in enumerate(lines) if line.startswith(begins)]
    cells = next(csv.reader([lines[number]]))
    assert cells[place] != edit.value
    cells[place] = edit.value
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return "".join([*lines[:number], out.getvalue(), *lines[number + 1 :]]), number + 1


def _line(text: str, where: str) -> int:
    """The line of the key that a path ends with, or of the entry of a list."""
    above, _, last = where.rpartition("/")
    node = _node(text, above)
    if isinstance(node, yaml.MappingNode):
        return next(int(key.start_mark.line) for key, _ in node.value if key.value == last) + 1
    return int(_node(text, where).start_mark.line) + 1


def _node(text: str, where: str) -> yaml.Node:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    assert node is not None
    for name in where.split("/") if where else ():
        if isinstance(node, yaml.SequenceNode):
            node = node.value[int(name)]
        else:
            (node,) = [value for key, value in node.value if key.value == name]
    return node
