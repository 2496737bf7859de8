"""The portal's pages, one subject a file. What isn't listed here isn't served."""

from __future__ import annotations

from idm.web.portal import Routes
from idm.web.routes import (
    case,
    departing,
    documents,
    front,
    help,
    hires,
    inviting,
    linking,
    listing,
    login,
    mine,
    payroll,
    powers,
    starting,
    tasks,
)

ROUTES: tuple[Routes, ...] = (
    front.pages,
    help.pages,
    login.pages,
    inviting.pages,
    mine.pages,
    starting.pages,
    hires.pages,
    departing.pages,
    linking.pages,
    powers.pages,
    payroll.pages,
    listing.pages,
    tasks.pages,
    case.pages,
    documents.pages,
)
"""Every page there is."""
