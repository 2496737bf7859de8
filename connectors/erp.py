"""ERP: one user profile per person (its entitlements are the profile's roles), and purchase order lines as postings.

An `order_cancel` takes back the order line whose key its attribute `order` names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from idm.connector import Connector, Effect, KindInfo
from idm.connector_http import RecordClient

KINDS = {
    "profile": KindInfo(Effect.KEYED),
    "order": KindInfo(Effect.KEYED, posting=True),
    "order_cancel": KindInfo(Effect.KEYED, posting=True),
}


def connect(config: Mapping[str, Any], secret: Callable[[str], str]) -> Connector:
    """The ERP system at `config["url"]` (also: `secret`, its name; `deadline` in seconds; `ca_file`). Raises BadInput."""
    return RecordClient("erp", KINDS, config, secret)
