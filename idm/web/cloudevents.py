"""CloudEvents over HTTP: the binary mode's headers become the structured form, which the intake reads.

Source: CloudEvents 1.0, HTTP Protocol Binding, sections 3.1 to 3.3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import unquote

from idm.errors import BadInput, Fault
from idm.inputs.json_text import read_json


def events_of(headers: Mapping[str, str], body: bytes) -> bytes | str:
    """The body as structured JSON: as it came for structured and batched mode, rebuilt from `ce-` headers for binary mode."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("application/cloudevents") or "ce-specversion" not in headers:
        if kind not in ("application/json", "application/cloudevents+json", "application/cloudevents-batch+json"):
            raise BadInput(
                "The body isn't JSON events.",
                faults=[Fault("content-type", "media-type", "application/cloudevents+json, its batch form, or application/json")],
            )
        return body
    data = read_json(body, "The event's data")
    event = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
    return json.dumps({**event, "data": data})
