"""`idm org`: import the organisation, and show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup
from idm.commands.session import administrator, installation, read_bytes
from idm.commands.text import table
from idm.domain.people import Organisation, Person

org = IdmGroup("org", help="Units, positions and people.", examples=("idm org import organisation.json", "idm org show"))


@org.add(
    "import",
    examples=("idm org import organisation.json", "hr-export | idm org import -"),
    exits={3: "the file breaks rules; nothing was imported", 4: "there is no such file", 6: "a CPR number belongs to another person here"},
)
@click.argument("file")
def import_(file: str) -> Answer:
    """Import units, positions and people with their employments from FILE (JSON; - for standard input), all or nothing."""
    from idm.flow.organisation import import_organisation
    from idm.inputs.organisation import read_organisation

    raw = read_bytes(file)
    with installation() as found:
        read = read_organisation(raw, found.app.clock.today())
        counts = import_organisation(found.app, read.units, read.positions, read.people, read.employments, administrator())
    document = {"units": counts.units, "positions": counts.positions, "people": counts.people, "employments": counts.employments}
    return Answer(document, ["Imported " + ", ".join(f"{count} {name}" for name, count in document.items()) + "."])


@org.add("show", examples=("idm org show", "idm org show --json"))
def show() -> Answer:
    """Show the units as a tree with their managers' person ids, and the positions."""
    with installation() as found:
        organisation = found.app.store.organisation()
        managers = found.app.store.people({unit.manager for unit in organisation.units.values() if unit.manager})
    rows = [(depth, unit) for depth, unit in _tree(organisation)]
    items = [_unit(organisation, unit, managers) for _, unit in rows]
    positions = [{"id": position.id, "title": position.title} for position in organisation.positions.values()]
    units = [
        ("  " * depth + item["id"], item["name"], item["manager"], item["manager_name"])
        for (depth, _), item in zip(rows, items, strict=True)
    ]
    text = table(("unit", "name", "manager", ""), units, "No units yet: `idm org import FILE`.")
    if positions:
        text += ["", *table(("position", "title"), [(position["id"], position["title"]) for position in positions])]
    return Answer({"items": items, "positions": positions}, text)


def _unit(organisation: Organisation, id: str, people: Mapping[str, Person]) -> dict[str, Any]:
    unit = organisation.units[id]
    manager = people.get(unit.manager)
    return {
        "id": unit.id,
        "name": unit.name,
        "parent": unit.parent,
        "manager": unit.manager or None,
        "manager_name": manager.full_name if manager is not None else None,
    }


def _tree(organisation: Organisation, parent: str | None = None, depth: int = 0) -> Iterator[tuple[int, str]]:
    """Every unit with its depth, each before those below it."""
    for unit in organisation.units.values():
        above = unit.parent if unit.parent in organisation.units else None
        if above == parent:
            yield depth, unit.id
            yield from _tree(organisation, unit.id, depth + 1)
