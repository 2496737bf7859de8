"""Payroll: one record per employment. The system itself refuses a second record for the same employment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from idm.connector import Connector, Effect, KindInfo
from idm.connector_http import RecordClient

KINDS = {"record": KindInfo(Effect.UNIQUE)}
CONFIDENTIAL = (
    "cpr",
    "street",
    "postcode",
    "foreign_postcode",
    "town",
    "country",
    "pay_to",
    "registration_number",
    "account_number",
    "iban",
)


def connect(config: Mapping[str, Any], secret: Callable[[str], str]) -> Connector:
    """The payroll system at `config["url"]` (also: `secret`, its name; `deadline` in seconds; `ca_file`). Raises BadInput."""
    return RecordClient("payroll", KINDS, config, secret, confidential=CONFIDENTIAL)
