"""What a journey must fulfil beside the other files: known names, and an order in which every step can deliver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from idm.domain.graph_faults import bare, graph_faults
from idm.domain.journey import OPENING, RIGHTS, Journey
from idm.errors import Fault
from idm.policy_files import build, models, models_papers
from idm.policy_files.build import Draft
from idm.policy_files.models_journey import AutomaticStep, HumanStep, JourneyFile, Step, TimerStep
from idm.policy_files.read import ReadFile, nearest, one_of


def journey_faults(draft: Draft) -> Iterator[Fault]:
    """Every fault of every journey, as far as the files it refers to could be read."""
    events: dict[str, str] = {}
    for file, model in draft.each(JourneyFile):
        first = events.setdefault(model.event, file.text.file)
        if first != file.text.file:
            words = f"the event '{model.event}' starts the journey in {first} already; only one would ever start"
            yield file.fault(("event",), "duplicate", words)
        yield from _names(file, model, draft)
        faults = graph_faults(build.journey(file, model, {}))
        yield from faults
        if not faults:
            yield from _useless_timers(file, model)
            yield from _OrderCheck(file, model, draft).faults()


def graph_only(journey: Journey) -> list[Fault]:
    """The faults of a journey by itself, without the other files."""
    return graph_faults(journey)


def _names(file: ReadFile, model: JourneyFile, draft: Draft) -> Iterator[Fault]:
    systems = draft.systems()
    documents = draft.one(models_papers.DocumentsFile)
    for id_, step in model.steps.items():
        at = ("steps", id_)
        if len(set(bare(step.needs))) < len(step.needs):
            yield file.fault((*at, "needs"), "twice", f"step '{id_}' needs the same step twice; remove one")
        if isinstance(step, HumanStep):
            yield from _form_name(file, id_, step, draft)
            if step.for_each == "document" and documents and not documents[1].documents:
                words = f"documents.yaml declares no kind of document, so step '{id_}' would never exist"
                yield file.fault((*at, "for_each"), "no-documents", words)
        elif isinstance(step, AutomaticStep) and systems is not None:
            if step.system not in systems:
                words = f"no system is called '{step.system}'{nearest(step.system, systems)}; systems.yaml has: {one_of(systems)}"
                yield file.fault((*at, "system"), "unknown-system", words)
                continue
            yield from _resource_names(file, id_, step, systems[step.system])


def _form_name(file: ReadFile, id_: str, step: HumanStep, draft: Draft) -> Iterator[Fault]:
    forms = {read.stem for read in draft.files if read.text.file.startswith("forms/")}
    if step.form and step.form not in forms:
        words = f"no form is called '{step.form}'{nearest(step.form, forms)}; the folder forms has: {one_of(forms)}"
        yield file.fault(("steps", id_, "form"), "unknown-form", words)


def _resource_names(file: ReadFile, id_: str, step: AutomaticStep, system: models.System) -> Iterator[Fault]:
    scopes = {OPENING, RIGHTS}
    for index, name in enumerate(step.resources):
        at = ("steps", id_, "resources", index)
        if name not in system.resources and name not in scopes:
            words = f"the system '{step.system}' holds no '{name}'{nearest(name, system.resources)}; it holds: {one_of(system.resources)}"
            yield file.fault(at, "unknown-resource", words)
        if name == RIGHTS and not any(rule.rights for rule in system.resources.values()):
            words = f"no record of '{step.system}' has 'rights: true', so step '{id_}' would deliver nothing"
            yield file.fault(at, "delivers-nothing", words)
        if name == OPENING and not any(rule.opens for rule in system.resources.values()):
            yield file.fault(at, "delivers-nothing", f"no record of '{step.system}' has 'opens', so step '{id_}' would deliver nothing")


def _useless_timers(file: ReadFile, model: JourneyFile) -> Iterator[Fault]:
    needed = {need for step in model.steps.values() for need in bare(step.needs)}
    for id_, step in model.steps.items():
        if isinstance(step, TimerStep) and id_ not in needed:
            words = f"no step needs the timer '{id_}', so nothing happens on its date; remove it or need it"
            yield file.fault(("steps", id_), "useless-timer", words)


class _OrderCheck:
    """Whether each automatic step comes after all that it takes: the approvals, the record it works on, the date."""

    def __init__(self, file: ReadFile, model: JourneyFile, draft: Draft) -> None:
        self._file = file
        self._steps = model.steps
        self._never_approved: set[str] = set()
        self._systems: Mapping[str, models.System] = draft.systems() or {}

    def faults(self) -> Iterator[Fault]:
        for id_, step in self._steps.items():
            if isinstance(step, AutomaticStep) and step.system in self._systems:
                yield from self._step(id_, step, self._systems[step.system])

    def _step(self, id_: str, step: AutomaticStep, system: models.System) -> Iterator[Fault]:
        before = self._before(id_)
        made = {(other.system, name) for other in before.values() if isinstance(other, AutomaticStep) for name in other.resources}
        for index, name in enumerate(step.resources):
            at = ("steps", id_, "resources", index)
            for kind in self._kinds(name, system):
                rule = system.resources[kind]
                wanted = [*rule.approved_by, "rights"] if name == RIGHTS else rule.approved_by
                for approval in dict.fromkeys(wanted):
                    yield from self._approval(at, id_, kind, approval, set(before))
                if name != kind and (step.system, kind) not in made and kind not in step.resources:
                    words = f"step '{id_}' works on the {kind} in '{step.system}', but no step before makes one; it would deliver nothing"
                    yield self._file.fault(at, "order", words)
                if name == OPENING and not self._waits_for(rule.opens, before):
                    words = (
                        f"step '{id_}' opens the {kind} on '{rule.opens}', but comes after no timer until then; it would deliver nothing"
                    )
                    yield self._file.fault(at, "order", words)

    @staticmethod
    def _kinds(name: str, system: models.System) -> list[str]:
        if name == RIGHTS:
            return [kind for kind, rule in system.resources.items() if rule.rights]
        if name == OPENING:
            return [kind for kind, rule in system.resources.items() if rule.opens]
        return [name] if name in system.resources else []

    def _approval(self, at: tuple[str | int, ...], id_: str, kind: str, approval: str, before: set[str]) -> Iterator[Fault]:
        approving = {other for other, step in self._steps.items() if isinstance(step, HumanStep) and approval in step.approvals}
        if not approving and approval in self._never_approved:
            return
        if not approving:
            self._never_approved.add(approval)
            words = f"step '{id_}' needs '{approval}' approved for the {kind}, but no step of the journey approves it"
            yield self._file.fault(at, "unapproved", words)
        elif missing := approving - before:
            words = (
                f"step '{id_}' needs '{approval}' approved for the {kind}, but does not come after {one_of(missing)}, "
                "so it would deliver nothing; add it to 'needs'"
            )
            yield self._file.fault(at, "unapproved", words)

    @staticmethod
    def _waits_for(day: str | None, before: Mapping[str, Step]) -> bool:
        return any(isinstance(step, TimerStep) and step.until == day for step in before.values())

    def _before(self, id_: str) -> dict[str, Step]:
        """Every step that is done before `id_` can begin."""
        found: dict[str, Step] = {}
        left = list(bare(self._steps[id_].needs))
        while left:
            need = left.pop()
            if need not in found:
                found[need] = self._steps[need]
                left.extend(bare(self._steps[need].needs))
        return found
