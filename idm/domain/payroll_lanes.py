"""The ways in which somebody can be paid in a place on a day: each is an agreement, a class and a kind of pay that go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from idm.domain.payroll_funnel import Place, Refusal
from idm.domain.payroll_rows import Agreement, Allowed, Experience, Occupation, PayClass, Pension, ScaleStep, Supplement
from idm.domain.payroll_tables import PayrollTables, valid

LEAST_AGE = 15
"""Age in years before which no seniority counts."""
_LEAST, _MOST = Decimal("0.0001"), Decimal(1)


@dataclass(frozen=True, slots=True)
class Lane:
    """One way to be paid, with everything that goes with it. There is at least one step, one rate and one pension.

    `steps`: those that class and place allow, the lowest first, without regard to seniority. `low` and `high` bound the occupation rate.
    """

    agreement: Agreement
    pay_class: PayClass
    pay_type: str
    allowed: tuple[Allowed, ...]
    steps: Mapping[int, ScaleStep]
    experience: tuple[Experience, ...]
    low: Decimal
    high: Decimal
    expected: Decimal | None
    bounds: Occupation | None
    pensions: Mapping[str, Pension]
    supplements: Mapping[str, Supplement]
    start: date
    earliest: date
    unproved: str

    @property
    def starting_step(self) -> int:
        """The step of the class without any seniority."""
        return max((rule.step for rule in self.experience if rule.years == 0), default=self.pay_class.first_step)

    @property
    def proved(self) -> bool:
        """Whether proof of seniority was accepted, so that it says from which day seniority counts."""
        return bool(self.pay_class.papers) and not self.unproved

    def ceiling(self, seniority: date | None) -> tuple[int, Experience | None] | None:
        """The highest step that seniority from that day gives (None: from as early as can be), and its rule; None if the step is agreed."""
        if self.unproved:
            return self.starting_step, None
        if not self.experience:
            return None
        years = full_years(seniority if seniority is not None else self.earliest, self.start)
        best = max((rule for rule in self.experience if rule.years <= years), key=lambda rule: rule.step, default=None)
        return (best.step, best) if best is not None else (self.pay_class.first_step, None)

    def steps_with(self, seniority: date | None) -> Mapping[int, ScaleStep]:
        """The steps that are left with seniority from that day (None: from as early as can be)."""
        ceiling = self.ceiling(seniority)
        return self.steps if ceiling is None else {step: row for step, row in self.steps.items() if step <= ceiling[0]}

    def takes(self, seniority: date | None, step: int | None) -> bool:
        """Whether seniority from that day (None: as early as can be) and that step (None: any) go together."""
        ceiling = self.ceiling(seniority)
        wanted = step if step is not None else self.lowest
        return (step is None or step in self.steps) and (ceiling is None or wanted <= ceiling[0])

    @property
    def lowest(self) -> int:
        """The lowest step."""
        return next(iter(self.steps))

    def latest_seniority(self, step: int | None) -> date:
        """The last day from which seniority may count for `step` (None: any step of the lane)."""
        wanted = step if step is not None else self.lowest
        if self.ceiling(self.start) is None or wanted <= self.steps_ceiling(self.start):
            return self.start
        years = min((rule.years for rule in self.experience if rule.step >= wanted), default=0)
        return years_before(self.start, years)

    def steps_ceiling(self, seniority: date) -> int:
        """The highest step with seniority from that day; the lane's own last if the step is agreed."""
        ceiling = self.ceiling(seniority)
        return ceiling[0] if ceiling is not None else max(self.steps)


def full_years(since: date, until: date) -> int:
    """Whole years between two days; 0 if `since` is later."""
    return max(0, until.year - since.year - ((until.month, until.day) < (since.month, since.day)))


