"""What equipment.yaml must fulfil: names that exist, accounts that can be used, rules that can ever count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from idm.domain.people import Organisation
from idm.errors import Fault
from idm.policy_files import models_journey
from idm.policy_files.build import Draft
from idm.policy_files.check_when import known_groups, place_warnings, when_faults
from idm.policy_files.equipment import EquipmentFile, ItemShape
from idm.policy_files.read import ReadFile, nearest, one_of
from idm.policy_files.when import When


def equipment_faults(draft: Draft) -> Iterator[Fault]:
    """Every fault of equipment.yaml; none if there is no such file and no journey asks for equipment."""
    found = draft.one(EquipmentFile)
    if found is None:
        if not any(file.text.file == "equipment.yaml" for file in draft.files):
            yield from _orders_from_nothing(draft)
        return
    file, model = found
    yield from _catalogue(file, model)
    yield from _accounts(file, model)
    yield from _dead_limits(file, model)
    yield from _favourites(file, model)
    groups = known_groups(draft)
    for path, when in _whens(model):
        yield from when_faults(file, path, when, groups)


def _orders_from_nothing(draft: Draft) -> Iterator[Fault]:
    for file, journey in draft.each(models_journey.JourneyFile):
        for id_, step in journey.steps.items():
            if isinstance(step, models_journey.HumanStep) and step.task == "order":
                words = f"step '{id_}' orders equipment, but there is no equipment.yaml, so nothing could be ordered"
                yield file.fault(("steps", id_, "task"), "no-catalogue", words)


def _whens(model: EquipmentFile) -> Iterator[tuple[tuple[str, ...], When | None]]:
    yield ("ask",), model.ask
    for id_, item in model.catalogue.items():
        yield ("catalogue", id_, "when"), item.when
    for id_, limit in model.approval.items():
        yield ("approval", id_, "when"), limit.when


def _catalogue(file: ReadFile, model: EquipmentFile) -> Iterator[Fault]:
    numbers = {number for each in model.accounts.allowed.values() for number in each.numbers}
    for id_, item in model.catalogue.items():
        if item.supplier not in model.suppliers:
            words = (
                f"no supplier is called '{item.supplier}'{nearest(item.supplier, model.suppliers)}; there are: {one_of(model.suppliers)}"
            )
            yield file.fault(("catalogue", id_, "supplier"), "unknown-supplier", words)
        if item.account is not None and item.account not in numbers:
            words = f"account '{item.account}' may be used nowhere, so '{id_}' could never be ordered on it; allow it or leave it out"
            yield file.fault(("catalogue", id_, "account"), "account-not-allowed", words)


def _accounts(file: ReadFile, model: EquipmentFile) -> Iterator[Fault]:
    for id_, each in model.accounts.allowed.items():
        for index, number in enumerate(each.numbers):
            if not re.fullmatch(model.accounts.form, number):
                words = f"'{number}' isn't written as 'form' says, so nobody could ever use it"
                yield file.fault(("accounts", "allowed", id_, "numbers", index), "account-form", words)


def _dead_limits(file: ReadFile, model: EquipmentFile) -> Iterator[Fault]:
    """The first limit that fits counts, so what stands behind one for everybody never does."""
    for_all = ""
    for id_, limit in model.approval.items():
        if for_all:
            words = f"limit '{for_all}' before it holds for everybody and the first that fits counts, so this one never does; put it first"
            yield file.fault(("approval", id_), "never-reached", words)
        elif limit.when is None:
            for_all = id_


def _favourites(file: ReadFile, model: EquipmentFile) -> Iterator[Fault]:
    for id_, favourite in model.favourites.items():
        for name, count in favourite.items.items():
            at = ("favourites", id_, "items", name)
            item = model.catalogue.get(name)
            if item is None:
                words = f"the catalogue has no '{name}'{nearest(name, model.catalogue)}; it has: {one_of(model.catalogue)}"
                yield file.fault(at, "unknown-item", words)
                continue
            if count > item.maximum:
                words = f"{count} of '{name}' are proposed, but one person gets at most {item.maximum}, so the proposal is always refused"
                yield file.fault(at, "maximum", words)
            yield from _not_for(file, at, name, favourite.positions, item)


def _not_for(file: ReadFile, at: tuple[str, ...], name: str, positions: list[str], item: ItemShape) -> Iterator[Fault]:
    allowed = item.when.positions if item.when else None
    if wrong := [position for position in positions if allowed is not None and position not in allowed]:
        yield file.fault(at, "not-for-position", f"'{name}' may not be ordered for {one_of(wrong)}, so the proposal is always refused")


def equipment_warnings(draft: Draft, organisation: Organisation | None) -> Iterator[Fault]:
    """What is allowed but can hardly be meant; with the organisation, units without an account and names that don't exist too."""
    found = draft.one(EquipmentFile)
    if found is None:
        return
    file, model = found
    used = {item.supplier for item in model.catalogue.values()}
    for id_ in model.suppliers:
        if id_ not in used:
            yield file.fault(("suppliers", id_), "unused-supplier", f"nothing in the catalogue comes from '{id_}'")
    yield from _limits_that_say_little(file, model)
    if model.ask is not None and not _has_order_step(draft):
        words = "'ask' says whom equipment is asked for, but no journey has a step with 'task: order', so nobody is ever asked"
        yield file.fault(("ask",), "never-asked", words)
    if organisation is not None:
        yield from _against(organisation, file, model)


