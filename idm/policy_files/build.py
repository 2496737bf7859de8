"""The files' models as the domain's policies, every rule with the file and line it stands at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from idm.domain.forms import FieldType, Form, FormField
from idm.domain.journey import Actor, Journey, Source, StepDef, StepKind, TaskKind
from idm.domain.naming_policy import NamingPolicy
from idm.domain.policy import (
    Attribute,
    ResourceRule,
    RetryPolicy,
    SystemPolicy,
)
from idm.policy_files import models, models_forms, models_journey, models_naming
from idm.policy_files.payroll_csv import ReadTable
from idm.policy_files.read import ReadFile
from idm.policy_files.shapes import Shape

_S = TypeVar("_S", bound=Shape)


@dataclass(frozen=True, slots=True)
class Draft:
    """Every file that could be read, before the files are held against each other."""

    files: tuple[ReadFile, ...]
    payroll: tuple[ReadTable, ...] = ()

    def each(self, shape: type[_S]) -> list[tuple[ReadFile, _S]]:
        """The files of that shape, each with its model; broken ones are left out."""
        return [(file, file.model) for file in self.files if isinstance(file.model, shape)]

    def one(self, shape: type[_S]) -> tuple[ReadFile, _S] | None:
        """The one file of that shape, or None if it is broken or missing."""
        return next(iter(self.each(shape)), None)

    def systems(self) -> Mapping[str, models.System] | None:
        """The systems by name; None if their file is broken, so that nothing can be said of them."""
        found = self.one(models.SystemsFile)
        return found[1].systems if found else None

    def lanes(self) -> dict[str, str]:
        """The lane of each system, by its name."""
        return {name: system.lane or name for name, system in (self.systems() or {}).items()}


def journey(file: ReadFile, model: models_journey.JourneyFile, lanes: Mapping[str, str]) -> Journey:
    """The journey that `file` declares; `lanes` by system."""
    steps = tuple(_step(id_, step, lanes, file.source("steps", id_)) for id_, step in model.steps.items())
    again = tuple((fact, tuple(steps)) for fact, steps in model.asks_again.model_dump(exclude_none=True).items())
    return Journey(model.journey, model.event, steps, file.source(), again)


def _step(id_: str, step: models_journey.Step, lanes: Mapping[str, str], source: Source) -> StepDef:
    match step:
        case models_journey.HumanStep():
            return StepDef(
                id_,
                StepKind.HUMAN,
                tuple(step.needs),
                task=TaskKind(step.task),
                actor=Actor(step.actor),
                form=step.form or "",
                approves=step.approvals,
                for_each=step.for_each or "",
                returns_to=step.returns_to or "",
                by_itself=step.by_itself,
                asked_by=step.asked_by or "",
                source=source,
            )
        case models_journey.AutomaticStep():
            return StepDef(
                id_,
                StepKind.AUTOMATIC,
                tuple(step.needs),
                system=step.system,
                resources=tuple(step.resources),
                for_each=step.for_each or "",
                asked_by=step.asked_by or "",
                lane=lanes.get(step.system, ""),
                source=source,
            )
        case models_journey.TimerStep():
            return StepDef(id_, StepKind.TIMER, tuple(step.needs), until=step.until, source=source)


def form(file: ReadFile, model: models_forms.FormFile) -> Form:
    """The form that `file` declares."""
    fields = tuple(_field(id_, field, file.source("fields", id_)) for id_, field in model.fields.items())
    titles, why = (each.model_dump() if each is not None else {} for each in (model.titles, model.why))
    return Form(model.form, fields, file.source(), titles, why)


def _field(id_: str, field: models_forms.FieldShape, source: Source) -> FormField:
    return FormField(
        id_,
        FieldType(field.type),
        field.titles.model_dump(),
        field.required,
        tuple(field.choices or ()),
        None if field.minimum is None else Decimal(str(field.minimum)),
        None if field.maximum is None else Decimal(str(field.maximum)),
        field.pattern or "",
        field.default or "",
        field.source == "funnel",
        source,
        check=field.check or "",
        asked_if=tuple((name, tuple(wanted)) for name, wanted in (field.asked_if or {}).items()),
        confidential=field.confidential,
        corrects=field.corrects or "",
        second_person=field.second_person,
        help=field.help.model_dump() if field.help is not None else {},
        choice_titles={choice: titles.model_dump() for choice, titles in (field.choice_titles or {}).items()},
        example=field.example or "",
    )


def systems(file: ReadFile, model: models.SystemsFile) -> dict[str, SystemPolicy]:
    """The target systems by name."""
    return {
        name: SystemPolicy(
            name,
            system.connector,
            dict(system.config),
            {kind: _resource(file, name, kind, rule) for kind, rule in system.resources.items()},
            system.lane or name,
            system.lane_limit,
            RetryPolicy(**system.retry.model_dump()),
            system.doubt,
            file.source("systems", name),
        )
        for name, system in model.systems.items()
    }


def _resource(file: ReadFile, system: str, kind: str, rule: models.Resource) -> ResourceRule:
    return ResourceRule(
        kind,
        rule.per,
        tuple(rule.approved_by),
        dict(_attributes(rule.attributes)),
        rule.opens or "",
        rule.rights,
        rule.posting,
        rule.reverses or "",
        file.source("systems", system, "resources", kind),
    )


def _attributes(attributes: Mapping[str, str | models.FixedValue]) -> Iterable[tuple[str, Attribute]]:
    for name, given in attributes.items():
        if isinstance(given, str):
            yield name, Attribute(fact=given)
        else:
            yield name, Attribute(value=given.value if isinstance(given.value, str) else tuple(given.value))


def naming(file: ReadFile, model: models_naming.NamingFile) -> NamingPolicy:
    """How names are made."""
    given = model.naming
    forbidden = given.forbidden or models_naming.Forbidden()
    return NamingPolicy(
        models_naming.patterns(given.username),
        given.username_length,
        models_naming.patterns(given.address),
        given.domain,
        dict(given.transliteration),
        file.source("naming"),
        frozenset(given.reserved or ()),
        frozenset(forbidden.whole or ()),
        tuple(forbidden.part or ()),
        given.fallback,
    )
