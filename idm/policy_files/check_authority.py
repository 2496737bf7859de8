"""What authority.yaml must fulfil: teams, tasks, forms and fields that exist, and rules that can ever count."""

from __future__ import annotations

from collections.abc import Iterator

from idm.domain.authority import TEAM
from idm.domain.journey import TaskKind
from idm.domain.people import Organisation
from idm.errors import Fault
from idm.policy_files import models_forms, models_papers
from idm.policy_files.build import Draft
from idm.policy_files.check_forms import told_by_the_hire
from idm.policy_files.check_when import known_groups, place_warnings, when_faults
from idm.policy_files.models_authority import AuthorityFile
from idm.policy_files.read import ReadFile, nearest, one_of

_NUMBERS = ("decimal", "integer")


def authority_faults(draft: Draft) -> Iterator[Fault]:
    """Every fault of authority.yaml, as far as the files it refers to could be read."""
    if found := draft.one(AuthorityFile):
        yield from _unknown_teams(*found)
        yield from _unknown_tasks(*found, draft)
        yield from _amounts(*found, draft)
        yield from _four_eyes_never(*found)
        groups = known_groups(draft)
        for id_, rule in found[1].four_eyes.items():
            yield from when_faults(found[0], ("four_eyes", id_, "when"), rule.when, groups)


def _unknown_teams(file: ReadFile, model: AuthorityFile) -> Iterator[Fault]:
    for id_, backup in model.backups.items():
        for index, holder in enumerate(backup.holders):
            team = holder.removeprefix(TEAM)
            if holder.startswith(TEAM) and team not in model.teams:
                words = f"no team is called '{team}'{nearest(team, model.teams)}, so nobody would act; 'teams' has: {one_of(model.teams)}"
                yield file.fault(("backups", id_, "holders", index), "unknown-team", words)


def _unknown_tasks(file: ReadFile, model: AuthorityFile, draft: Draft) -> Iterator[Fault]:
    documents = draft.one(models_papers.DocumentsFile)
    if documents is None:
        return
    own = told_by_the_hire(draft)
    forms = {form.form for _, form in draft.each(models_forms.FormFile)} - own
    papers = set(documents[1].documents) | set(documents[1].checks)
    known = {kind.value for kind in TaskKind} - {TaskKind.DOCUMENT.value} | forms | papers
    for id_, rule in model.four_eyes.items():
        for index, task in enumerate(rule.tasks or ()):
            if task not in known:
                if task in own:
                    words = (
                        f"'{task}' is filled in by the person hired about themself: nobody else could agree with it, so this never counts"
                    )
                    yield file.fault(("four_eyes", id_, "tasks", index), "unknown-task", words)
                    continue
                words = f"'{task}' is no task that somebody decides, no form and no document{nearest(task, known)}, so this never counts"
                yield file.fault(("four_eyes", id_, "tasks", index), "unknown-task", words)


def _amounts(file: ReadFile, model: AuthorityFile, draft: Draft) -> Iterator[Fault]:
    forms = {form.form: form for _, form in draft.each(models_forms.FormFile)}
    broken = {read.stem for read in draft.files if read.model is None and read.text.file.startswith("forms/")}
    for name, field in model.amounts.items():
        if name in broken:
            continue
        if name not in forms:
            words = f"no form is called '{name}'{nearest(name, forms)}; there are: {one_of(forms)}"
            yield file.fault(("amounts", name), "unknown-form", words)
            continue
        numbers = {id_ for id_, shape in forms[name].fields.items() if shape.type in _NUMBERS}
        if field not in numbers:
            words = f"form '{name}' has no number '{field}'{nearest(field, numbers)}, so no amount is ever known; it has: {one_of(numbers)}"
            yield file.fault(("amounts", name), "unknown-field", words)


_ORDERS = frozenset({TaskKind.ORDER.value, TaskKind.APPROVE_ORDER.value})
"""Tasks whose amount is known without a form's field."""


def _four_eyes_never(file: ReadFile, model: AuthorityFile) -> Iterator[Fault]:
    for id_, rule in model.four_eyes.items():
        known = model.amounts or not rule.tasks or _ORDERS.intersection(rule.tasks)
        if rule.when is not None and rule.when.amount_from is not None and not known:
            words = "no amount is ever known, as 'amounts' names no form's field, so nobody would be asked to look twice"
            yield file.fault(("four_eyes", id_, "when", "amount_from"), "no-amount", words)


def authority_warnings(draft: Draft, organisation: Organisation | None) -> Iterator[Fault]:
    """What is allowed but can hardly be meant. With the organisation, ids of units and positions are held against it too."""
    found = draft.one(AuthorityFile)
    if found is None:
        return
    file, model = found
    used = {holder.removeprefix(TEAM) for each in model.backups.values() for holder in each.holders if holder.startswith(TEAM)}
    for id_, team in model.teams.items():
        if len(team.members) == 1 and id_ in used:
            words = f"team '{id_}' has one member only: when they are away, nobody acts as back-up"
            yield file.fault(("teams", id_, "members"), "lone-member", words)
    if organisation is None:
        return
    for id_, backup in model.backups.items():
        for index, unit in enumerate(backup.units or ()):
            if unit not in organisation.units:
                words = f"the organisation has no unit '{unit}'{nearest(unit, organisation.units)}, so this back-up never acts there"
                yield file.fault(("backups", id_, "units", index), "never-matches", words)
    for id_, rule in model.four_eyes.items():
        yield from place_warnings(file, ("four_eyes", id_, "when"), rule.when, organisation)
