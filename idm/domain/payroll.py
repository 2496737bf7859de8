"""The payroll funnel: unit, position and first day narrow what can be paid, and each answer narrows it further.

A field's choices are all values that go together with the accepted answers to the other fields. So whatever is offered is accepted,
in whatever order the fields are filled in. Of two answers that don't go together the one later in `FIELDS` is refused.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from idm.domain.payroll_funnel import FIELDS, SEVERAL, Asked, Choice, Funnel, Place, Range, Refusal
from idm.domain.payroll_lanes import Lane, lanes_at
from idm.domain.payroll_pay import monthly_amount
from idm.domain.payroll_reasons import no_agreement, no_institution, notices, why_not_institution, why_not_lane
from idm.domain.payroll_rows import Institution, Supplement
from idm.domain.payroll_tables import PayrollTables

__all__ = ["Funnel", "Place", "narrow"]

_PLACES = ("institution", "cost_centre")
_RATE = Decimal("0.0001")
_NUMBER = re.compile(r"[0-9]{1,4}(\.[0-9]{1,15})?")


def narrow(tables: PayrollTables, place: Place, answers: Mapping[str, str], on: date) -> Funnel:
    """What is left, settled and refused of each field, with the tables as they hold on the day `on`.

    Answers are texts: dates ISO 8601, numbers with a point, several codes with a blank between. Fields that the funnel doesn't know are
    passed over.
    """
    lanes, dead = lanes_at(tables, place, on)
    rows = tables.institutions_at(place.unit_path, on)
    accepted: dict[str, str] = {}
    refused: dict[str, Refusal] = {}
    if not rows:
        refused["cost_centre"] = no_institution(tables, place, on)
    if not lanes:
        refused["agreement"] = no_agreement(tables, place, on, dead)
    more: list[Refusal] = []
    for field in FIELDS:
        if field in refused or not answers.get(field) or not (rows if field in _PLACES else lanes):
            continue
        if field in SEVERAL:
            more += _take_several(tables, place, on, lanes, field, answers[field], accepted)
        elif _goes(lanes, rows, accepted, field, answers[field]):
            accepted[field] = answers[field]
        elif field in _PLACES:
            refused[field] = why_not_institution(tables, place, on, rows, field, answers[field], accepted)
        else:
            left = [lane for lane in lanes if _fits(lane, accepted)]
            refused[field] = why_not_lane(tables, place, on, left, dead, field, answers[field], accepted)
    for refusal in more:
        refused.setdefault(refusal.field, refusal)
    fields = {field: _asked(lanes, rows, accepted, field, refused.get(field)) for field in FIELDS}
    values = {field: asked.answer or asked.settled for field, asked in fields.items() if asked.answer or asked.settled}
    left = [lane for lane in lanes if _fits(lane, accepted)]
    return Funnel(
        on=on,
        fields=fields,
        refusals=tuple(refused[field] for field in FIELDS if field in refused and field not in SEVERAL) + tuple(more),
        notices=notices(left, place, values),
        values=values,
        monthly_amount=monthly_amount(left, values, place.weekly_hours),
    )


def codes(text: str) -> list[str]:
    """The codes of a field that takes several, each once."""
    return list(dict.fromkeys(text.split()))


def _take_several(
    tables: PayrollTables, place: Place, on: date, lanes: list[Lane], field: str, answer: str, accepted: dict[str, str]
) -> list[Refusal]:
    """Accept those of several codes that go together with what is accepted before, and answer why the others don't."""
    refusals = []
    for code in codes(answer):
        together = f"{accepted.get(field, '')} {code}".strip()
        if _goes(lanes, (), accepted, field, together):
            accepted[field] = together
        else:
            left = [lane for lane in lanes if _fits(lane, accepted)]
            refusals.append(why_not_lane(tables, place, on, left, [], field, code, accepted))
    return refusals


def _goes(lanes: Iterable[Lane], rows: Iterable[Institution], accepted: Mapping[str, str], field: str, value: str) -> bool:
    """Whether a value goes together with the accepted answers to the other fields."""
    wanted = {**accepted, field: value}
    if field in _PLACES:
        return any(_row_fits(row, wanted) for row in rows)
    return any(_fits(lane, wanted) for lane in lanes)


