"""The examples beside the role rules: invented hires, held against what the rules propose for them."""

from __future__ import annotations

from collections.abc import Iterator

from idm.domain.people import Organisation
from idm.domain.policy import Policies
from idm.domain.roles import RoleRule
from idm.errors import Fault
from idm.policy_files.build import Draft
from idm.policy_files.build_roles import invented
from idm.policy_files.models_roles import Example, Given, RolesFile
from idm.policy_files.read import ReadFile, nearest, one_of


def example_faults(draft: Draft, policies: Policies, organisation: Organisation | None) -> Iterator[Fault]:
    """A fault for each example that doesn't come out: what was expected, what came, and by which rule.

    An example that names its unit by one id is only run where the organisation is at hand, which knows what lies above.
    """
    if roles := draft.one(RolesFile):
        file, model = roles
        for id_, example in model.examples.items():
            unknown = list(_unknown(file, id_, example.given, organisation))
            yield from unknown
            path = _path(example.given, organisation)
            if path is not None and not unknown:
                yield from _held_against(file, id_, example, policies.proposed_roles(invented(example.given, path, policies.groups)))


def _unknown(file: ReadFile, id_: str, given: Given, organisation: Organisation | None) -> Iterator[Fault]:
    """A fault for a place that the organisation doesn't have. An example that names all units up to the top stands for itself."""
    if organisation is None or not isinstance(given.unit, str):
        return
    at = ("examples", id_, "given")
    if given.position not in organisation.positions:
        hint = nearest(given.position, organisation.positions)
        yield file.fault((*at, "position"), "example", f"the organisation has no position '{given.position}'{hint}")
    if given.unit not in organisation.units:
        hint = nearest(given.unit, organisation.units)
        yield file.fault((*at, "unit"), "example", f"the organisation has no unit '{given.unit}'{hint}")


def _path(given: Given, organisation: Organisation | None) -> tuple[str, ...] | None:
    if not isinstance(given.unit, str):
        return tuple(given.unit)
    return None if organisation is None else tuple(unit.id for unit in organisation.path(given.unit))


def _held_against(file: ReadFile, id_: str, example: Example, got: dict[str, RoleRule]) -> Iterator[Fault]:
    expected, came = one_of(example.expect), ", ".join(f"{role} by rule {got[role].id}" for role in sorted(got)) or "none"
    for index, role in enumerate(example.expect):
        if role not in got:
            words = f"example '{id_}' expects {expected}, but no rule gives {role}; it gets {came}"
            yield file.fault(("examples", id_, "expect", index), "example", words)
    never = [role for role in got if role not in example.expect] if example.never == "others" else list(example.never or ())
    for role in never:
        if role in got:
            rule = got[role]
            words = f"example '{id_}' must never get {role}, but rule '{rule.id}' (line {rule.source.line}) gives it; it gets {came}"
            yield file.fault(("examples", id_, "never"), "example", words)
