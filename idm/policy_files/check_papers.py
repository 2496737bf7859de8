"""What documents, checks, approvals and the steps of journeys that speak of them must fulfil beside each other."""

from __future__ import annotations

from collections.abc import Iterator

from idm.domain.journey import split_need
from idm.domain.people import Organisation
from idm.errors import Fault
from idm.policy_files.build import Draft
from idm.policy_files.check_when import known_groups, place_warnings, when_faults
from idm.policy_files.models_approvals import ApprovalsFile
from idm.policy_files.models_journey import HumanStep, JourneyFile
from idm.policy_files.models_papers import DocumentsFile
from idm.policy_files.read import ReadFile, nearest, one_of


def paper_faults(draft: Draft) -> Iterator[Fault]:
    """Every fault: kinds of one name, approvals that nobody declares, needs of a paper's effect where there is no paper."""
    groups = known_groups(draft)
    if documents := draft.one(DocumentsFile):
        file, model = documents
        for key, kinds in (("documents", model.documents), ("checks", model.checks)):
            for id_, kind in kinds.items():
                yield from when_faults(file, (key, id_, "when"), kind.when, groups)
        for id_ in model.checks:
            if id_ in model.documents:
                yield file.fault(("checks", id_), "duplicate", f"'{id_}' is a document already; a check needs a name of its own")
    optional = draft.one(ApprovalsFile)
    if optional:
        for id_, policy in optional[1].approvals.items():
            for rule_id, rule in policy.asked.items():
                yield from when_faults(optional[0], ("approvals", id_, "asked", rule_id, "when"), rule.when, groups)
    # Of a file that is broken itself, nothing can be said here.
    unread = optional is None and any(file.text.file == "approvals.yaml" for file in draft.files)
    for file, journey in draft.each(JourneyFile):
        if not unread:
            yield from _asked_by(file, journey, {EQUIPMENT, *(optional[1].approvals if optional else ())})
        yield from _effects(file, journey)
        yield from _asks_again(file, journey)
        if documents:
            yield from _unheard(journey, documents)


_ASKED_AGAIN = "appoint, form, rights, approve and order"
_FOLLOW_THE_ORDER = ("approve_order", "receive")
EQUIPMENT = "equipment"
"""What a step of an equipment order is asked by: equipment.yaml, and no rule of approvals.yaml."""


def _asked_by(file: ReadFile, journey: JourneyFile, known: set[str]) -> Iterator[Fault]:
    for id_, step in journey.steps.items():
        if isinstance(step, HumanStep) and step.asked_by is not None and step.asked_by not in known:
            words = f"approvals.yaml declares no '{step.asked_by}'{nearest(step.asked_by, known)}; it declares: {one_of(known)}"
            yield file.fault(("steps", id_, "asked_by"), "unknown-approval", words)


def _effects(file: ReadFile, journey: JourneyFile) -> Iterator[Fault]:
    for id_, step in journey.steps.items():
        for index, need in enumerate(step.needs):
            name, effect = split_need(need)
            other = journey.steps.get(name)
            if effect and other is not None and getattr(other, "for_each", None) is None:
                words = f"'{name}' is not about papers, so '{need}' means nothing; write '{name}'"
                yield file.fault(("steps", id_, "needs", index), "no-paper", words)


def _asks_again(file: ReadFile, journey: JourneyFile) -> Iterator[Fault]:
    for fact, steps in journey.asks_again.model_dump(exclude_none=True).items():
        for index, id_ in enumerate(steps):
            at = ("asks_again", fact, index)
            step = journey.steps.get(id_)
            if step is None:
                words = f"no step is called '{id_}'{nearest(id_, journey.steps)}; nobody would be asked again"
                yield file.fault(at, "unknown-step", words)
            elif not isinstance(step, HumanStep) or step.for_each is not None or step.task in _FOLLOW_THE_ORDER:
                words = f"step '{id_}' is not a decision about the whole hire; only {_ASKED_AGAIN} steps are asked again"
                yield file.fault(at, "not-asked", words)


def _unheard(journey: JourneyFile, documents: tuple[ReadFile, DocumentsFile]) -> Iterator[Fault]:
    """A paper that blocks something which no step of the journey waits for would block nothing."""
    where, model = documents
    if not any(isinstance(step, HumanStep) and step.for_each for step in journey.steps.values()):
        return
    for sort, kinds in (("document", model.documents), ("check", model.checks)):
        last = {id_ for id_, step in journey.steps.items() if isinstance(step, HumanStep) and step.for_each == sort}
        key = f"{sort}s"
        for id_, kind in kinds.items():
            if not last:
                words = f"journey '{journey.journey}' has no step for a {sort}, so '{id_}' would never be asked for"
                yield where.fault((key, id_), "never-asked", words)
            for effect in kind.blocks:
                if last and not _waited_for(journey, last, effect):
                    words = f"no step of journey '{journey.journey}' needs a {sort} '@{effect}', so '{id_}' would block nothing"
                    yield where.fault((key, id_, "blocks"), "blocks-nothing", words)


def _waited_for(journey: JourneyFile, papers: set[str], effect: str) -> bool:
    for step in journey.steps.values():
        if getattr(step, "for_each", None) is None and any(
            split_need(need)[0] in papers and split_need(need)[1] in ("", effect) for need in step.needs
        ):
            return True
    return False


def paper_warnings(draft: Draft, organisation: Organisation | None) -> Iterator[Fault]:
    """What can hardly be meant: an approval that no journey asks by, and places that the organisation doesn't have."""
    optional = draft.one(ApprovalsFile)
    if organisation is not None and (documents := draft.one(DocumentsFile)):
        for id_, document in documents[1].documents.items():
            yield from place_warnings(documents[0], ("documents", id_, "when"), document.when, organisation)
        for id_, check in documents[1].checks.items():
            yield from place_warnings(documents[0], ("checks", id_, "when"), check.when, organisation)
    if optional is None:
        return
    file, model = optional
    used = {
        step.asked_by
        for _, journey in draft.each(JourneyFile)
        for step in journey.steps.values()
        if isinstance(step, HumanStep) and step.asked_by
    }
    for id_, policy in model.approvals.items():
        if organisation is not None:
            for rule_id, rule in policy.asked.items():
                yield from place_warnings(file, ("approvals", id_, "asked", rule_id, "when"), rule.when, organisation)
        if id_ not in used:
            words = f"no step of any journey is 'asked_by: {id_}', so nobody is ever asked"
            yield file.fault(("approvals", id_), "unused-approval", words)
