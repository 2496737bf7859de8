"""`idm org`: import the organisation, and list what it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from idm.commands.answer import Answer, note
from idm.commands.command import IdmGroup
from idm.commands.session import STDIN, administrator, demand_known, installation, read_bytes, reading
from idm.commands.text import table
from idm.domain.people import Employment, Organisation, Person
from idm.errors import BadInput, BadUsage, Conflict, Fault
from idm.inputs.csv_organisation import TABLES, OrganisationTables, check_tables, read_tables

org = IdmGroup(
    "org",
    help="Units, positions and people.",
    examples=("idm org import organisation.json", "idm org import hr-export/", "idm org show", "idm org people --unit school_north"),
)
_NO_UNIT = {4: "there is no such unit"}


@org.add(
    "import",
    examples=(
        "idm org import organisation.json",
        "idm org import hr-export/",
        "idm org import units.csv positions.csv people.csv employments.csv",
        "hr-export | idm org import -",
    ),
    exits={
        3: "the input breaks rules; nothing was imported",
        4: "there is no such file",
        6: "the file and what is here disagree on who is who; nothing was imported",
    },
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def import_(files: Sequence[str]) -> Answer:
    """Import units, positions and people with their employments, all or nothing.

    FILE is a JSON file (- for standard input); or a folder that holds units.csv, positions.csv, people.csv and employments.csv; or those
    files themselves.
    """
    from idm.flow.organisation import import_organisation
    from idm.inputs.organisation import read_organisation

    tables = _tables(files)
    raw = read_bytes(files[0]) if tables is None else b""
    with installation() as found:
        today = found.app.clock.today()
        read = check_tables(tables, today) if tables is not None else read_organisation(raw, today)
        try:
            counts = import_organisation(found.app, read.units, read.positions, read.people, read.employments, administrator())
        except Conflict as error:
            raise tables.placed(error) if tables is not None else error from None
    document = {"units": counts.units, "positions": counts.positions, "people": counts.people, "employments": counts.employments}
    return Answer(document, ["Imported " + ", ".join(f"{count} {name}" for name, count in document.items()) + "."])


def _tables(files: Sequence[str]) -> OrganisationTables | None:
    """The tables that `files` name: a folder, or each by itself; None for one file of JSON."""
    if len(files) == 1 and files[0] != STDIN and Path(files[0]).is_dir():
        folder = Path(files[0])
        with reading(folder):
            found = {name: folder / f"{name}.csv" for name in TABLES if (folder / f"{name}.csv").exists()}
        if not found:
            fault = Fault(files[0], "folder", f"holds none of {', '.join(f'{name}.csv' for name in TABLES)}")
            raise BadInput(
                f"{files[0]} holds no organisation.", faults=[fault], next_step="Name the folder with the tables, or a JSON file."
            )
        return read_tables({name: read_bytes(str(path)) for name, path in found.items()})
    if len(files) == 1 and not files[0].lower().endswith(".csv"):
        return None
    named = {Path(file).name.lower().removesuffix(".csv"): file for file in files}
    strange = [file for name, file in named.items() if name not in TABLES]
    if strange or len(named) < len(files):
        raise BadUsage(
            f"{', '.join(strange) or 'A table is named twice, so it'} is none of the organisation's tables.",
            next_step=f"The tables are {', '.join(f'{name}.csv' for name in TABLES)}; a JSON file or - stands alone.",
        )
    return read_tables({name: read_bytes(file) for name, file in named.items()})


@org.add("show", examples=("idm org show", "idm org show --json"))
def show() -> Answer:
    """Show the units as a tree with their managers' person ids, and the positions."""
    with installation() as found:
        organisation = found.app.store.organisation()
        rows, items = _unit_items(organisation, found.app.store.people(_managers(organisation)))
    positions = [{"id": position.id, "title": position.title} for position in organisation.positions.values()]
    text = _unit_table(rows, items)
    if positions:
        text += ["", *table(("position", "title"), [(position["id"], position["title"]) for position in positions])]
    return Answer({"items": items, "positions": positions}, text)


