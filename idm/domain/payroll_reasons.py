"""Why an answer in the payroll funnel is refused: the row that says so, and in words.

No text repeats what was filled in, unless a table holds it: somebody may have put a private number into the wrong field.
"""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from idm.domain.payroll_funnel import Place, Refusal
from idm.domain.payroll_lanes import LEAST_AGE, Lane, full_years, pension_unfit
from idm.domain.payroll_rows import Institution, Row
from idm.domain.payroll_tables import PayrollTables, valid

Dead = Sequence[tuple[str, str, str, Refusal]]
"""Ways that lead nowhere: agreement, class, kind of pay, and why."""


def table_file(table: str) -> str:
    """The file of a table, as rules name it where no row says so."""
    return f"payroll/{table}.csv"


def no_institution(tables: PayrollTables, place: Place, on: date) -> Refusal:
    """Nothing can be created without an institution and a cost centre."""
    units = (*place.unit_path, "")
    row = _nearest([row for unit in units for row in tables.institutions_of.get(unit, ())], on)
    words = f"no institution and cost centre is given for unit '{place.unit}' or a unit above it on {on}"
    return Refusal("cost_centre", row.rule if row else table_file("institutions"), f"{words}{_when(row, on)}; nothing can be created")


def no_agreement(tables: PayrollTables, place: Place, on: date, dead: Dead) -> Refusal:
    """Nothing can be created without an agreement for the position in the unit."""
    if dead:
        return Refusal("agreement", dead[0][3].rule, f"no agreement can be used here: {dead[0][3].message}")
    where = f"position '{place.position}' in unit '{place.unit}'"
    rows = tables.allowed_at(place.position, place.unit_path, on)
    if rows:
        row = rows[0]
        its = _nearest([*tables.agreement.get(row.agreement, ()), *tables.pay_class.get(row.pay_class, ())], on)
        what = f"{row.agreement} {row.pay_class}".strip()
        words = f"for {where} only {what} is allowed, and that isn't valid on {on}"
        return Refusal("agreement", its.rule if its else row.rule, f"{words}{_when(its, on)}; nothing can be created")
    known = [row for who in (place.position, "") for unit in (*place.unit_path, "") for row in tables.allowed_for.get((who, unit), ())]
    was = _nearest(known, on)
    words = f"no agreement is allowed for {where} on {on}{_when(was, on)}; nothing can be created"
    return Refusal("agreement", was.rule if was else table_file("allowed"), words)


def why_not_institution(
    tables: PayrollTables, place: Place, on: date, rows: Iterable[Institution], field: str, value: str, accepted: Mapping[str, str]
) -> Refusal:
    """Why this institution or cost centre can't be."""
    known = tables.institution if field == "institution" else tables.cost_centre
    title = "institution" if field == "institution" else "cost centre"
    first = next(iter(rows))
    named = known.get(value)
    if not named:
        return _unknown(field, "institutions", title, value, known)
    if not valid(named, on):
        return _dated(field, f"{title} {value}", named, on)
    own = next((row for row in rows if row in named), None)
    if own is not None:
        words = f"cost centre {value} belongs to institution {own.code}, not to {accepted.get('institution', '')}"
        return Refusal(field, own.rule, words)
    left = ", ".join(dict.fromkeys(row.code if field == "institution" else row.cost_centre for row in rows))
    return Refusal(field, first.rule, f"{title} {value} is not one of unit '{place.unit}', which has: {left}")


def why_not_lane(
    tables: PayrollTables,
    place: Place,
    on: date,
    left: list[Lane],
    dead: Dead,
    field: str,
    value: str,
    accepted: Mapping[str, str],
) -> Refusal:
    """Why this value can't be, where `left` are the lanes that fit the answers before it."""
    match field:
        case "agreement":
            return _agreement(tables, place, on, left, dead, value)
        case "pay_class":
            return _pay_class(tables, place, on, left, dead, value, accepted)
        case "pay_type":
            return _pay_type(left[0], dead, value)
        case "seniority_date":
            return _seniority(left[0], value)
        case "scale_step":
            return _step(tables, on, left, value, accepted)
        case "occupation_rate":
            return _rate(left[0], value, place)
        case "supplements":
            return _supplement(tables, on, left[0], value, accepted)
        case _:
            return _pension(tables, place, on, left[0], value)


def _agreement(tables: PayrollTables, place: Place, on: date, left: list[Lane], dead: Dead, value: str) -> Refusal:
    rows = tables.agreement.get(value)
    if not rows:
        return _unknown("agreement", "agreements", "agreement", value, tables.agreement)
    if not valid(rows, on):
        return _dated("agreement", f"agreement {value}", rows, on)
    if leads := next((refusal for code, _, _, refusal in dead if code == value), None):
        return Refusal("agreement", leads.rule, f"agreement {value} can't be used here: {leads.message}")
    some = left[0].allowed[0]
    names = ", ".join(dict.fromkeys(lane.agreement.code for lane in left))
    words = f"agreement {value} is not allowed for position '{place.position}' in unit '{place.unit}'; allowed: {names}"
    return Refusal("agreement", some.rule, words)


