"""Settings from the environment (`IDM_...`) and, below it, from `IDM_HOME/idm.env`. Only bootstrap reads them."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from idm.errors import BadInput, Fault

MEMORY_BROKER = "memory://"


class Settings(BaseSettings):
    """One installation's settings. Every field can be given as `IDM_` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="IDM_", extra="ignore", frozen=True)

    home: Path = Field(default=Path("var"), description="the folder of the installation")
    database_url: str = Field(default="", description="empty: SQLite in the home folder; else postgresql+psycopg://USER@HOST/NAME")
    broker_url: str = Field(default=MEMORY_BROKER, description="memory:// (everything in `idm serve`) or amqp://USER@HOST/VHOST")
    smtp_url: str = Field(default="", description="empty: mails become files in the home folder; else smtp://USER@HOST:PORT or smtps://")
    sms_url: str = Field(default="", description="empty: text messages become files in the home folder; else a gateway's https:// address")
    mail_sender: str = Field(default="idm@example.org", description="the sender of mails")
    host: str = Field(default="127.0.0.1", description="the address that `idm serve` listens on")
    port: int = Field(default=8080, ge=0, le=65535, description="the port that `idm serve` listens on; 0 takes a free one")
    portal_url: str = Field(default="", description="the address people reach the portal by, such as https://idm.example.org")
    oidc_issuer: str = Field(default="", description="the OpenID provider that staff sign in at, exactly as it names itself")
    oidc_client_id: str = Field(default="", description="what the provider calls idm; the secret lies in keys/oidc-client-secret")
    oidc_scopes: str = Field(default="openid profile email", description="what is asked of the provider")
    oidc_claim: str = Field(default="sub", description="the claim that says who somebody is")
    oidc_match: Literal["id", "username", "email", "cpr"] = Field(default="id", description="what of a person that claim names")
    threads: int = Field(default=0, ge=0, le=512, description="threads of a worker; 0: the sum of the lanes' limits")
    lease_seconds: float = Field(default=60.0, gt=0, description="how long a claim holds; longer than every connector's deadline")
    deadline_seconds: float = Field(default=0.0, ge=0, description="hard deadline of a connector call; 0: each connector's own (10 s)")
    sweep_seconds: float = Field(default=1.0, gt=0, description="seconds between two sweeps")
    seal_seconds: float = Field(default=60.0, gt=0, description="seconds between two rounds of sealing the audit")
    anchor: str = Field(default="", description="a second anchor file for the audit's seals, such as on a share that takes additions only")
    fault: str = Field(default="", description="arms a fault point, in demo and test installations only")

    def database(self) -> str:
        """The address of the database."""
        return self.database_url or f"sqlite:///{self.home.absolute() / 'idm.sqlite'}"

    @property
    def embedded(self) -> bool:
        """Whether the broker lives in the server's own memory."""
        return self.broker_url.startswith("memory:")

    def masked(self) -> dict[str, str]:
        """The settings as text, with every password and private part of an address masked."""
        shown = {name: str(value) for name, value in self.model_dump().items()}
        shown["database_url"] = mask(self.database())
        shown["broker_url"] = mask(self.broker_url)
        shown["smtp_url"] = mask(self.smtp_url)
        shown["sms_url"] = mask(self.sms_url)
        return shown


def mask(url: str) -> str:
    """`url` without its password."""
    if "@" not in url:
        return url
    scheme, _, rest = url.partition("://")
    login, _, place = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    return f"{scheme}://{user}{':***' if colon else ''}@{place}"


def _misspelt(path: Path) -> Iterator[Fault]:
    """A fault for each line of idm.env that nearly is a setting, or is none at all. Other programs' variables may stand there."""
    known = {f"IDM_{name.upper()}" for name in Settings.model_fields}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, UnicodeDecodeError) as error:
        reason = "isn't UTF-8" if isinstance(error, UnicodeDecodeError) else f"can't be read: {error.strerror}"
        yield Fault(str(path), "unreadable", reason)
        return
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("export ").strip()
        name, equals, _ = text.partition("=")
        name = name.strip().upper()
        if not text or text.startswith("#") or name in known:
            continue
        close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.8)
        if not equals:
            yield Fault(f"{path.name}:{number}", "line", "is no line of the form NAME=value, and no comment that begins with #")
        elif name.startswith("IDM_") or close:
            shown = name if re.fullmatch(r"[A-Z_]{1,40}", name) else "it"
            meant = f"; did you mean {close[0]}?" if close else ""
            yield Fault(f"{path.name}:{number}", "unknown-setting", f"{shown} is no setting{meant}")


def read_settings(**overrides: Any) -> Settings:
    """The settings of this process. Raises BadInput naming every variable that is wrong."""
    home = Path(overrides.get("home") or os.environ.get("IDM_HOME") or "var")
    if misspelt := list(_misspelt(home / "idm.env")):
        raise BadInput("The file of settings has a line that nothing reads.", faults=misspelt, next_step=f"Mend {home / 'idm.env'}.")
    try:
        return Settings(_env_file=home / "idm.env", **overrides)
    except ValidationError as error:
        faults = [
            Fault(f"IDM_{'.'.join(str(part) for part in fault['loc']).upper()}", fault["type"], fault["msg"]) for fault in error.errors()
        ]
        raise BadInput("A setting is wrong.", faults=faults, next_step="Mend the environment variable, or idm.env.") from None
