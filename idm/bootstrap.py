"""The only wiring: settings become a store, a clock, connectors and the rest, and these become one `App`."""

from __future__ import annotations

import importlib
import json
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import idm
from idm import faults
from idm.clock import StoredClock
from idm.connector import Connector
from idm.domain.journey import Journey
from idm.domain.policy import Policies, SystemPolicy
from idm.errors import BadInput, Fault, IdmError, NotFound, Unavailable
from idm.mail import folder_mail, smtp_mail
from idm.policy_files import PolicyFolder, journey_from_text
from idm.ports import App, Publisher
from idm.process import alive, own_name
from idm.render import Renderer
from idm.settings import Settings, read_settings
from idm.store.engine import Database
from idm.store.store import SqlStore
from idm.vault import Vault
from idm.vault_check import check_document
from idm.vault_keys import KeyRing

_POLICIES_FRESH = 0.25
"""Seconds for which a process takes the policies to be as it last saw them."""

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
    policy_folder: PolicyFolder
    clock: StoredClock
    renderer: Renderer
    connector_faults: Mapping[str, IdmError]

    def close(self) -> None:
        """Give back every connection, to the target systems and to the database."""
        for connector in self.app.connectors.values():
            # Only a connector that keeps connections open has this.
            close = getattr(connector, "close", None)
            if close is not None:
                close()
        self.store.close()


class _Policies:
    """`idm.ports.PolicySource` over the policy folder, which is looked at for changes a few times a second at most."""

    def __init__(self, folder: PolicyFolder) -> None:
        self._folder = folder
        self._known: tuple[float, Policies, Mapping[str, tuple[str, str]]] | None = None

    def current(self) -> Policies:
        return self._look()[1]

    def texts(self) -> Mapping[str, tuple[str, str]]:
        return self._look()[2]

    def _look(self) -> tuple[float, Policies, Mapping[str, tuple[str, str]]]:
        """The set and its texts, which belong together: a case keeps the text of the journey that it pins."""
        now, known = time.monotonic(), self._known
        if known is not None and now - known[0] <= _POLICIES_FRESH:
            return known
        policies, texts = self._folder.current(), self._folder.texts()
        for _ in range(10):
            if all(texts.get(file, ("",))[0] == hash for file, hash in policies.files.items()):
                break
            policies, texts = self._folder.current(), self._folder.texts()
        self._known = (now, policies, texts)
        return self._known

    def journey_from_text(self, text: str, file: str) -> Journey:
        systems = self._folder.current().systems
        return journey_from_text(text, file, {name: policy.lane or name for name, policy in systems.items()})


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
    folder = PolicyFolder(home / "policies")
    renderer = Renderer([home / "templates", shipped("templates")])
    connectors, broken = connect_all(settings, folder.current(), renderer, known.get("tag", ""))
    app = App(
        store=store,
        clock=clock,
        policies=_Policies(folder),
        connectors=connectors,
        keys=keys,
        vault=Vault.create(home / "vault", keys),
        check_document=check_document,
        publisher=publisher or _NoPublisher(),
        random=os.urandom,
        alive=alive,
        owner=own_name(),
        lease=_lease(settings, connectors),
        jitter=random.random,
    )
    return Installation(settings, kind, app, store, database, folder, clock, renderer, broken)


@contextmanager
def opened(settings: Settings | None = None, **options: Any) -> Iterator[Installation]:
    """`open_installation` for the length of a block."""
    installation = open_installation(settings, **options)
    try:
        yield installation
    finally:
        installation.close()


def connect_all(settings: Settings, policies: Policies, renderer: Renderer, tag: str) -> tuple[dict[str, Connector], dict[str, IdmError]]:
    """A connector for each system of the policies; a system that can't be set up is left out, with the reason."""
    connectors: dict[str, Connector] = {}
    broken: dict[str, IdmError] = {}
    for name, policy in policies.systems.items():
        try:
            connectors[name] = _mail(settings, renderer) if policy.connector == "mail" else _connect(settings, name, policy, tag)
        except IdmError as error:
            broken[name] = error
    return connectors, broken


def _mail(settings: Settings, renderer: Renderer) -> Connector:
    deadline = {"deadline": settings.deadline_seconds} if settings.deadline_seconds else {}
    try:
        if settings.smtp_url:
            return smtp_mail(settings.smtp_url, renderer, settings.mail_sender, _secrets(settings, {}), **deadline)
        folder = settings.home / "mails"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder_mail(folder, renderer, settings.mail_sender, **deadline)
    except ValueError as error:
        raise BadInput(
            f"Mails can't be sent as they are set up: {error}.",
            faults=[Fault("IDM_SMTP_URL, IDM_MAIL_SENDER", "mail", str(error))],
            next_step="Correct IDM_SMTP_URL or IDM_MAIL_SENDER.",
        ) from error


def _connect(settings: Settings, name: str, policy: SystemPolicy, tag: str) -> Connector:
    try:
        module = importlib.import_module(f"connectors.{policy.connector}")
    except ModuleNotFoundError as error:
        raise NotFound(
            f"System '{name}' wants the connector '{policy.connector}', and there is no connectors/{policy.connector}.py.",
            next_step="Correct `connector` in systems.yaml.",
        ) from error
    config: dict[str, Any] = {"tag": tag, **policy.config}
    secret_files: dict[str, Path] = {}
    if config.get("url") == "simulator":
        config |= _simulated(settings.home / "simulators", name)
        secret_files[str(config.get("secret", policy.connector))] = settings.home / "simulators" / f"{name}.secret"
    if settings.deadline_seconds:
        config["deadline"] = settings.deadline_seconds
    connector: Connector = module.connect(config, _secrets(settings, secret_files))
    return connector


def _simulated(folder: Path, system: str) -> dict[str, str]:
    """Where the simulated `system` listens, as its process wrote it down."""
    try:
        found: dict[str, dict[str, str]] = json.loads((folder / "connections.json").read_text())
    except (OSError, ValueError):
        found = {}
    if system not in found:
        raise Unavailable(f"The simulated {system} has never been started here.", next_step="Run `idm simulators start`.")
    return {key: value for key, value in found[system].items() if key != "reader_dn"}


def _secrets(settings: Settings, files: Mapping[str, Path]) -> Callable[[str], str]:
    """How connectors read a credential by name, when they need it: from `IDM_HOME/keys/NAME.secret`, or the simulator's own."""

    def read(name: str) -> str:
        path = files.get(name, settings.home / "keys" / f"{name}.secret")
        try:
            return path.read_text().strip()
        except OSError as error:
            raise Unavailable(f"The credential '{name}' can't be read.", next_step=f"Put it into {path}, readable by idm alone.") from error

    return read


def _lease(settings: Settings, connectors: Mapping[str, Connector]) -> float:
    """The lease, which must be longer than every connector call: raises Unavailable if it isn't."""
    longest = max((connector.describe().deadline for connector in connectors.values()), default=0.0)
    if settings.lease_seconds <= longest:
        raise Unavailable(
            f"IDM_LEASE_SECONDS ({settings.lease_seconds:g}) must be longer than the longest connector deadline ({longest:g} s).",
            next_step="Raise IDM_LEASE_SECONDS or lower IDM_DEADLINE_SECONDS.",
        )
    return settings.lease_seconds
