"""The shape of payroll.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictInt

from idm.domain.payroll_tables import WARN_DAYS
from idm.policy_files.shapes import Outside, Shape


class PayrollSettings(Shape):
    """How the payroll tables are watched."""

    warn_days: Annotated[StrictInt, Field(ge=1, le=730), Outside("rows would end without anybody having been told in time")] = WARN_DAYS


class PayrollFile(Shape):
    """payroll.yaml: how the payroll tables are watched."""

    payroll: PayrollSettings
