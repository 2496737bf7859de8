"""The organisation file: units in a tree, positions, and people with their employments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from idm.domain.people import Cpr, Employment, Person, Position, Unit
from idm.errors import BadInput, Fault
from idm.inputs.fields import Fields
from idm.inputs.json_text import read_json


@dataclass(frozen=True, slots=True)
class OrganisationInput:
    """What an organisation file says. An employment's id is "" where the file gives none; its `person` is the person's id."""

    units: tuple[Unit, ...]
    positions: tuple[Position, ...]
    people: tuple[Person, ...]
    employments: tuple[Employment, ...]


def read_organisation(text: str | bytes, today: date) -> OrganisationInput:
    """Read an organisation file. `today` is the day that no date of birth may lie after.

    Raises BadInput with every fault and its path in the file, such as `people[3].cpr`. No fault repeats a CPR number or mail address.
    """
    return check_organisation(read_json(text, "The organisation file"), today)


def check_organisation(content: object, today: date) -> OrganisationInput:
    """The organisation in `content`, what an organisation file holds; raises as `read_organisation` does."""
    reader = _Reader(today)
    found = reader.read(content)
    if reader.faults:
        raise BadInput(
            f"The organisation file breaks {len(reader.faults)} rule(s), so nothing was taken.",
            faults=reader.faults,
            next_step="Mend the file and import it again.",
        )
    return found


class _Reader:
    """One reading of one file; `faults` gathers what is wrong with it."""

    def __init__(self, today: date) -> None:
        self.faults: list[Fault] = []
        self._today = today
        self._where: dict[tuple[str, str], str] = {}

    def read(self, content: object) -> OrganisationInput:
        """The whole file, sound or not."""
        root = Fields(content, "", self.faults)
        units = root.objects("units")
        positions = root.objects("positions")
        people = root.objects("people")
        root.nothing_else()
        read_units = {path: self._unit(path, item) for path, item in units}
        read_positions = {path: self._position(path, item) for path, item in positions}
        known_units = {unit.id for unit in read_units.values()}
        known_positions = {position.id for position in read_positions.values()}
        read_people: dict[str, Person] = {}
        employments: list[Employment] = []
        for path, item in people:
            fields = Fields(item, path, self.faults)
            person = read_people[path] = self._person(fields)
            employments.extend(self._employments(fields, person, known_units, known_positions))
            fields.nothing_else()
        self._check_units(read_units, {person.id for person in read_people.values()})
        return OrganisationInput(
            tuple(read_units.values()), tuple(read_positions.values()), tuple(read_people.values()), tuple(employments)
        )

    def _unit(self, path: str, item: object) -> Unit:
        fields = Fields(item, path, self.faults)
        unit = Unit(
            self._own_id(fields, "unit"),
            fields.text("name"),
            fields.id("parent", required=False) or None,
            fields.id("manager", required=False),
        )
        fields.nothing_else()
        return unit

    def _position(self, path: str, item: object) -> Position:
        fields = Fields(item, path, self.faults)
        position = Position(self._own_id(fields, "position"), fields.text("title"))
        fields.nothing_else()
        return position

    def _person(self, fields: Fields) -> Person:
        cpr = fields.cpr("cpr", self._today)
        person = Person(
            self._own_id(fields, "person"),
            cpr or Cpr(""),
            fields.person_name("given_name"),
            fields.person_name("family_name"),
            fields.email("email", required=False).reveal(),
        )
        if cpr is not None:
            self._once(fields, "cpr", "CPR number", cpr.reveal())
        return person

    def _employments(self, person: Fields, owner: Person, units: set[str], positions: set[str]) -> Iterable[Employment]:
        for path, item in person.objects("employments", required=False):
            fields = Fields(item, path, self.faults)
            start, end = fields.day("start_date"), fields.day("end_date", required=False)
            if start and end and end < start:
                fields.fault("end_date", "order", "is before start_date")
            employment = Employment(
                self._own_id(fields, "employment", required=False),
                owner.id,
                self._known(fields, "unit", units),
                self._known(fields, "position", positions),
                start or date.min,
                end,
            )
            fields.nothing_else()
            yield employment

    def _own_id(self, fields: Fields, what: str, *, required: bool = True) -> str:
        value = fields.id("id", required=required)
        if value:
            self._once(fields, "id", what, value)
        return value

    def _once(self, fields: Fields, name: str, what: str, value: str) -> None:
        first = self._where.setdefault((what, value), fields.path)
        if first != fields.path:
            shown = "CPR number" if name == "cpr" else "id"
            fields.fault(name, "duplicate", f"is the same {shown} as that of {first}")

    @staticmethod
    def _known(fields: Fields, name: str, known: set[str]) -> str:
        value = fields.id(name)
        if value and value not in known:
            fields.fault(name, f"unknown-{name}", f"names a {name} that this file does not declare")
        return value

    def _check_units(self, units: Mapping[str, Unit], people: set[str]) -> None:
        by_id = {unit.id: unit for unit in units.values()}
        for path, unit in units.items():
            if unit.manager and unit.manager not in people:
                self.faults.append(Fault(f"{path}.manager", "unknown-person", "names a person that this file does not declare"))
            if unit.parent and unit.parent not in by_id:
                self.faults.append(Fault(f"{path}.parent", "unknown-unit", "names a unit that this file does not declare"))
            elif unit.id and _on_loop(unit, by_id):
                self.faults.append(Fault(f"{path}.parent", "loop", "leads back to this unit, so the units are no tree"))


def _on_loop(unit: Unit, units: Mapping[str, Unit]) -> bool:
    seen: set[str] = set()
    above = unit.parent
    while above and above in units and above not in seen:
        if above == unit.id:
            return True
        seen.add(above)
        above = units[above].parent
    return False