@org.add("units", examples=("idm org units", "idm org units --unit schools --json"), exits=_NO_UNIT)
@click.option("--unit", default="", help="Only this unit and those below it.")
def units(unit: str) -> Answer:
    """List the units, each before those below it, with their managers."""
    with installation() as found:
        demand_known(found.app, unit=unit)
        organisation = found.app.store.organisation()
        rows, items = _unit_items(organisation, found.app.store.people(_managers(organisation)), unit)
    return Answer({"items": items}, _unit_table(rows, items))


@org.add("positions", examples=("idm org positions", "idm org positions --json"))
def positions() -> Answer:
    """List the positions."""
    with installation() as found:
        known = found.app.store.organisation().positions
    items = [{"id": position.id, "title": position.title} for position in known.values()]
    return Answer(
        {"items": items}, table(("position", "title"), [(i["id"], i["title"]) for i in items], "No positions yet: `idm org import`.")
    )


@org.add(
    "people",
    examples=("idm org people", "idm org people --unit school_north --json", "idm org people --limit 500 --after head_north"),
    exits=_NO_UNIT,
)
@click.option("--unit", default="", help="Only those with an employment in this unit or one below it.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=200, show_default=True, help="At most so many.")
@click.option("--after", default="", metavar="PERSON", help="Only those whose ids come after this one: the `next` of the page before.")
def people(unit: str, limit: int, after: str) -> Answer:
    """List people by id, with the ids that HR gives them and their employments. CPR numbers and private addresses are never shown."""
    with installation() as found:
        demand_known(found.app, unit=unit)
        store = found.app.store
        below = _below(store.organisation(), unit) if unit else None
        rows = store.list_people(units=below, after=after, limit=limit + 1)
        page, more = rows[:limit], len(rows) > limit
        ids = [person.id for person in page]
        employments, aliases = store.employments_by_person(ids), store.person_aliases(ids)
    items = [_person(person, aliases.get(person.id, ()), employments.get(person.id, ())) for person in page]
    if more:
        note(f"There are more: `--after {ids[-1]}` shows the next page.")
    shown = [
        (item["id"], item["name"], item["email"], ", ".join(item["aliases"]), ", ".join(e["unit"] for e in item["employments"]))
        for item in items
    ]
    text = table(("person", "name", "mail", "also known as", "employed in"), shown, "Nobody here.")
    return Answer({"items": items, "next": ids[-1] if more else None}, text)


def _person(person: Person, aliases: Sequence[str], employments: Sequence[Employment]) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.full_name,
        "email": person.email or None,
        "username": person.username or None,
        "aliases": list(aliases),
        "employments": [
            {
                "id": each.id,
                "unit": each.unit,
                "position": each.position,
                "start_date": each.start_date.isoformat(),
                "end_date": each.end_date.isoformat() if each.end_date else None,
                "case": each.case or None,
            }
            for each in employments
        ],
    }


def _managers(organisation: Organisation) -> set[str]:
    return {unit.manager for unit in organisation.units.values() if unit.manager}


def _unit_items(organisation: Organisation, people: Mapping[str, Person], top: str = "") -> tuple[list[int], list[dict[str, Any]]]:
    """Each unit's depth, and each unit in the outside contract's shape; those from `top` down, or all."""
    wanted = _below(organisation, top) if top else set(organisation.units)
    rows = [(depth, unit) for depth, unit in _tree(organisation) if unit in wanted]
    return [depth - rows[0][0] for depth, _ in rows], [_unit(organisation, unit, people) for _, unit in rows]


def _unit_table(depths: Sequence[int], items: Sequence[Mapping[str, Any]]) -> list[str]:
    shown = [
        ("  " * depth + item["id"], item["name"], item["manager"], item["manager_name"]) for depth, item in zip(depths, items, strict=True)
    ]
    return table(("unit", "name", "manager", ""), shown, "No units yet: `idm org import FILE`.")


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


def _below(organisation: Organisation, top: str) -> set[str]:
    """The unit and every unit below it."""
    return {unit for unit in organisation.units if any(above.id == top for above in organisation.path(unit))}


def _tree(organisation: Organisation, parent: str | None = None, depth: int = 0) -> Iterator[tuple[int, str]]:
    """Every unit with its depth, each before those below it."""
    for unit in organisation.units.values():
        above = unit.parent if unit.parent in organisation.units else None
        if above == parent:
            yield depth, unit.id
            yield from _tree(organisation, unit.id, depth + 1)
