"""The only wiring: settings become a store, a clock, connectors and the rest, and these become one `App`."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import idm
from idm import faults
from idm.clock import StoredClock
from idm.connecting import NotYet, connect_all
from idm.connector import Connector
from idm.errors import IdmError, Unavailable
from idm.page_pictures import PagePictures
from idm.policies_in_force import PoliciesInForce, remembered
from idm.policy_files import PolicyFolder
from idm.portal_address import portal_address
from idm.ports import App, Publisher, Sealing
from idm.process import alive, own_name
from idm.render import Renderer
from idm.sealing import ANCHOR, KEYS, AnchorFiles, SealKeyFile
from idm.settings import Settings, read_settings
from idm.sms import NotSetUp, Sms, texter
from idm.store.engine import Database
from idm.store.store import SqlStore
from idm.vault import Vault
from idm.vault_check import check_document
from idm.vault_join import join_pages
from idm.vault_keys import KeyRing

KINDS = ("demo", "test", "production")
"""The kinds of installation: the clock can be set and faults armed in the first two only."""


def shipped(folder: str) -> Path:
    """The shipped `policies` or `templates`: inside the package when installed, at the top level in a checkout."""
    package = Path(idm.__file__).parent
    inside = package / "_shipped" / folder
    return inside if inside.is_dir() else package.parent / folder


@dataclass(frozen=True, slots=True)
class Installation:
    """An opened installation: what flows need (`app`), and what only the command line and the server need."""

    settings: Settings
    kind: str
    app: App
    store: SqlStore
    database: Database
    policies: PoliciesInForce
    policy_folder: PolicyFolder
    clock: StoredClock
    renderer: Renderer
    connector_faults: Mapping[str, IdmError]
    messages: Sms | NotSetUp

    def close(self) -> None:
        """Give back every connection, to the target systems and to the database."""
        for connector in self.app.connectors.values():
            # Only a connector that keeps connections open has this.
            close = getattr(connector, "close", None)
            if close is not None:
                close()
        if isinstance(self.messages, Sms):
            self.messages.close()
        self.store.close()


class _NoPublisher:
    """A process that isn't a server sends no messages: the relay of the server, or a drain, finds what is ready."""

    def publish(self, runs: Sequence[tuple[str, str]]) -> None:
        raise Unavailable("This process sends no messages.")


def open_installation(settings: Settings | None = None, *, publisher: Publisher | None = None, pool: int = 24) -> Installation:
    """Open the installation that the settings name. Raises Unavailable or PolicyInvalid, each saying what to do."""
    settings = settings or read_settings()
    home = settings.home
    if not (home / "keys").is_dir():
        raise Unavailable(f"There is no installation in {home}.", next_step="Make one with `idm init`, or set IDM_HOME.")
    keys = KeyRing.open(home / "keys")
    database = Database(settings.database(), pool)
    store = SqlStore(database, keys.decrypt)
    known = store.settings()
    kind = known.get("kind", "")
    if kind not in KINDS:
        raise Unavailable("The database doesn't belong to an installation yet.", next_step="Run `idm init`.")
    playful = kind in ("demo", "test")
    faults.arm(settings.fault if playful else None)
    clock = StoredClock((lambda: float(store.settings().get("clock_offset", "0"))) if playful else None)
    folder = PolicyFolder(home / "policies", remembered(store, known))
    policies = PoliciesInForce(folder, store, known)
    policies.keep(clock.now())
    renderer = Renderer([home / "templates", shipped("templates")])
    connectors, broken = connect_all(settings, policies.current(), renderer, known.get("tag", ""))
    messages = texter(settings.sms_url, home, renderer, lambda: clock.machine().isoformat(timespec="seconds"))
    app = App(
        store=store,
        clock=clock,
        policies=policies,
        connectors=connectors,
        keys=keys,
        vault=Vault.create(home / "vault", keys),
        check_document=check_document,
        join_pages=join_pages,
        pages=PagePictures(),
        publisher=publisher or _NoPublisher(),
        random=os.urandom,
        alive=alive,
        owner=own_name(),
        lease=_lease(settings, connectors),
        jitter=random.random,
        sealing=sealing_of(settings),
        texter=messages,
        portal=portal_address(settings.portal_url, home, playful=playful),
    )
    return Installation(settings, kind, app, store, database, policies, folder, clock, renderer, broken, messages)


def sealing_of(settings: Settings) -> Sealing:
    """What seals the audit of an installation: its keys, if they lie here, and its anchors."""
    second = [Path(settings.anchor)] if settings.anchor else []
    return Sealing(SealKeyFile.open(settings.home / "keys" / KEYS), AnchorFiles([settings.home / ANCHOR, *second]))


@contextmanager
def opened(settings: Settings | None = None, **options: Any) -> Iterator[Installation]:
    """`open_installation` for the length of a block."""
    installation = open_installation(settings, **options)
    try:
        yield installation
    finally:
        installation.close()


def _lease(settings: Settings, connectors: Mapping[str, Connector]) -> float:
    """The lease, which must be longer than every connector call: raises Unavailable if it isn't."""
    set_up = [connector for connector in connectors.values() if not isinstance(connector, NotYet)]
    longest = max((connector.describe().deadline for connector in set_up), default=0.0)
    if settings.lease_seconds <= longest:
        raise Unavailable(
            f"IDM_LEASE_SECONDS ({settings.lease_seconds:g}) must be longer than the longest connector deadline ({longest:g} s).",
            next_step="Raise IDM_LEASE_SECONDS or lower IDM_DEADLINE_SECONDS.",
        )
    return settings.lease_seconds
