"""What access.yaml must fulfil: teams that exist, and rules that let somebody do something."""

from __future__ import annotations

from collections.abc import Iterator

from idm.domain.authority import TEAM
from idm.domain.people import Organisation
from idm.errors import Fault
from idm.policy_files.build import Draft
from idm.policy_files.models_access import AccessFile
from idm.policy_files.models_authority import AuthorityFile
from idm.policy_files.read import nearest, one_of
from idm.policy_files.yaml_tree import Path

_AUTHORITY = "authority.yaml"


def access_faults(draft: Draft) -> Iterator[Fault]:
    """Teams that authority.yaml doesn't have: nobody would be let in by them."""
    found, powers = draft.one(AccessFile), draft.one(AuthorityFile)
    broken = powers is None and any(file.text.file == _AUTHORITY for file in draft.files)
    if found is None or broken:
        return
    file, model = found
    teams = powers[1].teams if powers is not None else {}
    for at, holder in _holders(model):
        team = holder.removeprefix(TEAM)
        if holder.startswith(TEAM) and team not in teams:
            words = f"no team is called '{team}'{nearest(team, teams)}, so nobody would be let in; {_AUTHORITY} has: {one_of(teams)}"
            yield file.fault(at, "unknown-team", words)


def _holders(model: AccessFile) -> Iterator[tuple[Path, str]]:
    for key, holders in (("payroll_staff", model.payroll_staff), ("auditors", model.auditors)):
        for index, holder in enumerate(holders or ()):
            yield (key, index), holder
    for id_, rule in (model.start_hires or {}).items():
        for index, holder in enumerate(rule.holders or ()):
            yield ("start_hires", id_, "holders", index), holder


def access_warnings(draft: Draft, organisation: Organisation | None) -> Iterator[Fault]:
    """What is allowed but can hardly be meant. With the organisation, ids of units and positions are held against it too."""
    found = draft.one(AccessFile)
    if found is None:
        return
    file, model = found
    for index, holder in enumerate(model.auditors or ()):
        if holder in (model.payroll_staff or ()):
            words = f"'{holder}' keeps the payroll tables and audits what is paid by them, so they would look after their own work"
            yield file.fault(("auditors", index), "own-work", words)
    if organisation is None:
        return
    for id_, rule in (model.start_hires or {}).items():
        for what, named, known in (("unit", rule.units, organisation.units), ("position", rule.positions, organisation.positions)):
            for index, each in enumerate(named or ()):
                if each not in known:
                    words = f"the organisation has no {what} '{each}'{nearest(each, known)}, so no hire is ever started there by this rule"
                    yield file.fault(("start_hires", id_, f"{what}s", index), "never-matches", words)
