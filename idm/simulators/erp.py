"""The embedded ERP system: one user profile per person, with roles; purchase order lines, and what takes one back."""

from __future__ import annotations

from collections.abc import Sequence

from idm.simulators.http_fields import Field, number, pattern, text
from idm.simulators.http_postings import Postings
from idm.simulators.http_simulator import HttpSimulator
from idm.simulators.http_store import Kind, Store
from idm.simulators.service import Failures, Journal

ROLES = ("requester", "approver", "budget_viewer", "invoice_viewer", "case_worker", "accountant")
"""The roles the system has unless it is given others."""

FIELDS = {
    "username": Field(pattern(r"[a-z][a-z0-9._-]{0,63}", "annjen01")),
    "full_name": Field(text()),
    "mail": Field(pattern(r"[^@\s]+@[^@\s]+\.[^@\s]+", "name@example.org"), required=False),
    "department": Field(text(), required=False),
    "cost_centre": Field(text(40), required=False),
}

ORDER = Kind(
    "order",
    {
        "account": Field(pattern(r"[0-9]\.[0-9]{2}\.[0-9]{2}-[0-9]{4}", "6.45.51-4010")),
        "item": Field(text(60)),
        "title": Field(text(), required=False),
        "quantity": Field(pattern(r"[1-9][0-9]{0,3}", "2")),
        "price": Field(number("0", "10000000", above_low=True)),
        "supplier": Field(text(60)),
        "requester": Field(text(80)),
        "employment": Field(text(80)),
        "unit": Field(text(80), required=False),
    },
    posting=True,
)
"""A purchase order line; its account is on it, so that the invoice finds its place by itself. `price`: kroner for one."""

ORDER_CANCEL = Kind("order_cancel", {"order": Field(text()), "reason": Field(text(), required=False)}, posting=True)
"""Takes back the order line whose key is in `order`: no invoice for it stands."""


def erp(port: int, journal: Journal, failures: Failures, *, secret: str, reader_secret: str, roles: Sequence[str] = ROLES) -> HttpSimulator:
    """The ERP system on `port`; a profile can hold any of `roles`, and no user name is given twice."""
    profile = Kind("profile", FIELDS, unique=(("username",),), entitlements=frozenset(roles))
    store = Store(journal)
    return HttpSimulator(
        "erp",
        [profile, ORDER, ORDER_CANCEL],
        port,
        journal,
        failures,
        store=store,
        secret=secret,
        reader_secret=reader_secret,
        routes=(Postings([ORDER, ORDER_CANCEL], store, {"order_cancel": ("order", "order")}),),
    )
