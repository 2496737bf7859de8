"""equipment.yaml as the domain's policy, every rule with the file and line it stands at."""

from __future__ import annotations

from decimal import Decimal

from idm.domain.equipment import Accounts, ApprovalLimit, EquipmentPolicy, Favourite, Item, Supplier
from idm.policy_files.equipment import EquipmentFile
from idm.policy_files.read import ReadFile
from idm.policy_files.when import match_of


def equipment(file: ReadFile, model: EquipmentFile) -> EquipmentPolicy:
    """What may be ordered, on which account, and who approves and confirms it."""
    return EquipmentPolicy(
        items={
            id_: Item(
                id_,
                item.titles.model_dump(),
                _kroner(item.price),
                item.supplier,
                item.account or "",
                item.returnable,
                item.maximum,
                match_of(item.when),
                file.source("catalogue", id_),
            )
            for id_, item in model.catalogue.items()
        },
        suppliers={id_: Supplier(id_, each.name, each.trusted, file.source("suppliers", id_)) for id_, each in model.suppliers.items()},
        accounts=tuple(
            Accounts(id_, tuple(each.numbers), tuple(each.units or ()), file.source("accounts", "allowed", id_))
            for id_, each in model.accounts.allowed.items()
        ),
        account_form=model.accounts.form,
        approvals=tuple(
            ApprovalLimit(id_, match_of(each.when), _amount(each.total_over), _amount(each.line_over), file.source("approval", id_))
            for id_, each in model.approval.items()
        ),
        confirm_from=_kroner(model.receipt.confirm_from),
        favourites=tuple(
            Favourite(id_, tuple(each.positions), dict(each.items), file.source("favourites", id_))
            for id_, each in model.favourites.items()
        ),
        ask=None if model.ask is None else match_of(model.ask),
        source=file.source(),
    )


def _kroner(amount: float) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def _amount(amount: float | None) -> Decimal | None:
    return None if amount is None else _kroner(amount)
