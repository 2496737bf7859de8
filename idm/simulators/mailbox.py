"""The embedded mail system: one mailbox per person. An address belongs to one mailbox alone."""

from __future__ import annotations

from idm.simulators.http_fields import Field, pattern, text
from idm.simulators.http_simulator import HttpSimulator
from idm.simulators.http_store import Kind, Store
from idm.simulators.service import Failures, Journal

MAILBOX = Kind(
    "mailbox",
    {
        "address": Field(pattern(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", "name@example.org")),
        "display_name": Field(text()),
        "quota": Field(pattern(r"[1-9]\d{0,6}( ?[MG]B)?", "2048 or 50 GB (megabytes unless a unit is given)"), required=False),
    },
    unique=(("address",),),
)


def mailbox(port: int, journal: Journal, failures: Failures, *, secret: str, reader_secret: str) -> HttpSimulator:
    """The mail system on `port`."""
    return HttpSimulator("mailbox", [MAILBOX], port, journal, failures, store=Store(journal), secret=secret, reader_secret=reader_secret)
