"""What somebody approves, orders or receives, in words: what they must have seen before they decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def whole_lines(takes: Mapping[str, Any]) -> list[str]:
    """The facts of the hire, the answers to the forms, the state of the papers, the catalogue and the lines of an order, one a line."""
    return [f"  {line}" for line in _lines(takes)]


def _lines(takes: Mapping[str, Any]) -> Iterator[str]:
    for fact, value in takes.get("hire", {}).items():
        yield f"hire.{fact}: {_said(value)}"
    for form, values in takes.get("values", {}).items():
        yield from (f"{form}.{field}: {_said(value)}" for field, value in values.items())
    for kind, state in takes.get("documents", {}).items():
        yield f"documents.{kind}: {state}"
    for each in takes.get("catalogue", ()):
        yield f"may be ordered: {each['item']}, {each['titles']['en']}, {each['price']} kroner, at most {each['maximum']}"
    if takes.get("accounts"):
        yield f"on account: {', '.join(takes['accounts'])}"
    for line in takes.get("ordered", ()):
        yield f"line {line['line']}: {line['quantity']} x {line['title']}, {line['amount']} kroner on {line['account']}, {line['state']}"
    if takes.get("ordered") and "total" in takes:
        yield f"total: {takes['total']} kroner"


def _said(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value) or "-"
    return "-" if value is None or value == "" else str(value)