def _pay_class(
    tables: PayrollTables, place: Place, on: date, left: list[Lane], dead: Dead, value: str, accepted: Mapping[str, str]
) -> Refusal:
    rows = tables.pay_class.get(value)
    if not rows:
        return _unknown("pay_class", "classes", "pay class", value, tables.pay_class)
    now = valid(rows, on)
    if not now:
        return _dated("pay_class", f"pay class {value}", rows, on)
    agreement = accepted.get("agreement")
    if agreement is not None and all(row.agreement != agreement for row in now):
        return Refusal("pay_class", now[0].rule, f"pay class {value} belongs to agreement {now[0].agreement}, not to {agreement}")
    if leads := next((refusal for _, code, _, refusal in dead if code == value), None):
        return Refusal("pay_class", leads.rule, f"pay class {value} can't be used here: {leads.message}")
    names = ", ".join(dict.fromkeys(lane.pay_class.code for lane in left))
    words = f"pay class {value} is not allowed for position '{place.position}' in unit '{place.unit}'; allowed: {names}"
    return Refusal("pay_class", left[0].allowed[0].rule, words)


def _pay_type(lane: Lane, dead: Dead, value: str) -> Refusal:
    for agreement, pay_class, pay_type, refusal in dead:
        if (agreement, pay_class, pay_type) == (lane.agreement.code, lane.pay_class.code, value):
            return Refusal("pay_type", refusal.rule, refusal.message)
    kinds = ", ".join(lane.agreement.pay_types)
    return Refusal("pay_type", lane.agreement.rule, f"agreement {lane.agreement.code} doesn't pay so; it pays: {kinds}")


def _seniority(lane: Lane, value: str) -> Refusal:
    with contextlib.suppress(ValueError):
        since = date.fromisoformat(value)
        if since > lane.start:
            return Refusal("seniority_date", table_file("experience"), f"seniority can't begin after the first day, {lane.start}")
        if since < lane.earliest:
            words = f"seniority counts from the age of {LEAST_AGE} on; this date is earlier"
            return Refusal("seniority_date", table_file("experience"), words)
        ceiling = lane.ceiling(since)
        if ceiling is not None:
            row = ceiling[1] or lane.pay_class
            words = f"{_gives(since, lane)} step {ceiling[0]} in class {lane.pay_class.code}; here it begins at {min(lane.steps)}"
            return Refusal("seniority_date", row.rule, words)
    return Refusal("seniority_date", table_file("experience"), "this is no date written as YYYY-MM-DD")


def _gives(since: date, lane: Lane) -> str:
    years = full_years(since, lane.start)
    return "1 full year of seniority gives" if years == 1 else f"{years} full years of seniority give"


def _step(tables: PayrollTables, on: date, left: list[Lane], value: str, accepted: Mapping[str, str]) -> Refusal:
    lane, its = left[0], left[0].pay_class
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        return Refusal("scale_step", table_file("steps"), "this is no step of a pay scale")
    step = int(value)
    if not its.first_step <= step <= its.last_step:
        return Refusal("scale_step", its.rule, f"class {its.code} has the steps {its.first_step} to {its.last_step}")
    if step in lane.steps:
        return _above(lane, date.fromisoformat(accepted["seniority_date"]) if "seniority_date" in accepted else None)
    rows = [row for row in tables.steps_of.get(its.scale, ()) if row.step == step]
    if not valid(rows, on):
        if rows:
            return _dated("scale_step", f"step {step} of scale {its.scale}", rows, on)
        return Refusal("scale_step", table_file("steps"), f"scale {its.scale} has no step {step}")
    row = lane.allowed[0]
    words = f"only the steps {min(lane.steps)} to {max(lane.steps)} of class {its.code} are allowed here"
    return Refusal("scale_step", row.rule, words)


def _above(lane: Lane, since: date | None) -> Refusal:
    """The step is there, but seniority doesn't give it."""
    code = lane.pay_class.code
    if lane.unproved:
        words = f"{lane.unproved}, so only the starting step of class {code} can be given: {lane.starting_step}"
        return Refusal("scale_step", lane.pay_class.rule, words)
    ceiling = lane.ceiling(since)
    if ceiling is None:
        raise AssertionError("a step that is agreed has no ceiling")
    row = ceiling[1] or lane.pay_class
    given = "any seniority gives at most" if since is None else f"{_gives(since, lane)}"
    return Refusal("scale_step", row.rule, f"{given} step {ceiling[0]} in class {code}, not a higher one")


