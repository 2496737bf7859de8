"""What a person answers to a task: a decision, a reason, and the values filled in."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from idm.domain.prose import faults_of_prose, tidy
from idm.errors import BadInput, Fault
from idm.inputs.fields import Fields
from idm.inputs.json_text import read_json


@dataclass(frozen=True, slots=True)
class TaskInput:
    """An answer as given: `decision` and `reason` are "" and `values` is empty where nothing was said.

    What a task takes, its kind and its form say; here only the shape is checked. A value is text, a number, true or
    false, null, or a list of texts.
    """

    decision: str = ""
    reason: str = field(default="", repr=False)
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)


def read_task_input(text: str | bytes) -> TaskInput:
    """Read an answer: a JSON object with `decision`, `reason` and `values`, each optional. Raises BadInput with every fault."""
    faults: list[Fault] = []
    root = Fields(read_json(text, "The answer"), "", faults)
    decision = root.text("decision", required=False, most=40)
    reason = _lines(root, faults)
    values = _values(root, faults)
    root.nothing_else()
    if faults:
        raise BadInput(
            f"The answer breaks {len(faults)} rule(s).",
            faults=faults,
            next_step='Give a JSON object such as {"decision": "accept"} or {"decision": "return", "reason": "..."}.',
        )
    return TaskInput(decision, reason, values)


def _lines(root: Fields, faults: list[Fault]) -> str:
    """The reason, which may have several lines."""
    value = root.raw("reason", required=False)
    if value is None:
        return ""
    if not isinstance(value, str):
        root.fault("reason", "text", "must be text")
        return ""
    lines = tidy(value)
    faults += faults_of_prose(lines, "reason")
    return lines


def _values(root: Fields, faults: list[Fault]) -> dict[str, Any]:
    given = root.raw("values", required=False)
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        root.fault("values", "object", "must be a JSON object")
        return {}
    found: dict[str, Any] = {}
    for index, (name, value) in enumerate(given.items()):
        path = f"values.{name}" if name.isascii() and name.isidentifier() and len(name) <= 40 else f"values[{index}]"
        if path.endswith("]"):
            faults.append(Fault(path, "name", "its name must be at most 40 letters a-z, digits and underscores"))
        elif (problem := _problem(value)) is not None:
            faults.append(Fault(path, "value", problem))
        else:
            found[name] = value
    return found


def _problem(value: object) -> str | None:
    if isinstance(value, str):
        if len(value) > 2000:
            return "is longer than 2000 characters"
        wrong = any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t" for letter in value)
        return "holds a control character" if wrong else None
    if isinstance(value, list):
        problems = [_problem(item) if isinstance(item, str) else _line_problem(item) for item in value]
        return next((problem for problem in problems if problem), None)
    if value is None or isinstance(value, bool | int | float):
        return None
    return "must be text, a number, true, false, null or a list of texts or lines"


def _line_problem(line: object) -> str | None:
    """What is wrong with an element of a list that isn't text: it may be a line, an object of plain values."""
    if not isinstance(line, Mapping) or len(line) > 20:
        return 'must be a list of texts, or of lines such as {"item": "screen", "quantity": 2}'
    found = [text for value in line.values() for text in (value if isinstance(value, list) else [value])]
    if any(not isinstance(value, str | int | float | bool | None) for value in found):
        return "a line holds texts, numbers and lists of them only"
    return next((problem for value in found if (problem := _problem(value))), None)