def _row_fits(row: Institution, answers: Mapping[str, str]) -> bool:
    return answers.get("institution", row.code) == row.code and answers.get("cost_centre", row.cost_centre) == row.cost_centre


def _fits(lane: Lane, answers: Mapping[str, str]) -> bool:
    """Whether a lane takes all these answers together."""
    if answers.get("agreement", lane.agreement.code) != lane.agreement.code:
        return False
    if answers.get("pay_class", lane.pay_class.code) != lane.pay_class.code or answers.get("pay_type", lane.pay_type) != lane.pay_type:
        return False
    if answers.get("pension_code", next(iter(lane.pensions))) not in lane.pensions:
        return False
    chosen = codes(answers.get("supplements", ""))
    if chosen and not _go_together(lane, chosen):
        return False
    rate = answers.get("occupation_rate")
    if rate is not None and not (_NUMBER.fullmatch(rate) and lane.low <= Decimal(rate) <= lane.high):
        return False
    return _placed(lane, answers.get("seniority_date"), answers.get("scale_step"))


def _placed(lane: Lane, seniority: str | None, step: str | None) -> bool:
    """Whether the lane takes seniority from that day and that step together."""
    since = None
    if seniority is not None:
        since = _day(seniority)
        if since is None or not lane.earliest <= since <= lane.start:
            return False
    if step is not None and not (step.isascii() and step.isdigit() and len(step) < 10):
        return False
    return lane.takes(since, int(step) if step is not None else None)


def _day(text: str) -> date | None:
    with contextlib.suppress(ValueError):
        return date.fromisoformat(text)
    return None


def _go_together(lane: Lane, chosen: list[str]) -> bool:
    rows = [lane.supplements.get(code) for code in chosen]
    groups = [row.group for row in rows if row is not None and row.group]
    return None not in rows and len(groups) == len(set(groups))


def _asked(lanes: list[Lane], rows: Iterable[Institution], accepted: Mapping[str, str], field: str, refusal: Refusal | None) -> Asked:
    others = {name: value for name, value in accepted.items() if name != field}
    answer = accepted.get(field, "")
    if field in _PLACES:
        left = [row for row in rows if _row_fits(row, others)]
        choices = tuple(_choices(left, (lambda row: row.code) if field == "institution" else (lambda row: row.cost_centre)))
        return Asked(choices, settled=_single(choices, answer), answer=answer, refused=refusal)
    fitting = [lane for lane in lanes if _fits(lane, accepted if field in SEVERAL else others)]
    match field:
        case "seniority_date":
            return _seniority(fitting, others, answer, refusal)
        case "occupation_rate":
            return _rate(fitting, answer, refusal)
        case "scale_step":
            return _step(fitting, others, answer, refusal)
        case "supplements":
            return Asked(tuple(_addable(fitting, answer)), answer=answer, refused=refusal)
        case _:
            choices = tuple(_lane_choices(fitting, field))
            return Asked(choices, settled=_single(choices, answer), answer=answer, refused=refusal)


def _single(choices: tuple[Choice, ...], answer: str) -> str:
    return choices[0].value if len(choices) == 1 and not answer else ""


def _choices(rows: Iterable[Institution], value: Callable[[Institution], str]) -> Iterable[Choice]:
    found = {value(row): row for row in reversed(list(rows))}
    for name, row in reversed(found.items()):
        yield Choice(name, row.titles, row.valid_from, row.valid_to, row.rule)


def _lane_choices(lanes: Iterable[Lane], field: str) -> Iterable[Choice]:
    found: dict[str, Choice] = {}
    for lane in lanes:
        match field:
            case "agreement":
                row = lane.agreement
                found.setdefault(row.code, Choice(row.code, row.titles, row.valid_from, row.valid_to, row.rule))
            case "pay_class":
                its = lane.pay_class
                found.setdefault(its.code, Choice(its.code, its.titles, its.valid_from, its.valid_to, its.rule))
            case "pay_type":
                row = lane.agreement
                found.setdefault(
                    lane.pay_type, Choice(lane.pay_type, PAY_TYPES.get(lane.pay_type, {}), row.valid_from, row.valid_to, row.rule)
                )
            case _:
                for pension in lane.pensions.values():
                    found.setdefault(pension.code, Choice(pension.code, pension.titles, pension.valid_from, pension.valid_to, pension.rule))
    return found.values()


