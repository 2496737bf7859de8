"""roles.yaml and groups.yaml as the domain's roles, rules, conflicts and groups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from idm.domain.matching import Circumstances, Group, groups_of
from idm.domain.roles import NAMED, Conflict, DataLimit, Grantable, Role, RoleRule
from idm.policy_files.models_roles import DataLimits, Given, Granting, RolesFile
from idm.policy_files.read import ReadFile
from idm.policy_files.when import GroupsFile, decimal, match_of


def groups(file: ReadFile, model: GroupsFile) -> dict[str, Group]:
    """The groups by name."""
    return {
        id_: Group(id_, frozenset(group.positions or ()), frozenset(group.units or ()), file.source("groups", id_))
        for id_, group in model.groups.items()
    }


def roles(file: ReadFile, model: RolesFile) -> dict[str, Role]:
    """The roles by id."""
    return {
        id_: Role(
            id_,
            role.titles.model_dump(),
            {system: tuple(names) for system, names in role.entitlements.items()},
            _grantable(role.grantable),
            file.source("roles", id_),
            _limit(role.data_limits),
        )
        for id_, role in model.roles.items()
    }


def _grantable(given: bool | Granting) -> Grantable | None:
    if isinstance(given, Granting):
        return Grantable(match_of(given.when), given.most_days)
    return Grantable() if given else None


def _limit(given: DataLimits | None) -> DataLimit:
    if given is None:
        return DataLimit()
    amount = decimal(given.amount)
    if isinstance(given.units, list):
        return DataLimit(NAMED, tuple(given.units), amount)
    return DataLimit(given.units or "", (), amount)


def role_rules(file: ReadFile, model: RolesFile) -> tuple[RoleRule, ...]:
    """The rules that propose roles, in the order of the file."""
    return tuple(
        RoleRule(
            id_,
            tuple(rule.roles),
            tuple(rule.positions or ()),
            tuple(rule.units or ()),
            file.source("rules", id_),
            match_of(rule.when),
        )
        for id_, rule in model.rules.items()
    )


def conflicts(file: ReadFile, model: RolesFile) -> tuple[Conflict, ...]:
    """The roles that nobody holds together, in the order of the file."""
    return tuple(
        Conflict(id_, tuple(conflict.roles), conflict.severity, conflict.titles.model_dump(), file.source("conflicts", id_))
        for id_, conflict in model.conflicts.items()
    )


_DAY = date(2027, 1, 1)
"""The first day of every example's hire: of no meaning, but that an age is counted to it."""


def invented(given: Given, unit_path: tuple[str, ...], groups: Mapping[str, Group]) -> Circumstances:
    """The circumstances of an example's hire, in a unit given as ids from itself to the top."""
    return Circumstances(
        position=given.position,
        unit_path=unit_path,
        start_date=_DAY,
        end_date=_DAY if given.temporary else None,
        citizenship=given.citizenship or "",
        weekly_hours=decimal(given.weekly_hours),
        hourly=given.hourly,
        born=_DAY.replace(year=_DAY.year - given.age) if given.age is not None else None,
        new_person=given.new_person,
        manages=given.manages,
        notice_days=given.notice_days,
        agreement=given.agreement or "",
        pay_class=given.pay_class or "",
        groups=groups_of(groups, given.position, unit_path),
    )