def _has_order_step(draft: Draft) -> bool:
    steps = [step for _, journey in draft.each(models_journey.JourneyFile) for step in journey.steps.values()]
    return not steps or any(isinstance(step, models_journey.HumanStep) and step.task == "order" for step in steps)


def _limits_that_say_little(file: ReadFile, model: EquipmentFile) -> Iterator[Fault]:
    cheapest = min(item.price for item in model.catalogue.values())
    dearest = max(Decimal(str(item.price)) * item.maximum for item in model.catalogue.values())
    for id_, limit in model.approval.items():
        for key, amount in (("total_over", limit.total_over), ("line_over", limit.line_over)):
            if amount is not None and amount < cheapest:
                words = f"the cheapest thing costs {cheapest:g}, so the manager approves every order"
                yield file.fault(("approval", id_, key), "always-asked", words)
        if limit.line_over is not None and Decimal(str(limit.line_over)) >= dearest:
            words = f"no line can come to more than {dearest:g}, so the manager is never asked because of a line"
            yield file.fault(("approval", id_, "line_over"), "never-asked", words)
    if Decimal(str(model.receipt.confirm_from)) > dearest and any(each.trusted for each in model.suppliers.values()):
        words = f"no line can come to more than {dearest:g}, so nothing of a trusted supplier is ever confirmed"
        yield file.fault(("receipt", "confirm_from"), "never-confirmed", words)


def _against(organisation: Organisation, file: ReadFile, model: EquipmentFile) -> Iterator[Fault]:
    for path, when in _whens(model):
        yield from place_warnings(file, path, when, organisation)
    for id_, favourite in model.favourites.items():
        for index, position in enumerate(favourite.positions):
            if position not in organisation.positions:
                words = f"the organisation has no position '{position}'{nearest(position, organisation.positions)}, so this never matches"
                yield file.fault(("favourites", id_, "positions", index), "never-matches", words)
    covered: set[str] = set()
    for id_, each in model.accounts.allowed.items():
        for index, unit in enumerate(each.units or ()):
            if unit not in organisation.units:
                words = f"the organisation has no unit '{unit}'{nearest(unit, organisation.units)}, so this never matches"
                yield file.fault(("accounts", "allowed", id_, "units", index), "never-matches", words)
        covered |= set(organisation.units) if each.units is None else set(each.units)
    bare = [unit for unit in organisation.units if covered.isdisjoint(above.id for above in organisation.path(unit))]
    if bare:
        shown = f"{', '.join(bare[:5])}{f' and {len(bare) - 5} more' if len(bare) > 5 else ''}"
        yield file.fault(("accounts", "allowed"), "no-account", f"no account may be used in {shown}, so nothing can be ordered there")
