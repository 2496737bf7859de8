"""The embedded ERP system: one user profile per person, with roles."""

from __future__ import annotations

from collections.abc import Sequence

from idm.simulators.http_fields import Field, pattern, text
from idm.simulators.http_simulator import HttpSimulator
from idm.simulators.http_store import Kind, Store
from idm.simulators.service import Failures, Journal

ROLES = ("requester", "approver", "budget_viewer", "invoice_viewer", "case_worker")
"""The roles the system has unless it is given others."""

FIELDS = {
    "username": Field(pattern(r"[a-z][a-z0-9._-]{0,63}", "annjen01")),
    "full_name": Field(text()),
    "mail": Field(pattern(r"[^@\s]+@[^@\s]+\.[^@\s]+", "name@example.org"), required=False),
    "department": Field(text(), required=False),
    "cost_centre": Field(text(40), required=False),
}


def erp(port: int, journal: Journal, failures: Failures, *, secret: str, reader_secret: str, roles: Sequence[str] = ROLES) -> HttpSimulator:
    """The ERP system on `port`; a profile can hold any of `roles`, and no user name is given twice."""
    profile = Kind("profile", FIELDS, unique=(("username",),), entitlements=frozenset(roles))
    return HttpSimulator("erp", [profile], port, journal, failures, store=Store(journal), secret=secret, reader_secret=reader_secret)