PAY_TYPES: Mapping[str, Mapping[str, str]] = {
    "monthly": {"da": "Månedsløn", "en": "Monthly pay"},
    "hourly": {"da": "Timeløn", "en": "Hourly pay"},
}
"""How somebody is paid: the one answer whose words are idm's own, not payroll's."""


def _step(lanes: list[Lane], others: Mapping[str, str], answer: str, refusal: Refusal | None) -> Asked:
    since = _day(others["seniority_date"]) if "seniority_date" in others else None
    found: dict[int, Choice] = {}
    proposals = set()
    for lane in lanes:
        steps = lane.steps_with(since)
        for step, row in steps.items():
            amount = row.monthly if lane.pay_type == "monthly" else row.hourly
            found.setdefault(step, Choice(str(step), {}, row.valid_from, row.valid_to, row.rule, amount))
        ceiling = lane.steps_ceiling(since or lane.start) if lane.ceiling(lane.start) is not None else min(steps)
        proposals.add(max((step for step in steps if step <= ceiling), default=min(steps)))
    choices = tuple(found[step] for step in sorted(found))
    told = since is not None or not any(lane.proved for lane in lanes)
    proposed = str(proposals.pop()) if len(proposals) == 1 and told else ""
    return Asked(choices, settled=_single(choices, answer), proposed=proposed, answer=answer, refused=refusal)


def _seniority(lanes: list[Lane], others: Mapping[str, str], answer: str, refusal: Refusal | None) -> Asked:
    if not lanes:
        return Asked(answer=answer, refused=refusal)
    step = int(others["scale_step"]) if "scale_step" in others else None
    latest, lane = max(((lane.latest_seniority(step), lane) for lane in lanes), key=lambda pair: pair[0])
    rule = next((rule.rule for rule in lane.experience if step is not None and rule.step >= step), lane.pay_class.rule)
    low = "" if lane.earliest == date.min else lane.earliest.isoformat()
    # Where seniority was proved, the paper says since when; only without does it begin with the employment.
    proposed = "" if any(lane.proved for lane in lanes) else latest.isoformat()
    return Asked(ranges=(Range(low, latest.isoformat(), rule),), proposed=proposed, answer=answer, refused=refusal)


def _rate(lanes: list[Lane], answer: str, refusal: Refusal | None) -> Asked:
    ranges = {
        (lane.low, lane.high): Range(_text(lane.low, ROUND_CEILING), _text(lane.high, ROUND_FLOOR), (lane.bounds or lane.agreement).rule)
        for lane in reversed(lanes)
    }
    proposals = {_proposed_rate(lane) for lane in lanes}
    proposed = proposals.pop() if len(proposals) == 1 else ""
    ordered = tuple(ranges[key] for key in sorted(ranges))
    return Asked(ranges=ordered, proposed=proposed, answer=answer, refused=refusal)


def _proposed_rate(lane: Lane) -> str:
    """What the weekly hours give, to four decimals where these are within the bounds."""
    if lane.expected is None:
        return ""
    rate = min(max(lane.expected, lane.low), lane.high)
    short = rate.quantize(_RATE)
    return _text(short if lane.low <= short <= lane.high else rate)


def _text(number: Decimal, rounding: str = ROUND_HALF_UP) -> str:
    return format(number.quantize(Decimal("0.0000000001"), rounding).normalize(), "f")


def _addable(lanes: list[Lane], answer: str) -> Iterable[Choice]:
    """The supplements that can be had together with those chosen, and the chosen ones."""
    chosen = codes(answer)
    found: dict[str, Supplement] = {}
    for lane in lanes:
        for code, row in lane.supplements.items():
            if code in chosen or _go_together(lane, [*chosen, code]):
                found.setdefault(code, row)
    for row in found.values():
        yield Choice(row.code, row.titles, row.valid_from, row.valid_to, row.rule, row.monthly)
