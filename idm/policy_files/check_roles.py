"""What roles, rules, limits and conflicts must fulfil beside each other, and which rules can't matter or say the same twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from idm.domain.matching import Group
from idm.domain.people import Organisation
from idm.domain.roles import REFUSE, RoleRule
from idm.domain.rule_overlap import Inside, can_ever_fit, implies, may_both_fit
from idm.errors import Fault
from idm.policy_files import models
from idm.policy_files.build import Draft
from idm.policy_files.build_roles import groups as build_groups
from idm.policy_files.build_roles import role_rules
from idm.policy_files.check_when import known_groups, place_warnings, when_faults
from idm.policy_files.models_roles import Granting, RolesFile
from idm.policy_files.read import ReadFile, nearest, one_of
from idm.policy_files.when import GroupsFile, When

_OF_PAYROLL = ("hourly", "agreements", "pay_classes")
"""Criteria that the payroll form answers: rights are often confirmed before it is filled in."""


def role_faults(draft: Draft) -> Iterator[Fault]:
    """Every fault of roles.yaml, as far as the files it refers to could be read."""
    if roles := draft.one(RolesFile):
        yield from _unknown_roles(*roles)
        yield from _whens(*roles, draft)
        yield from _entitlements(*roles, draft.systems())
        yield from _conflicts(*roles)


def _unknown_roles(file: ReadFile, model: RolesFile) -> Iterator[Fault]:
    named = [(("rules", id_, "roles", index), role) for id_, rule in model.rules.items() for index, role in enumerate(rule.roles)]
    named += [(("conflicts", id_, "roles", index), role) for id_, each in model.conflicts.items() for index, role in enumerate(each.roles)]
    for id_, example in model.examples.items():
        named += [(("examples", id_, "expect", index), role) for index, role in enumerate(example.expect)]
        if isinstance(example.never, list):
            named += [(("examples", id_, "never", index), role) for index, role in enumerate(example.never)]
    for at, role in named:
        if role not in model.roles:
            words = f"no role is called '{role}'{nearest(role, model.roles)}, so nothing would come of it; there are: {one_of(model.roles)}"
            yield file.fault(at, "unknown-role", words)


def _whens(file: ReadFile, model: RolesFile, draft: Draft) -> Iterator[Fault]:
    known = known_groups(draft)
    whens: list[tuple[tuple[str, ...], When | None]] = [(("rules", id_, "when"), rule.when) for id_, rule in model.rules.items()]
    for id_, role in model.roles.items():
        if isinstance(role.grantable, Granting):
            whens.append((("roles", id_, "grantable", "when"), role.grantable.when))
    for at, when in whens:
        yield from when_faults(file, at, when, known)
        if when is not None and when.amount_from is not None:
            words = "an employment has no amount, so this never fits; to limit what a role may spend, write 'data_limits' at the role"
            yield file.fault((*at, "amount_from"), "never-fits", words)


def _entitlements(file: ReadFile, model: RolesFile, systems: Mapping[str, models.System] | None) -> Iterator[Fault]:
    if systems is None:
        return
    for id_, role in model.roles.items():
        for system in role.entitlements:
            at = ("roles", id_, "entitlements", system)
            if system not in systems:
                words = f"no system is called '{system}'{nearest(system, systems)}; systems.yaml has: {one_of(systems)}"
                yield file.fault(at, "unknown-system", words)
            elif not any(rule.rights for rule in systems[system].resources.values()):
                words = f"no record of '{system}' has 'rights: true', so these entitlements would never be given"
                yield file.fault(at, "delivers-nothing", words)


def _conflicts(file: ReadFile, model: RolesFile) -> Iterator[Fault]:
    for id_, conflict in model.conflicts.items():
        for name, rule in model.rules.items():
            both = [role for role in rule.roles if role in conflict.roles]
            if len(both) > 1 and conflict.severity == REFUSE:
                words = f"the conflict '{id_}' refuses {' and '.join(both)} together, so nobody's rights could be confirmed as proposed"
                yield file.fault(("rules", name, "roles"), "conflict", words)


def role_warnings(draft: Draft, organisation: Organisation | None) -> Iterator[Fault]:
    """What is allowed in roles.yaml but can hardly be meant. With the organisation, units and positions are held against it."""
    roles = draft.one(RolesFile)
    if roles is None:
        return
    file, model = roles
    yield from _unused(file, model)
    yield from _too_early(file, model)
    if organisation is not None:
        yield from _places(file, model, organisation)
    if all(role in model.roles for rule in model.rules.values() for role in rule.roles):
        groups = draft.one(GroupsFile)
        yield from _rules_beside_each_other(file, model, build_groups(*groups) if groups else {}, inside(organisation))


def inside(organisation: Organisation | None) -> Inside:
    """Whether one unit is or lies below another; without the organisation a unit lies in itself alone."""
    paths: dict[str, frozenset[str]] = {}

    def within(unit: str, above: str) -> bool:
        if unit not in paths:
            paths[unit] = frozenset(each.id for each in organisation.path(unit)) | {unit} if organisation else frozenset((unit,))
        return above in paths[unit]

    return within


def _unused(file: ReadFile, model: RolesFile) -> Iterator[Fault]:
    given = {role for rule in model.rules.values() for role in rule.roles}
    for id_, role in model.roles.items():
        if id_ not in given and not role.grantable:
            words = f"no rule gives the role '{id_}' and it is not grantable, so nobody can ever get it"
            yield file.fault(("roles", id_), "unused-role", words)


def _too_early(file: ReadFile, model: RolesFile) -> Iterator[Fault]:
    for id_, rule in model.rules.items():
        for name in _OF_PAYROLL:
            if rule.when is not None and getattr(rule.when, name) is not None:
                words = f"'{name}' is known once payroll's form is filled in; where rights are confirmed before, this rule proposes nothing"
                yield file.fault(("rules", id_, "when", name), "known-late", words)


def _places(file: ReadFile, model: RolesFile, organisation: Organisation) -> Iterator[Fault]:
    for id_, rule in model.rules.items():
        for key, wanted, known in (("positions", rule.positions, organisation.positions), ("units", rule.units, organisation.units)):
            for index, name in enumerate(wanted or ()):
                if name not in known:
                    words = f"the organisation has no '{name}' among its {key}{nearest(name, known)}, so this never matches"
                    yield file.fault(("rules", id_, key, index), "never-matches", words)
        yield from place_warnings(file, ("rules", id_, "when"), rule.when, organisation)
    for id_, role in model.roles.items():
        if isinstance(role.grantable, Granting):
            yield from place_warnings(file, ("roles", id_, "grantable", "when"), role.grantable.when, organisation)
        if role.data_limits is not None and isinstance(role.data_limits.units, list):
            for index, name in enumerate(role.data_limits.units):
                if name not in organisation.units:
                    words = f"the organisation has no unit '{name}'{nearest(name, organisation.units)}, so this role reaches nothing there"
                    yield file.fault(("roles", id_, "data_limits", "units", index), "never-matches", words)


def _rules_beside_each_other(file: ReadFile, model: RolesFile, groups: Mapping[str, Group], within: Inside) -> Iterator[Fault]:
    rules = role_rules(file, model)
    matches = {rule.id: rule.match for rule in rules}
    for rule in rules:
        if not can_ever_fit(matches[rule.id], groups, within):
            words = f"nobody can be in {one_of(matches[rule.id].groups)} and fit the positions and units of this rule, so it gives nothing"
            yield file.fault(("rules", rule.id), "never-fits", words)
    shadowed: set[str] = set()
    overlapping: list[tuple[RoleRule, RoleRule]] = []
    for one, other in _sharing(rules):
        for narrow, wide in ((other, one), (one, other)):
            if set(narrow.roles) <= set(wide.roles) and implies(matches[narrow.id], matches[wide.id], groups, within):
                if narrow.id not in shadowed and wide.id not in shadowed:
                    shadowed.add(narrow.id)
                    words = f"rule '{wide.id}' (line {wide.source.line}) gives all of its roles to everybody whom it means; remove one"
                    yield file.fault(("rules", narrow.id), "shadowed", words)
                break
        else:
            if may_both_fit(matches[one.id], matches[other.id], groups, within):
                overlapping.append((one, other))
    for one, other in overlapping:
        if not shadowed & {one.id, other.id}:
            shared = one_of(set(one.roles) & set(other.roles))
            words = f"it gives {shared} to some to whom rule '{one.id}' (line {one.source.line}) gives it too; who has it by both keeps it"
            yield file.fault(("rules", other.id), "overlapping", f"{words} when one goes")
    yield from _conflicting_rules(file, model, rules, groups, within)


def _sharing(rules: tuple[RoleRule, ...]) -> Iterator[tuple[RoleRule, RoleRule]]:
    """Each two rules that give a role in common and whose positions don't keep them apart, in the order of the file."""
    order = {rule.id: number for number, rule in enumerate(rules)}
    by_place: dict[tuple[str, str], list[RoleRule]] = {}
    by_role: dict[str, list[RoleRule]] = {}
    for rule in rules:
        for role in rule.roles:
            by_role.setdefault(role, []).append(rule)
            for position in rule.match.positions or ("",):
                by_place.setdefault((role, position), []).append(rule)
    for rule in rules:
        near: dict[str, RoleRule] = {}
        for role in rule.roles:
            places = [*rule.match.positions, ""] if rule.match.positions else None
            found = by_role[role] if places is None else [each for place in places for each in by_place.get((role, place), ())]
            near.update((each.id, each) for each in found)
        yield from ((rule, each) for each in sorted(near.values(), key=lambda each: order[each.id]) if order[each.id] > order[rule.id])


def _conflicting_rules(
    file: ReadFile, model: RolesFile, rules: tuple[RoleRule, ...], groups: Mapping[str, Group], within: Inside
) -> Iterator[Fault]:
    """Rules that together propose to some hires what a conflict keeps apart: their rights take a person's decision every time."""
    for id_, conflict in model.conflicts.items():
        then = "their rights can't be confirmed as proposed" if conflict.severity == REFUSE else "a reason must be given each time"
        giving = [(rule, role) for rule in rules for role in rule.roles if role in conflict.roles]
        for (one, first), (other, second) in combinations(giving, 2):
            if one.id != other.id and first != second and may_both_fit(one.match, other.match, groups, within):
                words = (
                    f"with rule '{one.id}' (line {one.source.line}) it proposes {first} and {second} together, against '{id_}', so {then}"
                )
                yield file.fault(("rules", other.id), "conflict", words)
