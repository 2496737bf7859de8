"""The SQL of lists: which open tasks, and which cases, a person's search finds, in order and no more than asked for.

A search looks in many places (an actor and a unit; a unit and a state). Of each the first few are read from an index that is in the
list's order, and the first of all these are the answer: what lies behind them in any place isn't looked at.

Which index serves each part is known, and not left to guesses: SQLite is told its name, and PostgreSQL's planner is kept by `offset 0`
from reading everything that is open in the order of due dates until enough has been found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from idm.ports_lists import HireSearch, Search
from idm.store.among import listed, words
from idm.store.named import CROWD
from idm.store.people_search import LAST

_OPEN = "t.state = 'open'"
_ORDER = "order by t.due, t.id limit :limit"


def tasks_sql(search: Search, *, unit: bool, kind: bool, after: bool, sqlite: bool) -> str:
    """The ids and due dates of the first `:limit` tasks that `search` finds, of no place more than `:each`."""
    more = " and t.kind = :kind" if kind else ""
    more += " and (t.due, t.id) > (:after_due, :after_id)" if after else ""
    alone = more + (" and t.unit = :unit" if unit else "")
    parts = [
        _few(f"{_tasks('ix_tasks_hire', sqlite)} where {_OPEN} and t.person_id = :person and t.actor = 'hire'{alone}", sqlite),
        _of_holders("named", alone, sqlite=sqlite),
        _of_holders("beside", alone, sqlite=sqlite),
        _few(
            f"{_delegations(sqlite)} cross join {_tasks('ix_tasks_crowd', sqlite)} where d.case_id <> '' and not d.revoked"
            f" and {words('d.to_person', 'holders', sqlite=sqlite)} and t.case_id = d.case_id and t.actor = d.authority"
            f" and {_OPEN} and t.beside = '{CROWD}'{alone}",
            sqlite,
        ),
    ]
    if search.levels:
        parts += _in_places(search, more, sqlite=sqlite)
    united = " union ".join(f"select id, due from ({part}) p{at}" for at, part in enumerate(parts))
    return f"select id, due from ({united}) found order by due, id limit :limit"


def _tasks(index: str, sqlite: bool) -> str:
    return f"tasks t indexed by {index}" if sqlite else "tasks t"


def _delegations(sqlite: bool) -> str:
    return "delegations d indexed by ix_delegations_held" if sqlite else "delegations d"


def _of_holders(column: str, more: str, *, sqlite: bool) -> str:
    """The first tasks for whose case one of the holders is appointed or named, as `column` says, of which the first are taken."""
    rows = f"from {_tasks(f'ix_tasks_{column}', sqlite)} where {_OPEN} and t.{column} is not null and t.{column} = h.id{more} {_ORDER}"
    if sqlite:
        each = f"(select value as id from json_each(:holders)) h cross join tasks t on t.rowid in (select t.rowid {rows})"
    else:
        each = f"unnest(cast(:holders as text[])) as h(id) cross join lateral (select t.id, t.due {rows}) t"
    return f"select t.id, t.due from {each} {_ORDER}"


def _few(which: str, sqlite: bool) -> str:
    """The first of tasks that an index finds, but not in the list's order."""
    every = "limit -1 offset 0" if sqlite else "offset 0"
    return f"select id, due from (select t.id, t.due from {which} {every}) t {_ORDER}"


def _in_places(search: Search, more: str, *, sqlite: bool) -> Iterator[str]:
    if any(level == 0 for level in search.levels.values()):
        free = f"{_OPEN} and t.named is null and t.actor = g.actor and t.unit = g.unit{more}"
        yield _of_each("g.level = 0", "ix_tasks_free", free, sqlite=sqlite)
    if any(level >= 0 for level in search.levels.values()):
        gone_up = f"{_OPEN} and t.escalated > 0 and t.escalated >= g.level and t.actor = g.actor and t.unit = g.unit{more}"
        yield _of_each("g.level >= 0", "ix_tasks_escalated", gone_up, sqlite=sqlite)
    special = (
        ("absent", "ix_tasks_named", "t.named is not null and g.level = 0 and t.named"),
        ("hires", "ix_tasks_hire", "t.person_id"),
        ("apart", "ix_tasks_apart", "t.apart is not null and t.apart"),
    )
    for name, index, column in special:
        if getattr(search, name):
            yield _few(
                f"{_tasks(index, sqlite)} cross join {_places(sqlite)} g where {_OPEN} and {words(column, name, sqlite=sqlite)}"
                f" and g.actor = t.actor and g.unit = t.unit{more}",
                sqlite,
            )


def _of_each(which: str, index: str, tasks: str, *, sqlite: bool) -> str:
    """The first tasks of each place, of which the first are taken.

    They lie in no more places than are asked for: in those whose own first tasks are the first.
    """
    rows = f"from {_tasks(index, sqlite)} where {tasks} order by t.due, t.id"
    if sqlite:
        one = f"cross join tasks t on t.rowid = (select t.rowid {rows} limit 1)"
        each = f"cross join tasks t on t.rowid in (select t.rowid {rows} limit :each)"
    else:
        one = f"cross join lateral (select t.id, t.due {rows} limit 1) t"
        each = f"cross join lateral (select t.id, t.due {rows} limit :each) t"
    nearest = f"select g.actor, g.unit, g.level from {_places(sqlite)} g {one} where {which} {_ORDER}"
    return f"select t.id, t.due from ({nearest}) g {each} {_ORDER}"