def years_before(day: date, years: int) -> date:
    """The day that many years before; what would be 29 February is the 28th."""
    year = max(day.year - years, 1)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def years_after(day: date, years: int) -> date:
    """The day that many years later; what would be 29 February is 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def lanes_at(tables: PayrollTables, place: Place, on: date) -> tuple[list[Lane], list[tuple[str, str, str, Refusal]]]:
    """The lanes of a place, and those that lead nowhere: agreement, class, kind of pay, and why."""
    found: list[Lane] = []
    dead: list[tuple[str, str, str, Refusal]] = []
    scales: dict[str, dict[int, ScaleStep]] = {}
    for agreement, pay_class, allowed in _classes_at(tables, place, on):
        if pay_class.scale not in scales:
            rows = sorted(valid(tables.steps_of.get(pay_class.scale, ()), on), key=lambda row: row.step)
            scales[pay_class.scale] = {row.step: row for row in rows}
        steps = _steps(scales[pay_class.scale], pay_class, allowed)
        for pay_type in agreement.pay_types:
            made = _lane(tables, place, on, agreement, pay_class, pay_type, allowed, steps)
            if isinstance(made, Lane):
                found.append(made)
            else:
                dead.append((agreement.code, pay_class.code, pay_type, made))
    return found, dead


def _classes_at(tables: PayrollTables, place: Place, on: date) -> Iterator[tuple[Agreement, PayClass, tuple[Allowed, ...]]]:
    rows: dict[tuple[str, str], list[Allowed]] = {}
    for row in tables.allowed_at(place.position, place.unit_path, on):
        codes = [row.pay_class] if row.pay_class else dict.fromkeys(each.code for each in tables.classes_of.get(row.agreement, ()))
        for code in codes:
            rows.setdefault((row.agreement, code), []).append(row)
    for (code, class_code), allowed in rows.items():
        agreements = valid(tables.agreement.get(code, ()), on)
        classes = [each for each in valid(tables.pay_class.get(class_code, ()), on) if each.agreement == code]
        if agreements and classes:
            yield agreements[0], classes[0], tuple(allowed)


def _lane(
    tables: PayrollTables,
    place: Place,
    on: date,
    agreement: Agreement,
    pay_class: PayClass,
    pay_type: str,
    allowed: tuple[Allowed, ...],
    steps: Mapping[int, ScaleStep],
) -> Lane | Refusal:
    if not steps:
        words = f"no step of scale {pay_class.scale} is both in class {pay_class.code} and allowed here on {on}"
        return Refusal("scale_step", allowed[0].rule, words)
    rated = _rates(tables, place, on, agreement, pay_class, pay_type)
    if isinstance(rated, Refusal):
        return rated
    pensions = _pensions(tables, place, on, agreement, pay_class, pay_type)
    if not pensions:
        words = (
            f"no pension of agreement {agreement.code} fits {pay_type} pay in class {pay_class.code}, the age and the weekly hours on {on}"
        )
        return Refusal("pension_code", pay_class.rule, words)
    supplements = _supplements(tables, on, agreement.code, pay_class.code)
    experience = valid(tables.experience_of.get(pay_class.code, ()), on)
    low, high, expected, bounds = rated
    earliest = years_after(place.born, LEAST_AGE) if place.born is not None else date.min
    lane = Lane(
        agreement,
        pay_class,
        pay_type,
        allowed,
        steps,
        experience,
        low,
        high,
        expected,
        bounds,
        pensions,
        supplements,
        place.start_date,
        min(earliest, place.start_date),
        unproved(place, agreement, pay_class),
    )
    if not lane.takes(None, None):
        return _too_high(lane)
    return lane


def _steps(scale: Mapping[int, ScaleStep], pay_class: PayClass, allowed: tuple[Allowed, ...]) -> dict[int, ScaleStep]:
    """The steps of a scale that both the class and the place allow, the lowest first."""
    inside = ((step, row) for step, row in scale.items() if pay_class.first_step <= step <= pay_class.last_step)
    return {step: row for step, row in inside if any(_takes(each, step) for each in allowed)}


def _takes(row: Allowed, step: int) -> bool:
    return (row.first_step is None or step >= row.first_step) and (row.last_step is None or step <= row.last_step)


def _too_high(lane: Lane) -> Refusal:
    first = min(lane.steps)
    if lane.unproved:
        words = (
            f"class {lane.pay_class.code} begins at step {first} here, and {lane.unproved}: only step {lane.starting_step} could be given"
        )
        return Refusal("scale_step", lane.pay_class.rule, words)
    return Refusal("scale_step", lane.experience[-1].rule, f"no seniority gives step {first}, the lowest that is allowed here")


def unproved(place: Place, agreement: Agreement, pay_class: PayClass) -> str:
    """Why seniority doesn't count, in words; "" if it does."""
    if not pay_class.papers:
        return ""
    accepted = place.papers.get(pay_class.papers)
    if accepted is None:
        return f"no '{pay_class.papers}' is accepted"
    if (accepted - place.start_date).days > agreement.papers_days:
        return f"'{pay_class.papers}' was accepted later than {agreement.papers_days} days after the start"
    return ""


