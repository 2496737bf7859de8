"""What the payroll tables will soon leave undone: rows that end and nothing follows, days between rows, places without any choice."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise

from idm.domain.payroll_funnel import Place
from idm.domain.payroll_lanes import lanes_at
from idm.domain.payroll_rows import Agreement, Allowed, Experience, Institution, Occupation, PayClass, Pension, Row, ScaleStep, Supplement
from idm.domain.payroll_tables import PayrollTables
from idm.domain.people import Organisation
from idm.errors import Fault

_DAY = timedelta(days=1)
_SHOWN = 5
"""How many names a warning lists at most."""


def key(row: Row) -> Hashable:
    """What makes two rows of a table the same one, but for the days on which they hold."""
    match row:
        case Agreement() | PayClass():
            return row.code
        case ScaleStep():
            return row.scale, row.step
        case Experience():
            return row.pay_class, row.years
        case Supplement():
            return row.code, row.agreement, row.pay_class
        case Pension():
            return row.code, row.agreement, row.pay_class, row.pay_type, row.from_age, row.below_age, row.from_hours, row.below_hours
        case Occupation():
            return row.agreement, row.pay_class, row.pay_type
        case Allowed():
            return row.unit, row.position, row.agreement, row.pay_class, row.first_step, row.last_step
        case Institution():
            return row.code, row.unit, row.cost_centre
    raise AssertionError(f"no table has a {type(row).__name__}")


def warnings(tables: PayrollTables, today: date, organisation: Organisation | None = None, days: int | None = None) -> Iterator[Fault]:
    """Everything to be told today, each with file and line; `days` ahead, else as many as the tables' own policy says."""
    lost = _Lost(tables, organisation)
    until = today + timedelta(days=days if days is not None else tables.warn_days)
    for rows in tables.tables().values():
        chains = _chains(rows)
        yield from _gaps(chains, today)
        yield from _ending(chains, today, until, lost)
    yield from _without(tables, today, lost)
    if organisation is not None:
        yield from _never(tables, organisation)
        yield from _nobody(tables, today, organisation)