def _places(sqlite: bool) -> str:
    if sqlite:
        fields = ", ".join(f"json_extract(value, '$[{at}]') as {name}" for at, name in enumerate(("actor", "unit", "level")))
        return f"(select {fields} from json_each(:places))"
    return "(select * from unnest(cast(:actors as text[]), cast(:units as text[]), cast(:levels as int[])) as u(actor, unit, level))"


def tasks_values(search: Search, *, sqlite: bool, only_unit: str = "") -> dict[str, Any]:
    """The parameters of `tasks_sql`, without those of the page."""
    values: dict[str, Any] = {"person": search.person}
    for name in ("holders", "hires", "apart", "absent"):
        values[name] = listed(getattr(search, name), sqlite=sqlite)
    wanted = [(actor, unit, level) for (actor, unit), level in sorted(search.levels.items()) if only_unit in ("", unit)]
    if sqlite:
        return values | {"places": json.dumps(wanted)}
    return values | {name: [row[at] for row in wanted] for at, name in enumerate(("actors", "units", "levels"))}


_BY_START = "order by c.start_date, c.id limit :limit"


def hires_sql(search: HireSearch, *, after: bool, sqlite: bool) -> str:
    """The first `:limit` cases that `search` finds, whole."""
    more = " and (c.start_date, c.id) > (:after_start, :after_id)" if after else ""
    alone = f"{more} and {words('c.state', 'states', sqlite=sqlite)}"
    alone += " and c.person_id in (select person_id from called)" if search.words else ""
    parts = [_of_names(alone, sqlite) if search.words else _of_units(more, sqlite)]
    if search.holders:
        whose = f"d.case_id <> '' and not d.revoked and {words('d.to_person', 'holders', sqlite=sqlite)}"
        parts.append(
            f"select c.id, c.start_date from delegations d cross join cases c where {whose} and c.id = d.case_id{alone} {_BY_START}"
        )
    if search.managers:
        whose = f"e.case_id <> '' and {words('e.manager', 'managers', sqlite=sqlite)}"
        parts.append(
            f"select c.id, c.start_date from employments e cross join cases c where {whose} and c.id = e.case_id{alone} {_BY_START}"
        )
    united = " union ".join(f"select id, start_date from ({part}) p{at}" for at, part in enumerate(parts))
    found = f"select id from ({united}) found order by start_date, id limit :limit"
    return f"{_called(search)}select c.* from ({found}) p join cases c on c.id = p.id {_BY_START}"


def _of_units(more: str, sqlite: bool) -> str:
    """The first cases of each unit and state, of which the first are taken."""
    inside = f"c.unit = g.unit and c.state = g.state{more}"
    if sqlite:
        places = "(select json_extract(value, '$[0]') as unit, json_extract(value, '$[1]') as state from json_each(:places))"
        first = f"select c.id from cases c indexed by ix_cases_place where {inside} {_BY_START}"
        return f"select c.id, c.start_date from {places} g cross join cases c on c.id in ({first}) {_BY_START}"
    places = "(select * from unnest(cast(:units as text[]), cast(:unit_states as text[])) as u(unit, state))"
    first = f"select c.id, c.start_date from cases c where {inside} {_BY_START}"
    return f"select c.id, c.start_date from {places} g cross join lateral ({first}) c {_BY_START}"


def _of_names(alone: str, sqlite: bool) -> str:
    """The cases of whoever is called so: they are looked for once, and not case by case."""
    there = words("c.unit", "some_units", sqlite=sqlite)
    return f"select c.id, c.start_date from called k cross join cases c where c.person_id = k.person_id and {there}{alone} {_BY_START}"


def _called(search: HireSearch) -> str:
    """The persons of whom a word begins with each that is looked for."""
    if not search.words:
        return ""
    each = (f"select w.person_id from person_words w where w.word >= :from{at} and w.word < :to{at}" for at in range(len(search.words)))
    return f"with called as materialized ({' intersect '.join(each)}) "


def hires_values(search: HireSearch, *, sqlite: bool) -> dict[str, Any]:
    """The parameters of `hires_sql`, without those of the page."""
    values: dict[str, Any] = {name: listed(getattr(search, name), sqlite=sqlite) for name in ("holders", "managers", "states")}
    for at, word in enumerate(search.words):
        values |= {f"from{at}": word, f"to{at}": word + LAST}
    values["some_units"] = listed(search.units, sqlite=sqlite)
    pairs = [(unit, state) for unit in sorted(search.units) for state in search.states]
    if sqlite:
        return values | {"places": json.dumps(pairs)}
    return values | {"units": [unit for unit, _ in pairs], "unit_states": [state for _, state in pairs]}
