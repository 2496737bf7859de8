"""What an administrator sets for one directory, checked before the first connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from idm.errors import BadInput, Fault

ATTRIBUTES = {
    "username": "uid",
    "given_name": "givenName",
    "family_name": "sn",
    "full_name": "cn",
    "mail": "mail",
    "title": "title",
    "department": "departmentNumber",
    "employee_number": "employeeNumber",
}
"""idm's words for an account's attributes, and inetOrgPerson's."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One directory. `deadline` in seconds bounds every call; `tag` names the installation in every key."""

    url: str
    bind_dn: str
    people_dn: str
    groups_dn: str
    tag: str
    secret: str = "ldap"
    key_attribute: str = "description"
    member_attribute: str = "member"
    lock_attribute: str = "pwdAccountLockedTime"
    lock_value: str = "000001010000Z"
    start_tls: bool = False
    ca_file: str = ""
    deadline: float = 10.0
    attributes: Mapping[str, str] = field(default_factory=lambda: dict(ATTRIBUTES))

    @property
    def host(self) -> str:
        """The server's name or address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The server's port; LDAP's own if the URL has none."""
        return urlsplit(self.url).port or (636 if self.ldaps else 389)

    @property
    def ldaps(self) -> bool:
        """Whether the connection is encrypted from its first byte."""
        return urlsplit(self.url).scheme == "ldaps"


_REQUIRED = ("url", "bind_dn", "people_dn", "groups_dn", "tag")
_TEXTS = (*_REQUIRED, "secret", "key_attribute", "member_attribute", "lock_attribute", "lock_value", "ca_file")


def read_settings(config: Mapping[str, Any]) -> Settings:
    """The settings in a system's `config` mapping. Raises BadInput that names every wrong one."""
    faults = [Fault(name, "required", f"the directory's {name} is missing") for name in _REQUIRED if not config.get(name)]
    faults += [
        Fault(name, "text", f"{name} must be text") for name in _TEXTS if config.get(name) is not None and not isinstance(config[name], str)
    ]
    known = Settings.__dataclass_fields__
    faults += [Fault(name, "known", f"{name} is no setting; known: {', '.join(known)}") for name in config if name not in known]
    faults += _url_faults(config.get("url"))
    deadline = config.get("deadline", 10.0)
    if isinstance(deadline, bool) or not isinstance(deadline, int | float) or not 0.1 <= deadline <= 300:
        faults.append(Fault("deadline", "range", "deadline must be from 0.1 to 300 seconds"))
    if not isinstance(config.get("start_tls", False), bool):
        faults.append(Fault("start_tls", "boolean", "start_tls must be true or false"))
    if isinstance(config.get("tag"), str) and ":" in config["tag"]:
        faults.append(Fault("tag", "no-colon", "the tag must not hold a colon"))
    mapping = config.get("attributes", {})
    if not isinstance(mapping, Mapping) or not all(isinstance(name, str) and name for pair in mapping.items() for name in pair):
        faults.append(Fault("attributes", "mapping", "attributes must map idm's words to names of LDAP attributes"))
    if faults:
        raise BadInput("The directory's settings can't be used.", faults=faults, next_step="Correct the system's config.")
    return Settings(**{**config, "deadline": float(deadline), "attributes": {**ATTRIBUTES, **mapping}})


def _url_faults(url: object) -> list[Fault]:
    if not isinstance(url, str) or not url:
        return []
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("ldap", "ldaps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    return [] if sound else [Fault("url", "ldap-url", "url must look like ldap://host:389 or ldaps://host")]