_Rates = tuple[Decimal, Decimal, Decimal | None, Occupation | None]


def _rates(tables: PayrollTables, place: Place, on: date, agreement: Agreement, pay_class: PayClass, pay_type: str) -> _Rates | Refusal:
    """The rates that bounds and weekly hours leave: lowest, highest, what the hours give, and the row of the bounds."""
    own = valid(tables.occupation_of.get((agreement.code, pay_class.code, pay_type), ()), on)
    rows = own or valid(tables.occupation_of.get((agreement.code, "", pay_type), ()), on)
    bounds = rows[0] if rows else None
    low, high = (bounds.minimum, bounds.maximum) if bounds else (_LEAST, _MOST)
    if place.weekly_hours is None:
        return low, high, None, bounds
    expected = min(place.weekly_hours / agreement.full_time_hours, _MOST)
    least, most = max(low, expected - agreement.tolerance), min(high, expected + agreement.tolerance)
    if least <= most:
        return least, most, expected, bounds
    row = bounds or agreement
    words = (
        f"{place.weekly_hours} hours a week are {_short(expected)} of the {agreement.full_time_hours} hours of agreement {agreement.code};"
        f" {pay_type} pay takes {_short(low)} to {_short(high)}"
    )
    return Refusal("pay_type", row.rule, words)


def _short(rate: Decimal) -> str:
    return format(rate.quantize(Decimal("0.0001")).normalize(), "f")


def _pensions(
    tables: PayrollTables, place: Place, on: date, agreement: Agreement, pay_class: PayClass, pay_type: str
) -> dict[str, Pension]:
    rows = (*tables.pensions_of.get((agreement.code, pay_class.code), ()), *tables.pensions_of.get((agreement.code, ""), ()))
    found: dict[str, Pension] = {}
    for row in rows:
        if row.holds(on) and not pension_unfit(row, place, agreement, pay_type):
            found.setdefault(row.code, row)
    return found


def pension_unfit(row: Pension, place: Place, agreement: Agreement, pay_type: str) -> str:
    """Why a pension isn't for this kind of pay, or somebody of this age and these hours, in words without the age; "" if it is."""
    if row.pay_type and row.pay_type != pay_type:
        return f"it is for {row.pay_type} pay"
    hours = place.weekly_hours if place.weekly_hours is not None else agreement.full_time_hours
    age = full_years(place.born, place.start_date) if place.born is not None else None
    if age is not None and row.from_age is not None and age < row.from_age:
        return f"it is from the age of {row.from_age} on"
    if age is not None and row.below_age is not None and age >= row.below_age:
        return f"it is for those below the age of {row.below_age}"
    if row.from_hours is not None and hours < row.from_hours:
        return f"it takes at least {row.from_hours} hours a week"
    if row.below_hours is not None and hours >= row.below_hours:
        return f"it is for less than {row.below_hours} hours a week"
    return ""


def _supplements(tables: PayrollTables, on: date, agreement: str, pay_class: str) -> dict[str, Supplement]:
    rows = (*tables.supplements_of.get((agreement, pay_class), ()), *tables.supplements_of.get((agreement, ""), ()))
    found: dict[str, Supplement] = {}
    for row in valid(rows, on):
        found.setdefault(row.code, row)
    return found
