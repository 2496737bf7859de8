"""Connecting: a connector for each target system of the policies, with its address and its credential."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from idm.connector import Change, Connector, ConnectorFactory, Description, Observed, Ref, Retry
from idm.domain.policy import Policies, SystemPolicy
from idm.errors import BadInput, Fault, IdmError, NotFound, Unavailable
from idm.mail import folder_mail, smtp_mail
from idm.render import Renderer
from idm.settings import Settings


def connect_all(settings: Settings, policies: Policies, renderer: Renderer, tag: str) -> tuple[dict[str, Connector], dict[str, IdmError]]:
    """A connector for each system of the policies, and why those that can't be set up can't: they are tried again at every call."""
    connectors: dict[str, Connector] = {}
    broken: dict[str, IdmError] = {}
    for name, policy in policies.systems.items():

        def connect(name: str = name, policy: SystemPolicy = policy) -> Connector:
            return _mail(settings, renderer) if policy.connector == "mail" else _connect(settings, name, policy, tag)

        try:
            connectors[name] = connect()
        except IdmError as error:
            broken[name] = error
            connectors[name] = NotYet(connect)
    return connectors, broken


class NotYet:
    """A system that couldn't be set up so far. Every call tries again, and is told to come back with the reason if it still can't."""

    def __init__(self, connect: Callable[[], Connector]) -> None:
        """`connect` sets the system up, or raises IdmError."""
        self._connect = connect
        self._connector: Connector | None = None

    @property
    def ready(self) -> bool:
        """Whether it was set up in the meantime."""
        return self._connector is not None

    def _connected(self) -> Connector:
        if self._connector is None:
            try:
                self._connector = self._connect()
            except IdmError as error:
                raise Retry(f"it isn't set up: {error.message} {error.next_step}".strip(), down=True) from error
        return self._connector

    def describe(self) -> Description:
        """See the protocol; raises `Retry` as long as nothing is known of the system."""
        return self._connected().describe()

    def probe(self) -> str:
        """See the protocol."""
        return self._connected().probe()

    def read(self, ref: Ref) -> Observed | None:
        """See the protocol."""
        return self._connected().read(ref)

    def perform(self, change: Change) -> str:
        """See the protocol."""
        return self._connected().perform(change)

    def scan(self, kind: str) -> Iterator[Observed]:
        """See the protocol."""
        return self._connected().scan(kind)

    def close(self) -> None:
        """Give its connections back, if it has any."""
        close = getattr(self._connector, "close", None)
        if close is not None:
            close()


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
    factory: ConnectorFactory = module.connect
    return factory(config, _secrets(settings, secret_files))


def _simulated(folder: Path, system: str) -> dict[str, str]:
    """Where the simulated `system` listens, as its process wrote it down."""
    try:
        found: dict[str, dict[str, str]] = json.loads((folder / "connections.json").read_text())
    except (OSError, ValueError):
        found = {}
    if system not in found:
        raise Unavailable(
            f"The simulated {system} has never been started here.",
            next_step="Run `idm simulators start` in a demo or test installation; in production give the real address in systems.yaml.",
        )
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
