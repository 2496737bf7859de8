"""The business time at which an installation of tests begins.

It is the same whatever day it is outside: hires begin after it, people are at work, and no midnight comes while a test runs.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from idm.settings import Settings
from idm.store.engine import Database
from idm.store.store import SqlStore
from idm.vault_keys import KeyRing
from tests.support.clock import START


def begin(settings: Settings, moment: datetime = START) -> None:
    """Let business time go on from `moment` in a new demo or test installation, before anything looks at it."""
    database = Database(settings.database(), 1)
    try:
        store = SqlStore(database, KeyRing.open(settings.home / "keys").decrypt)
        with store.write() as writer:
            writer.put_setting("clock_offset", str((moment - datetime.now(UTC)) / timedelta(seconds=1)))
    finally:
        database.close()
