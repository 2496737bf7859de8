"""Systems, names, forms and equipment: values that would flood a system, tell nobody apart, or limit nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from idm.errors import Fault
from idm.policy_files import models, models_forms
from idm.policy_files.build import Draft
from idm.policy_files.equipment import EquipmentFile
from idm.policy_files.models_naming import NamingFile, patterns
from idm.policy_files.read import ReadFile
from idm.policy_files.yaml_tree import Path

_LANGUAGES = ("da", "en")
_PLACE = re.compile(r"\{(given|family|first|last)(?::(\d+))?\}")


def faults(draft: Draft) -> Iterator[Fault]:
    """Values that a system could not take, or must not be told."""
    if systems := draft.one(models.SystemsFile):
        file, model = systems
        for id_, system in model.systems.items():
            for kind, resource in system.resources.items():
                yield from _attributes(file, ("systems", id_, "resources", kind, "attributes"), system.connector, resource)


def _attributes(file: ReadFile, at: tuple[str, ...], connector: str, resource: models.Resource) -> Iterator[Fault]:
    for name, given in resource.attributes.items():
        if given == "cpr" and (resource.opens is not None or resource.rights):
            words = "the CPR number would stand in an account, where every colleague who may look accounts up could read it"
            yield file.fault((*at, name), "private", words)
        value = given.value if isinstance(given, models.FixedValue) else None
        if connector == "mailbox" and name == "quota" and isinstance(value, str) and not re.fullmatch(r"[1-9][0-9]{0,8}", value):
            words = f"'{value}' is no number of megabytes, so the mail system would refuse each mailbox and nobody would ever get one"
            yield file.fault((*at, name), "no-number", words)
        if connector == "mail" and name == "language" and isinstance(value, str) and value not in _LANGUAGES:
            words = f"mails are written in {' and '.join(_LANGUAGES)}, not in '{value}', so this mail would never be sent"
            yield file.fault((*at, name), "no-language", words)


def warnings(draft: Draft) -> Iterator[Fault]:
    """What can hardly be meant."""
    if systems := draft.one(models.SystemsFile):
        yield from _systems(*systems)
    if naming := draft.one(NamingFile):
        yield from _names(*naming)
    if equipment := draft.one(EquipmentFile):
        yield from _equipment(*equipment)
    for file, form in draft.each(models_forms.FormFile):
        yield from _bounds(file, form, draft)


def _systems(file: ReadFile, model: models.SystemsFile) -> Iterator[Fault]:
    for id_, system in model.systems.items():
        at: Path = ("systems", id_)
        if system.lane_limit > 64:
            words = f"{system.lane_limit} cases at once would ask '{id_}', more than most stand: it would fail, and its steps would wait"
            yield file.fault((*at, "lane_limit"), "floods", words)
        retry = system.retry
        if retry.first > 900:
            words = f"after a single failure '{id_}' is left alone for {retry.first:g} seconds, so each hire would wait that long"
            yield file.fault((*at, "retry", "first"), "slow-retry", words)
        elif retry.most > 21600:
            words = f"'{id_}' is asked again after up to {retry.most / 3600:.0f} hours, so hires would wait for it long after it is back"
            yield file.fault((*at, "retry", "most"), "slow-retry", words)
        if retry.first < 0.1:
            words = f"a failing '{id_}' would be asked again after {retry.first:g} seconds, so it would be given no time to recover"
            yield file.fault((*at, "retry", "first"), "hasty-retry", words)
        if retry.cool_down > 21600:
            words = f"'{id_}' is left alone for {retry.cool_down / 3600:.0f} hours after some failures, so all hires would wait for it"
            yield file.fault((*at, "retry", "cool_down"), "slow-retry", words)
        if system.doubt == "accept" and all(not resource.posting for resource in system.resources.values()):
            words = f"when '{id_}' gives no answer, a record that was perhaps never made would count as made, and nobody would be asked"
            yield file.fault((*at, "doubt"), "unseen", words)
        for kind, resource in system.resources.items():
            of_one = [fact for fact in resource.attributes.values() if isinstance(fact, str) and _of_an_employment(fact)]
            if resource.per == "person" and of_one:
                words = f"'{of_one[0]}' is of one employment: of a person with two, the record would only ever show one of them"
                yield file.fault((*at, "resources", kind, "per"), "one-of-two", f"{words}; make it 'per: employment'")


def _of_an_employment(fact: str) -> bool:
    """Whether a person may have several of it at once, one for each employment."""
    return fact in ("employment.id", "weekly_hours") or fact.startswith("payroll.")


def _names(file: ReadFile, model: NamingFile) -> Iterator[Fault]:
    for key in ("username", "address"):
        found = [_PLACE.findall(pattern) for pattern in patterns(getattr(model.naming, key))]
        named = {name for places in found for name, _ in places}
        whole = {name in ("family", "last") for name in named}
        letters = max(sum(int(length) if length else 64 for _, length in places) for places in found)
        if letters < 3:
            words = (
                f"names would be {letters} letter(s) long and so nearly all a letter and a number: nobody could tell people apart by them"
            )
            yield file.fault(("naming", key), "too-alike", words)
        elif len(whole) == 1:
            part = "family" if whole == {True} else "given"
            words = f"it holds the {part} name only, so all who share one would be told apart by a number alone, and mail would go astray"
            yield file.fault(("naming", key), "too-alike", words)
        if key == "username" and model.naming.username_length < min(letters + 2, 8):
            words = f"names of {letters} letters are cut at {model.naming.username_length}, so numbers would take the place of letters"
            yield file.fault(("naming", "username_length"), "too-short", words)


def _equipment(file: ReadFile, model: EquipmentFile) -> Iterator[Fault]:
    for id_, item in model.catalogue.items():
        if item.price > 250_000:
            words = f"one '{id_}' costs {item.price:.0f} kroner, so each order of one would go far over every limit; look at the decimals"
            yield file.fault(("catalogue", id_, "price"), "dear", words)
        if item.price < 1:
            words = f"'{id_}' costs next to nothing, so no order of it would ever reach a limit and nobody would approve or confirm it"
            yield file.fault(("catalogue", id_, "price"), "cheap", words)
        if item.maximum > 50:
            words = f"one person may get {item.maximum} of '{id_}', so a slip of the finger would be ordered and paid"
            yield file.fault(("catalogue", id_, "maximum"), "many", words)
    every = sum(Decimal(str(item.price)) * item.maximum for item in model.catalogue.values())
    for id_, limit in model.approval.items():
        if limit.total_over is not None and Decimal(str(limit.total_over)) >= every:
            words = f"everything in the catalogue together comes to {every:.0f}, so the manager is never asked because of a total"
            yield file.fault(("approval", id_, "total_over"), "never-asked", words)
        if limit.total_over is not None and limit.line_over is not None and limit.line_over >= limit.total_over:
            words = f"an order with such a line is over {limit.total_over:g} in all anyway, so this limit would never decide"
            yield file.fault(("approval", id_, "line_over"), "never-asked", words)
    lines = [limit.line_over for limit in model.approval.values() if limit.line_over is not None]
    if lines and model.receipt.confirm_from > max(lines):
        words = f"lines over {max(lines):g} need the manager's approval, yet would be taken as received without anybody having seen them"
        yield file.fault(("receipt", "confirm_from"), "unseen", words)
    if re.fullmatch(model.accounts.form, "no account, !") is not None:
        words = "any text would do as an account number, so no misspelt one would ever be found"
        yield file.fault(("accounts", "form"), "takes-anything", words)


def _bounds(file: ReadFile, form: models_forms.FormFile, draft: Draft) -> Iterator[Fault]:
    """A field that is drawn from the payroll tables, but takes less than they hold."""
    tables = {read.name: [record.values for record in read.records] for read in draft.payroll if not read.faults}
    for id_, (name, low, high) in {
        "scale_step": ("classes", "first_step", "last_step"),
        "occupation_rate": ("occupation", "minimum", "maximum"),
    }.items():
        field = form.fields.get(id_)
        if field is None or field.source is None or not tables.get(name):
            continue
        least, most = min(row[low] for row in tables[name]), max(row[high] for row in tables[name])
        if field.maximum is not None and Decimal(str(field.maximum)) < most:
            words = f"payroll/{name}.csv goes up to {most}, so whoever is to have more than {field.maximum:g} could never be paid"
            yield file.fault(("fields", id_, "maximum"), "too-narrow", words)
        if field.minimum is not None and Decimal(str(field.minimum)) > least:
            words = f"payroll/{name}.csv begins at {least}, so whoever is to have less than {field.minimum:g} could never be paid"
            yield file.fault(("fields", id_, "minimum"), "too-narrow", words)
        if field.maximum is not None and Decimal(str(field.maximum)) > 2 * most:
            words = f"payroll/{name}.csv goes up to {most} only, so a maximum of {field.maximum:g} would never hold anything back"
            yield file.fault(("fields", id_, "maximum"), "limits-nothing", words)