def _rate(lane: Lane, value: str, place: Place) -> Refusal:
    try:
        rate = Decimal(value)
    except InvalidOperation:
        return Refusal("occupation_rate", lane.agreement.rule, "this is no number written with a decimal point")
    bounds = lane.bounds
    if bounds is not None and not bounds.minimum <= rate <= bounds.maximum:
        words = f"{bounds.pay_type} pay under agreement {bounds.agreement} takes a rate of {bounds.minimum} to {bounds.maximum}"
        return Refusal("occupation_rate", bounds.rule, words)
    if lane.expected is None:
        return Refusal("occupation_rate", lane.agreement.rule, "a rate lies above 0 and is at most 1")
    hours, full = place.weekly_hours, lane.agreement.full_time_hours
    words = f"{hours} hours a week are {lane.expected:.4f} of the {full} hours of agreement {lane.agreement.code}"
    return Refusal("occupation_rate", lane.agreement.rule, f"{words}; the rate may differ by {lane.agreement.tolerance}")


def _supplement(tables: PayrollTables, on: date, lane: Lane, value: str, accepted: Mapping[str, str]) -> Refusal:
    row = lane.supplements.get(value)
    if row is not None:
        other = next((each for each in accepted.get("supplements", "").split() if lane.supplements[each].group == row.group), "another one")
        return Refusal("supplements", row.rule, f"supplement {value} can't be had beside {other}: both are of the group '{row.group}'")
    rows = tables.supplement.get(value)
    if not rows:
        return _unknown("supplements", "supplements", "supplement", value, tables.supplement)
    now = valid(rows, on)
    if not now:
        return _dated("supplements", f"supplement {value}", rows, on)
    for_whom = ", ".join(dict.fromkeys(each.pay_class or each.agreement for each in now))
    words = f"supplement {value} is for {for_whom}, not for class {lane.pay_class.code} of agreement {lane.agreement.code}"
    return Refusal("supplements", now[0].rule, words)


def _pension(tables: PayrollTables, place: Place, on: date, lane: Lane, value: str) -> Refusal:
    rows = tables.pension.get(value)
    if not rows:
        return _unknown("pension_code", "pensions", "pension", value, tables.pension)
    now = valid(rows, on)
    if not now:
        return _dated("pension_code", f"pension {value}", rows, on)
    agreement, pay_class = lane.agreement.code, lane.pay_class.code
    own = [row for row in now if row.agreement == agreement and row.pay_class in ("", pay_class)]
    if not own:
        left = ", ".join(lane.pensions)
        words = f"pension {value} is not one of class {pay_class} of agreement {agreement}, which has: {left}"
        return Refusal("pension_code", now[0].rule, words)
    return Refusal(
        "pension_code", own[0].rule, f"pension {value} doesn't fit: {pension_unfit(own[0], place, lane.agreement, lane.pay_type)}"
    )


def notices(left: Sequence[Lane], place: Place, values: Mapping[str, str]) -> tuple[Refusal, ...]:
    """What isn't refused but should be known, of the one way that is left: a step below what seniority gives, hours above full time."""
    if len(left) != 1:
        return ()
    lane = left[0]
    found = []
    full = lane.agreement.full_time_hours
    if place.weekly_hours is not None and place.weekly_hours > full:
        words = f"{place.weekly_hours} hours a week are more than the {full} of full time; the rate is 1 all the same"
        found.append(Refusal("occupation_rate", lane.agreement.rule, words))
    if "seniority_date" in values and "scale_step" in values:
        since = date.fromisoformat(values["seniority_date"])
        ceiling = lane.ceiling(since)
        if ceiling is not None and ceiling[1] is not None and int(values["scale_step"]) < min(ceiling[0], max(lane.steps)):
            words = f"{_gives(since, lane)} step {ceiling[0]}; the step filled in is lower"
            found.append(Refusal("scale_step", ceiling[1].rule, words))
    return tuple(found)


def _unknown(field: str, table: str, title: str, value: str, known: Iterable[str]) -> Refusal:
    near = difflib.get_close_matches(value, list(known), n=1, cutoff=0.6)
    return Refusal(field, table_file(table), f"no {title} has this code{f' (did you mean {near[0]}?)' if near else ''}")


def _dated(field: str, what: str, rows: Sequence[Row], on: date) -> Refusal:
    row = _nearest(rows, on)
    if row is None:
        raise AssertionError("a value that is known stands in a row")
    return Refusal(field, row.rule, f"{what} isn't valid on {on}{_when(row, on)}")


def _nearest(rows: Iterable[Row], on: date) -> Row | None:
    """The row that ended last before that day, else the one that begins first after it."""
    ended = [row for row in rows if row.valid_to is not None and row.valid_to < on]
    if ended:
        return max(ended, key=lambda row: row.valid_to or date.max)
    return min((row for row in rows if row.valid_from > on), key=lambda row: row.valid_from, default=None)


def _when(row: Row | None, on: date) -> str:
    if row is None:
        return ""
    if row.valid_to is not None and row.valid_to < on:
        return f": it ended on {row.valid_to}"
    return f": it begins on {row.valid_from}" if row.valid_from > on else ""