def _chains(rows: Iterable[Row]) -> list[list[Row]]:
    """The rows of each key, the earliest first."""
    found: dict[Hashable, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return [sorted(each, key=lambda row: row.valid_from) for each in found.values()]


def _gaps(chains: Iterable[list[Row]], today: date) -> Iterator[Fault]:
    for chain in chains:
        for before, after in pairwise(chain):
            if before.valid_to is not None and after.valid_from > before.valid_to + _DAY and after.valid_from > today:
                first, last = before.valid_to + _DAY, after.valid_from - _DAY
                words = f"nothing holds from {first} to {last}, between line {before.source.line} and this row"
                yield Fault(after.rule, "gap", words)


def _ending(chains: Iterable[list[Row]], today: date, until: date, lost: _Lost) -> Iterator[Fault]:
    """One warning for all rows of a table that end on one day with nothing after them."""
    for day, rows in _last_rows(chains, today, until):
        first = rows[0]
        more = f" and {len(rows) - 1} other rows end" if len(rows) > 1 else " ends"
        words = f"this row{more} on {day} and nothing follows"
        yield Fault(first.rule, "ends", f"{words}; {lost.words(day + _DAY)}")


def _last_rows(chains: Iterable[list[Row]], today: date, until: date) -> Iterator[tuple[date, list[Row]]]:
    """The rows that end from today until then with nothing after them, by day; those of a day in the order of their table."""
    by_day: dict[date, list[Row]] = {}
    for chain in chains:
        last = chain[-1]
        if last.valid_to is not None and today <= last.valid_to <= until:
            by_day.setdefault(last.valid_to, []).append(last)
    for day, rows in sorted(by_day.items()):
        yield day, sorted(rows, key=lambda row: row.source.line)


def ending_rows(tables: PayrollTables, today: date) -> Iterator[tuple[date, list[Row]]]:
    """The rows of each table that end with nothing after them, within the days that the tables' policy says, by table and day."""
    for rows in tables.tables().values():
        yield from _last_rows(_chains(rows), today, today + timedelta(days=tables.warn_days))


def _without(tables: PayrollTables, today: date, lost: _Lost) -> Iterator[Fault]:
    """Places that have no choice today already."""
    rows = {(row.position, row.unit): row for row in reversed(tables.allowed) if row.holds(today)}
    for place in lost.none_on(today):
        row = rows.get(place)
        if row is not None:
            yield Fault(row.rule, "no-choice", f"{_named(*place)} has no agreement, class and step that go together today")


def _never(tables: PayrollTables, organisation: Organisation) -> Iterator[Fault]:
    """Rows about units and positions that aren't there."""
    rows: list[Allowed | Institution] = [*tables.allowed, *tables.institutions]
    for row in rows:
        if row.unit and row.unit not in organisation.units:
            yield Fault(row.rule, "never-matches", f"the organisation has no unit '{row.unit}', so this row never matches")
        if isinstance(row, Allowed) and row.position and row.position not in organisation.positions:
            yield Fault(row.rule, "never-matches", f"the organisation has no position '{row.position}', so this row never matches")


def _nobody(tables: PayrollTables, today: date, organisation: Organisation) -> Iterator[Fault]:
    """Positions and units that no row is about."""
    known = {row.position for row in tables.allowed}
    missing = sorted(set(organisation.positions) - known) if "" not in known else []
    if missing:
        words = f"no row is about {_list(missing)}: nobody could be paid there"
        yield Fault("payroll/allowed.csv:1", "no-agreement", words)
    paths = {unit: tuple(each.id for each in organisation.path(unit)) for unit in organisation.units}
    bare = sorted(unit for unit, path in paths.items() if not tables.institutions_at(path, today))
    if bare:
        words = f"no institution and cost centre is given today for {_list(bare)}, or a unit above: nobody could be paid there"
        yield Fault("payroll/institutions.csv:1", "no-cost-centre", words)


class _Lost:
    """Which places that the tables speak of have no choice on a day; each day is worked out once."""

    def __init__(self, tables: PayrollTables, organisation: Organisation | None) -> None:
        self._tables = tables
        self._path: Callable[[str], tuple[str, ...]] = lambda unit: (unit,) if unit else ()
        if organisation is not None:
            self._path = lambda unit: tuple(each.id for each in organisation.path(unit)) or ((unit,) if unit else ())
        self._places = sorted({(row.position, row.unit) for row in tables.allowed})
        self._papers = {row.papers: date.min for row in tables.classes if row.papers}
        self._known: dict[date, frozenset[tuple[str, str]]] = {}

    def none_on(self, day: date) -> frozenset[tuple[str, str]]:
        """The (position, unit) pairs that have no choice on that day."""
        if day not in self._known:
            self._known[day] = frozenset(place for place in self._places if not self._any(place, day))
        return self._known[day]

    def _any(self, place: tuple[str, str], day: date) -> bool:
        position, unit = place
        return bool(lanes_at(self._tables, Place(self._path(unit), position, day, papers=self._papers), day)[0])

    def words(self, day: date) -> str:
        """What having no choice from that day on means, against the day before."""
        gone = sorted(self.none_on(day) - self.none_on(day - _DAY))
        if not gone:
            return "every position still has a choice then"
        return f"from {day} there is no choice for {_list([_named(*place) for place in gone])}"


def _named(position: str, unit: str) -> str:
    return f"{position or 'any position'} in {unit or 'any unit'}"


def _list(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"


def lost_places(tables: PayrollTables, day: date, organisation: Organisation | None = None) -> frozenset[tuple[str, str]]:
    """The (position, unit) pairs of the tables that have no choice on a day."""
    return _Lost(tables, organisation).none_on(day)
