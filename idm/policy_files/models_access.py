"""The shape of access.yaml: who keeps the payroll tables, who audits, and who starts hires, where and into which positions."""

from __future__ import annotations

from pydantic import Field

from idm.policy_files.models_authority import Holders
from idm.policy_files.shapes import Id, Refs, Shape


class StartShape(Shape):
    """Who starts hires: the `holders` (left out: every manager, where they manage), in `units` and below, into `positions`."""

    holders: Holders | None = None
    units: Refs | None = None
    positions: Refs | None = None


class AccessFile(Shape):
    """access.yaml: who may what in the portal, beside what follows from being a manager, a contact or the person hired."""

    payroll_staff: Holders | None = None
    auditors: Holders | None = None
    start_hires: dict[Id, StartShape] | None = Field(default=None, max_length=200)
