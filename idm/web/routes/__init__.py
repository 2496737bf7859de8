"""The portal's pages, one subject a file. What isn't listed here isn't served."""

from __future__ import annotations

from idm.web.portal import Routes
from idm.web.routes import front

ROUTES: tuple[Routes, ...] = (front.pages,)
"""Every page there is."""
