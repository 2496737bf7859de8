"""Kinds of values that options of several commands take."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import click

from idm.errors import BadUsage

_FORM = click.DateTime(["%Y-%m-%d"])


class _Day(click.ParamType[date]):
    name = "date"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return _FORM.get_metavar(param, ctx)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        return _FORM.convert(value, param, ctx).date()


DAY = _Day()
"""A day, written YYYY-MM-DD."""


def kroner(text: str) -> Decimal | None:
    """The amount of an option in kroner, None for ""; raises `BadUsage` for what is none."""
    if text and not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,2})?", text):
        raise BadUsage(f"'{text}' is no amount in kroner.", next_step="Write it as 50000 or 50000.50.")
    return Decimal(text) if text else None
