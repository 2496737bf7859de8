"""Criteria of any `when:` in any file that nobody, or everybody, would meet; and groups that take in everybody."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pydantic import BaseModel

from idm.domain.people import Organisation
from idm.errors import Fault
from idm.policy_files.build import Draft
from idm.policy_files.models_approvals import ApprovalsFile
from idm.policy_files.read import ReadFile, nearest
from idm.policy_files.when import GroupsFile, When
from idm.policy_files.yaml_tree import Path

_NAMED = (("agreements", "agreements", "agreement"), ("pay_classes", "classes", "pay_class"))
"""A criterion that names codes of a payroll table: the table, and its column."""


def faults(draft: Draft) -> Iterator[Fault]:
    """Agreements and pay classes that no payroll table has."""
    tables = {read.name: read for read in draft.payroll if not read.faults}
    for criterion, name, column in _NAMED:
        if name not in tables:
            continue
        known = {record.cells[column] for record in tables[name].records}
        for file, at, when in _everywhere(draft):
            for index, code in enumerate(getattr(when, criterion) or ()):
                if code not in known:
                    words = f"payroll/{name}.csv has no '{code}'{nearest(code, known)}, so nobody would ever fit this rule"
                    yield file.fault((*at, criterion, index), f"unknown-{column.replace('_', '-')}", words)


def warnings(draft: Draft, organisation: Organisation | None) -> Iterator[Fault]:
    """Ages, hours and amounts that nobody has or everybody has; groups that are the whole organisation."""
    for file, at, when in _everywhere(draft):
        yield from _nobody(file, at, when)
    if approvals := draft.one(ApprovalsFile):
        yield from _amounts(*approvals, draft)
    if organisation is not None and (groups := draft.one(GroupsFile)):
        file, model = groups
        for id_, group in model.groups.items():
            for index, unit in enumerate(group.units or ()):
                above_all = all(unit in {each.id for each in organisation.path(name)} for name in organisation.units)
                if above_all and len(organisation.units) > 1:
                    words = f"'{unit}' is above the whole organisation, so everybody would be in '{id_}' and fit each rule that names it"
                    yield file.fault(("groups", id_, "units", index), "everybody", words)


def _everywhere(draft: Draft) -> Iterator[tuple[ReadFile, Path, When]]:
    for file in draft.files:
        if file.model is not None:
            yield from ((file, at, when) for at, when in _within(file.model, ()))


def _within(part: object, at: Path) -> Iterator[tuple[Path, When]]:
    if isinstance(part, When):
        yield at, part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _within(getattr(part, name), (*at, name))
    elif isinstance(part, dict):
        for name, value in part.items():
            yield from _within(value, (*at, name))


def _nobody(file: ReadFile, at: Path, when: When) -> Iterator[Fault]:
    if when.age_from is not None and when.age_from > 80:
        yield file.fault((*at, "age_from"), "never-fits", f"hardly anybody is hired at {when.age_from}, so nobody would ever fit this rule")
    if when.age_below is not None and when.age_below <= 13:
        words = f"nobody is hired below {when.age_below}, as work is for those of 13 and older, so nobody would ever fit this rule"
        yield file.fault((*at, "age_below"), "never-fits", words)
    if when.hours_from is not None and when.hours_from > 48:
        words = f"nobody is employed for {when.hours_from:g} hours a week, so nobody would ever fit this rule"
        yield file.fault((*at, "hours_from"), "never-fits", words)
    if when.hours_below is not None and when.hours_below > 48:
        words = f"everybody is employed for less than {when.hours_below:g} hours a week, so this leaves nobody out"
        yield file.fault((*at, "hours_below"), "always-fits", words)
    if when.notice_below is not None and when.notice_below > 366:
        words = f"hardly any hire is known {when.notice_below} days ahead, so everybody would fit this rule"
        yield file.fault((*at, "notice_below"), "always-fits", words)


def _amounts(file: ReadFile, model: ApprovalsFile, draft: Draft) -> Iterator[Fault]:
    """A limit of pay beyond what the payroll tables can come to, or below what they come to at the least."""
    tables = {read.name: [record.values for record in read.records] for read in draft.payroll if not read.faults}
    if not all(tables.get(name) for name in ("steps", "supplements", "occupation")):
        return
    supplements: dict[str, Decimal] = {}
    for row in tables["supplements"]:
        supplements[row["agreement"]] = supplements.get(row["agreement"], Decimal(0)) + row["monthly"]
    most = max(row["monthly"] for row in tables["steps"]) + max(supplements.values())
    least = min(row["monthly"] for row in tables["steps"]) * min(row["minimum"] for row in tables["occupation"])
    for id_, approval in model.approvals.items():
        for name, rule in approval.asked.items():
            at: Path = ("approvals", id_, "asked", name, "when", "amount_from")
            amount = Decimal(str(rule.when.amount_from)) if rule.when and rule.when.amount_from is not None else None
            if amount is not None and amount > most:
                words = f"no pay of the payroll tables comes to more than {most:.0f} kroner a month, so nobody would ever be asked"
                yield file.fault(at, "never-asked", words)
            if amount is not None and amount < least:
                words = f"the lowest pay of the payroll tables is {least:.0f} kroner a month, so everybody would be asked"
                yield file.fault(at, "always-asked", words)
