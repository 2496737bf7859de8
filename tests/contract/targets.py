"""The target systems of the contract suite: for each, how to connect, and what a record of it looks like."""

from __future__ import annotations

import importlib
import io
import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from idm.connector import Attachment, Change, Confidential, Connector, State, Value, Verb
from idm.simulators import control
from tests.servers.openldap import OpenLdapServer

DEADLINE = 30.0
"""Seconds; enough on a busy machine. What must end early is tried with a deadline of its own."""

CPR = "0101904321"
GROUPS = ("staff", "case-workers")
PDF = b"%PDF-1.7 an invented document"

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Target:
    """One system under test. `folder` is the simulators' folder, None for a server that can't be told to fail."""

    name: str
    system: str
    kind: str
    connection: Mapping[str, Any]
    secrets: Mapping[str, str]
    attributes: Callable[[int], dict[str, Value]]
    update: dict[str, Value]
    clash: Callable[[dict[str, Value], dict[str, Value]], dict[str, Value]] | None
    entitlement: str | None = None
    folder: Path | None = None
    reader_dn: str = ""
    connected: list[Any] = field(default_factory=list, repr=False)

    def connect(self, secret: str = "own", deadline: float = DEADLINE, **config: Any) -> Connector:
        """The connector, with idm's own credential or another of `secrets`."""
        module = importlib.import_module(f"connectors.{self.system}")
        settings = {**self.connection, "deadline": deadline, "tag": "test", **config}
        if self.reader_dn and secret == "reader":
            settings["bind_dn"] = self.reader_dn
        connector: Connector = module.connect(settings, lambda _: self.secrets[secret])
        self.connected.append(connector)
        return connector

    def close(self) -> None:
        """End the connections of every connector that `connect` made."""
        for connector in self.connected:
            connector.close()

    def journal(self, key: str) -> list[tuple[str, str]]:
        """What the system's journal says of `key`: operation and result."""
        assert self.folder is not None
        return [(entry["op"], entry["result"]) for entry in control.journal(self.folder, self.system) if entry["key"] == key]

    def fail(self, mode: str, times: int | None = None, seconds: float = 0.2) -> None:
        """Have the system fail."""
        assert self.folder is not None
        control.fail(self.folder, self.system, mode, times, seconds)

    def creation(self, key: str, **changed: Value) -> Change:
        """The change that creates the record of `key`, with attributes nobody else has."""
        attributes = {**self.attributes(next(_numbers)), **changed}
        return Change(Verb.CREATE, self.kind, key, f"{self.kind}/{key}/record", attributes=attributes, state=State.DISABLED)

    def change(self, verb: Verb, made: Change, link: str | None, **more: Any) -> Change:
        """Another change of the record that `made` created."""
        return Change(verb, self.kind, made.key, f"{made.key}/{verb}/{more.get('entitlement', '')}", link=link, **more)


def new_key() -> str:
    """A key that no record has."""
    return f"K{next(_numbers)}-{os.getpid()}"


def attachment(content: bytes = PDF, name: str = "contract.pdf") -> Attachment:
    """A document to file."""
    return Attachment(name, "application/pdf", len(content), lambda: io.BytesIO(content))


def _payroll(number: int) -> dict[str, Value]:
    return {
        "institution": "0101",
        "cpr": Confidential(CPR),
        "employment_id": f"E{number}",
        "department": "D1",
        "job_position": "case worker",
        "occupation_rate": "0.8108",
        "agreement": "ADM",
        "pay_class": "ADM-2",
        "scale_step": "25",
        "seniority_date": "2020-03-01",
        "pension_code": "P10",
        "pay_type": "monthly",
        "hours": "30",
        "from_date": "2027-01-04",
    }


def _erp(number: int) -> dict[str, Value]:
    return {"username": f"user{number}", "full_name": "Åse Ærø", "mail": f"user{number}@example.org", "department": "D1"}


def _mailbox(number: int) -> dict[str, Value]:
    return {"address": f"box{number}@example.org", "display_name": "Åse Ærø"}


def _file(number: int) -> dict[str, Value]:
    return {
        "title": f"Personnel file {number}",
        "case_template": "personnel",
        "kle_number": "81.03.00-G01",
        "person_name": "Åse Ærø",
        "cpr": Confidential(CPR),
        "opened": "2027-01-04",
    }


def _account(number: int) -> dict[str, Value]:
    return {
        "username": f"user{number}",
        "given_name": "Åse",
        "family_name": "Ærø",
        "full_name": "Åse Ærø",
        "mail": f"user{number}@example.org",
        "employee_number": f"E{number}",
    }


def _same(name: str) -> Callable[[dict[str, Value], dict[str, Value]], dict[str, Value]]:
    return lambda mine, other: {**mine, name: other[name]}


def simulated(folder: Path, system: str) -> Target:
    """The simulated `system` in `folder`."""
    secrets = {
        "own": (folder / f"{system}.secret").read_text(),
        "reader": (folder / f"{system}.reader.secret").read_text(),
        "wrong": "not-the-secret",
    }
    shared: dict[str, Any] = {
        "name": system,
        "system": system,
        "connection": control.connection(folder, system),
        "secrets": secrets,
        "folder": folder,
    }
    match system:
        case "ldap":
            reader_dn = next(status.reader_dn for status in control.status(folder) if status.system == "ldap") or ""
            return _directory(reader_dn=reader_dn, **shared)
        case "payroll":
            return Target(kind="record", attributes=_payroll, update={"department": "D2"}, clash=_same("employment_id"), **shared)
        case "erp":
            return Target(
                kind="profile", attributes=_erp, update={"department": "D2"}, clash=_same("username"), entitlement="case_worker", **shared
            )
        case "mailbox":
            return Target(kind="mailbox", attributes=_mailbox, update={"quota": "2048"}, clash=_same("address"), **shared)
        case "personnel_file":
            return Target(kind="file", attributes=_file, update={"title": "Another title"}, clash=None, **shared)
    raise ValueError(system)


def openldap(server: OpenLdapServer) -> Target:
    """A real OpenLDAP server."""
    services = {"own": server.secret, "reader": server.reader_secret, "wrong": "not-the-secret"}
    connection = {
        "url": server.url,
        "bind_dn": server.writer_dn,
        "people_dn": f"ou=people,{server.suffix}",
        "groups_dn": f"ou=groups,{server.suffix}",
    }
    return _directory(name="openldap", system="ldap", connection=connection, secrets=services, reader_dn=server.reader_dn)


def _directory(**shared: Any) -> Target:
    return Target(
        kind="account", attributes=_account, update={"title": "Case worker"}, clash=_same("username"), entitlement=GROUPS[0], **shared
    )
