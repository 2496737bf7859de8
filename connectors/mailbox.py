"""Mail: one mailbox per person. The system refuses an address that another mailbox has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from idm.connector import Connector, Effect, KindInfo
from idm.connector_http import RecordClient

KINDS = {"mailbox": KindInfo(Effect.KEYED)}


def connect(config: Mapping[str, Any], secret: Callable[[str], str]) -> Connector:
    """The mail system at `config["url"]` (also: `secret`, its name; `deadline` in seconds; `ca_file`). Raises BadInput."""
    return RecordClient("mailbox", KINDS, config, secret)
