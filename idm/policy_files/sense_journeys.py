"""Who works the steps of a journey, and when: nobody decides on themselves, and nothing is asked before there is somebody to ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from idm.domain.graph_faults import bare
from idm.domain.journey import OPENING, split_need
from idm.errors import Fault
from idm.policy_files.build import Draft
from idm.policy_files.models_journey import AutomaticStep, HumanStep, JourneyFile, Step
from idm.policy_files.models_papers import Check, Document, DocumentsFile
from idm.policy_files.read import ReadFile, one_of

EVENT = "dk.idm.hire"
"""The event by which a hire comes in."""
_ORDER = {"ordered": "consent", "received": "ordered", "assess": "received"}
"""What of a check comes before what."""


def faults(draft: Draft) -> Iterator[Fault]:
    """Decisions of the new hire about themselves, and checks in a wrong order."""
    for file, journey in draft.each(JourneyFile):
        for id_, step in journey.steps.items():
            if not isinstance(step, HumanStep):
                continue
            if step.actor == "hire" and step.approvals:
                words = f"step '{id_}' has the new hire decide on their own {one_of(step.approvals)}; nobody may, so it could never be done"
                yield file.fault(("steps", id_, "actor"), "own-hire", words)
            yield from _of_a_check(file, id_, step, journey.steps)


def _of_a_check(file: ReadFile, id_: str, step: HumanStep, steps: Mapping[str, Step]) -> Iterator[Fault]:
    task = _ORDER.get(step.task)
    earlier = {other for other, each in steps.items() if isinstance(each, HumanStep) and each.task == task}
    if task and earlier and not earlier & _before(id_, steps):
        words = f"step '{id_}' doesn't come after {one_of(earlier)}, so it would be asked before the check has got that far"
        yield file.fault(("steps", id_, "needs"), "order", words)


def warnings(draft: Draft) -> Iterator[Fault]:
    """Steps whose people aren't known yet, controls of one's own work, openings that wait for no papers, and hires that start nothing."""
    journeys = draft.each(JourneyFile)
    if len(journeys) == 1 and all(file.model is not None for file in draft.files) and journeys[0][1].event != EVENT:
        file, journey = journeys[0]
        yield file.fault(("event",), "no-hires", f"no journey is started by {EVENT}, so no hire would ever begin a case")
    papers = draft.one(DocumentsFile)
    blocking = {
        sort: [id_ for id_, kind in kinds.items() if "start" in kind.blocks] for sort, kinds in (_sorts(papers[1]) if papers else ())
    }
    for file, journey in journeys:
        for id_, step in journey.steps.items():
            if set(bare(step.needs)) <= set(journey.steps):
                yield from _early(file, id_, step, journey.steps)
                yield from _own_work(file, id_, step, journey.steps)
                yield from _opens_anyway(file, id_, step, journey, blocking)


def _sorts(papers: DocumentsFile) -> tuple[tuple[str, Mapping[str, Document | Check]], ...]:
    return ("document", papers.documents), ("check", papers.checks)


def _early(file: ReadFile, id_: str, step: Step, steps: Mapping[str, Step]) -> Iterator[Fault]:
    appoint = {other for other, each in steps.items() if isinstance(each, HumanStep) and each.task == "appoint"}
    if isinstance(step, HumanStep) and step.actor in ("pay", "it") and appoint and not appoint & _before(id_, steps):
        words = (
            f"step '{id_}' is for the {step.actor} contact, but doesn't come after {one_of(appoint)}: it would open before anybody is named"
        )
        yield file.fault(("steps", id_, "needs" if step.needs else "actor"), "before-contacts", words)


def _own_work(file: ReadFile, id_: str, step: Step, steps: Mapping[str, Step]) -> Iterator[Fault]:
    if not isinstance(step, HumanStep) or step.task != "approve":
        return
    for other, each in steps.items():
        same = isinstance(each, HumanStep) and each.task in ("form", "rights") and each.actor == step.actor
        if same and isinstance(each, HumanStep) and set(step.approvals) <= set(each.approvals):
            words = f"step '{id_}' asks the {step.actor} contact, who did '{other}': nobody else would ever look at it"
            yield file.fault(("steps", id_, "actor"), "own-work", words)


def _opens_anyway(file: ReadFile, id_: str, step: Step, journey: JourneyFile, blocking: Mapping[str, list[str]]) -> Iterator[Fault]:
    """A paper that blocks the start keeps closed only what waits for it."""
    if not isinstance(step, AutomaticStep) or OPENING not in step.resources:
        return
    waited = _needs(id_, journey.steps)
    for task, sort in (("review", "document"), ("assess", "check")):
        steps = {
            other for other, each in journey.steps.items() if isinstance(each, HumanStep) and each.task == task and each.for_each == sort
        }
        if steps and blocking.get(sort) and not any(name in steps and effect in ("", "start") for name, effect in waited):
            words = f"step '{id_}' opens in '{step.system}' without waiting for '{one_of(steps)}@start', so papers that block the start"
            yield file.fault(("steps", id_, "needs"), "opens-anyway", f"{words} ({one_of(blocking[sort])}) would not keep it closed")


def _needs(id_: str, steps: Mapping[str, Step]) -> set[tuple[str, str]]:
    """Every need, with the effect that it is restricted to, of a step and of all that come before it."""
    return {split_need(need) for each in (id_, *_before(id_, steps)) for need in steps[each].needs}


def _before(id_: str, steps: Mapping[str, Step]) -> set[str]:
    found: set[str] = set()
    left = list(bare(steps[id_].needs))
    while left:
        need = left.pop()
        if need in steps and need not in found:
            found.add(need)
            left.extend(bare(steps[need].needs))
    return found
