"""Personnel file: the archive's file of each employment, and the documents that are filed in it, once each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from idm.connector import Connector, Effect, KindInfo
from idm.connector_http import RecordClient

KINDS = {"file": KindInfo(Effect.KEYED), "document": KindInfo(Effect.KEYED, posting=True)}
CONFIDENTIAL = ("cpr",)


def connect(config: Mapping[str, Any], secret: Callable[[str], str]) -> Connector:
    """The archive at `config["url"]` (also: `secret`, its name; `deadline` in seconds; `ca_file`). Raises BadInput."""
    return RecordClient("personnel_file", KINDS, config, secret, confidential=CONFIDENTIAL, filed=("document",))
