"""What systems, forms and documents must fulfil beside each other, and what only deserves a warning."""

from __future__ import annotations

from collections.abc import Iterator

from idm.domain.people import Organisation
from idm.domain.policy import FACTS
from idm.errors import Fault
from idm.policy_files import models, models_forms, models_papers, models_roles
from idm.policy_files.build import Draft
from idm.policy_files.check_forms import approvals_of, forms_behind
from idm.policy_files.check_when import place_warnings
from idm.policy_files.models_journey import AutomaticStep, HumanStep, JourneyFile
from idm.policy_files.read import ReadFile, nearest, one_of
from idm.policy_files.when import GroupsFile

_OF_ONE = {
    name: frozenset(fact for fact in FACTS if fact.startswith(f"{start}."))
    for name, start in (("document", "document"), ("order_line", "order"), ("order_return", "order"))
}
"""The facts of one document or order line, by what a record is made `per`."""
_OF_SOME = frozenset[str]().union(*_OF_ONE.values())


def rule_faults(draft: Draft) -> Iterator[Fault]:
    """Every fault of systems and forms, as far as the files they refer to could be read."""
    for file, form in draft.each(models_forms.FormFile):
        yield from _defaults(file, form)
    if systems := draft.one(models.SystemsFile):
        yield from _attributes(*systems, draft)


def _defaults(file: ReadFile, form: models_forms.FormFile) -> Iterator[Fault]:
    facts = set(FACTS) - _OF_SOME
    for id_, field in form.fields.items():
        if field.default is not None and field.default not in facts:
            words = f"no fact is called '{field.default}'{nearest(field.default, facts)}; a default names one of: {one_of(facts)}"
            yield file.fault(("fields", id_, "default"), "unknown-fact", words)


def _attributes(file: ReadFile, model: models.SystemsFile, draft: Draft) -> Iterator[Fault]:
    broken = {read.stem for read in draft.files if read.model is None and read.text.file.startswith("forms/")}
    fields = {f"{read.stem}.{field}" for read, form in draft.each(models_forms.FormFile) for field in form.fields}
    for system, policy in model.systems.items():
        for kind, rule in policy.resources.items():
            facts = fields | (set(FACTS) - _OF_SOME) | _OF_ONE.get(rule.per, frozenset())
            if rule.reverses is not None and getattr(policy.resources.get(rule.reverses), "per", None) != "order_line":
                words = f"'{system}' holds no '{rule.reverses}' per order line, so there is nothing to take back"
                yield file.fault(("systems", system, "resources", kind, "reverses"), "unknown-resource", words)
            for name, fact in rule.attributes.items():
                if not isinstance(fact, str):
                    continue
                at = ("systems", system, "resources", kind, "attributes", name)
                form = fact.partition(".")[0]
                if fact in _OF_SOME and fact not in facts:
                    sort = next(per for per, names in _OF_ONE.items() if fact in names)
                    words = f"'{fact}' is a fact of one {sort.replace('_', ' ')}; only a record 'per: {sort}' can name it"
                    yield file.fault(at, "unknown-fact", words)
                elif fact not in facts and form not in broken:
                    words = f"no fact is called '{fact}'{nearest(fact, facts)}; write {{value: ...}} if you mean this very text"
                    yield file.fault(at, "unknown-fact", words)
                elif fact in fields:
                    yield from _approved(file, at, form, fact, rule, draft)


def _approved(file: ReadFile, at: tuple[str | int, ...], form: str, fact: str, rule: models.Resource, draft: Draft) -> Iterator[Fault]:
    """A fact of a form takes the approval that the form's step gives: an unapproved one must not reach a system.

    What the person hired tells of themself is approved by whoever fills in the form behind.
    """
    approvals: set[str] = set()
    for _, journey in draft.each(JourneyFile):
        asking = {id_ for id_, step in journey.steps.items() if isinstance(step, HumanStep) and step.form == form}
        own = {approval for id_ in asking for approval in approvals_of(journey.steps[id_])}
        approvals |= own or {approval for id_ in asking for step in forms_behind(id_, journey) for approval in step.approvals}
    if missing := approvals - set(rule.approved_by):
        words = f"'{fact}' is approved as {one_of(missing)}; add that to 'approved_by', or it could be sent unapproved"
        yield file.fault(at, "unapproved", words)


def warnings(draft: Draft, organisation: Organisation | None) -> Iterator[Fault]:
    """What is allowed but can hardly be meant. With the organisation, ids of units and positions are held against it too."""
    if organisation is not None and (groups := draft.one(GroupsFile)):
        for id_, group in groups[1].groups.items():
            yield from place_warnings(groups[0], ("groups", id_), group, organisation)
    if documents := draft.one(models_papers.DocumentsFile):
        yield from _unneeded_documents(*documents, _positions(draft, organisation))
    if (systems := draft.one(models.SystemsFile)) and draft.each(JourneyFile):
        yield from _undelivered(*systems, draft)


def _positions(draft: Draft, organisation: Organisation | None) -> set[str]:
    """The positions there are; without the organisation, those that the role rules speak of."""
    if organisation is not None:
        return set(organisation.positions)
    roles = draft.one(models_roles.RolesFile)
    return {position for rule in roles[1].rules.values() for position in rule.positions or ()} if roles else set()


def _unneeded_documents(file: ReadFile, model: models_papers.DocumentsFile, positions: set[str]) -> Iterator[Fault]:
    for id_, kind in model.documents.items():
        if kind.positions and positions and not positions & set(kind.positions):
            hint = nearest(kind.positions[0], positions)
            words = f"no position needs '{id_}': {one_of(kind.positions)} is not known as a position{hint}"
            yield file.fault(("documents", id_, "positions"), "unneeded-document", words)


def _undelivered(file: ReadFile, model: models.SystemsFile, draft: Draft) -> Iterator[Fault]:
    steps = [step for _, journey in draft.each(JourneyFile) for step in journey.steps.values()]
    delivered = {(step.system, name) for step in steps if isinstance(step, AutomaticStep) for name in step.resources}
    for system, policy in model.systems.items():
        for kind, rule in policy.resources.items():
            # What takes something back is sent by the undo step of a cancel, which no journey declares.
            if (system, kind) not in delivered and rule.reverses is None:
                words = f"no step of any journey delivers '{kind}' to '{system}'"
                yield file.fault(("systems", system, "resources", kind), "undelivered", words)
