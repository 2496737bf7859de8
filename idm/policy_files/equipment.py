"""The shape of equipment.yaml: the catalogue, the accounts, and who approves and confirms."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, StrictInt, model_validator

from idm.policy_files.shapes import Id, Names, Outside, Refs, Shape, Text, Titles
from idm.policy_files.when import When

MOST_KRONER = 10_000_000


def _kroner(value: float) -> float:
    if Decimal(str(value)) != Decimal(str(value)).quantize(Decimal("0.01")):
        raise ValueError("is an amount in kroner, with at most two decimals")
    return value


Price = Annotated[
    float, Field(gt=0, le=MOST_KRONER), AfterValidator(_kroner), Outside("an order of it would never reach a limit, or always be refused")
]
Amount = Annotated[float, Field(ge=0, le=MOST_KRONER), AfterValidator(_kroner)]
Count = Annotated[StrictInt, Field(ge=1, le=1000)]


class SupplierShape(Shape):
    """Where things are bought."""

    name: Text
    trusted: StrictBool = False


class ItemShape(Shape):
    """One thing of the catalogue."""

    titles: Titles
    price: Price
    supplier: Id
    account: Text | None = None
    returnable: StrictBool = True
    maximum: Count = 1
    when: When | None = None


class AccountsShape(Shape):
    """Account numbers for some units and all below them; without `units`, for all."""

    units: Refs | None = None
    numbers: Names


class AccountPlan(Shape):
    """How an account number is written, and which may be used where."""

    form: Text
    allowed: Annotated[dict[Id, AccountsShape], Field(min_length=1)]

    @model_validator(mode="after")
    def _compiles(self) -> AccountPlan:
        try:
            re.compile(self.form)
        except re.error as error:
            raise ValueError(f"'form' is not a regular expression: {error}") from None
        return self


class LimitShape(Shape):
    """Over which amount the manager approves."""

    when: When | None = None
    total_over: Amount | None = None
    line_over: Amount | None = None
    never: StrictBool = False

    @model_validator(mode="after")
    def _says_something(self) -> LimitShape:
        amounts = self.total_over is not None or self.line_over is not None
        if amounts == self.never:
            raise ValueError("give 'total_over' or 'line_over', or 'never: true' if no order needs approval here")
        return self


class ReceiptShape(Shape):
    """From which amount of a line somebody confirms that it came; of a supplier that isn't trusted, always."""

    confirm_from: Amount


class FavouriteShape(Shape):
    """What is usually ordered for some positions."""

    positions: Refs
    items: Annotated[dict[Id, Count], Field(min_length=1)]


class EquipmentFile(Shape):
    """equipment.yaml: what may be ordered for a new employee."""

    ask: When | None = None
    suppliers: Annotated[dict[Id, SupplierShape], Field(min_length=1)]
    catalogue: Annotated[dict[Id, ItemShape], Field(min_length=1)]
    accounts: AccountPlan
    approval: dict[Id, LimitShape] = Field(default_factory=dict)
    receipt: ReceiptShape
    favourites: dict[Id, FavouriteShape] = Field(default_factory=dict)
