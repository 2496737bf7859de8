"""Initialise: make an installation's folder, keys, policies and database, or tell what is there."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from idm.bootstrap import KINDS, shipped
from idm.domain.ids import new_id
from idm.durable import put_whole
from idm.errors import Conflict, Unavailable
from idm.sealing import KEYS, SealKeyFile
from idm.settings import Settings
from idm.store import migrate
from idm.store.engine import Database
from idm.store.store import SqlStore
from idm.vault import Vault
from idm.vault_keys import KeyRing

EVENTS_TOKEN = "events.token"
"""The file in the keys folder that holds the bearer token of `POST /events`."""


_OWN = tuple("idm. keys vault policies templates mails sms rejects simulators anchor server. lost+found MADE_BY_IDM_DEMO".split())
"""How the names begin that may stand in an installation's folder before it is made: what an administrator prepared, or a try left."""


@dataclass(frozen=True, slots=True)
class Initialised:
    """What `idm init` made: the folder, its kind, where the events token lies, and whether all of it was there before."""

    home: Path
    kind: str
    token_file: Path
    existed: bool


def initialise(settings: Settings, kind: str) -> Initialised:
    """Make the installation; done before, nothing changes. Raises Conflict if it is of another kind, Unavailable without a disk."""
    home = settings.home
    _demand_own(home)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys = KeyRing.open(home / "keys") if (home / "keys").is_dir() else KeyRing.create(home / "keys")
        Vault.create(home / "vault", keys)
        (home / "mails").mkdir(mode=0o700, exist_ok=True)
        (home / "templates").mkdir(mode=0o755, exist_ok=True)
        if not (home / "policies").exists():
            partial = home / "policies.new"
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(shipped("policies"), partial, ignore=shutil.ignore_patterns("__pycache__"))
            partial.rename(home / "policies")
        token = home / "keys" / EVENTS_TOKEN
        if not token.exists() or not token.read_text().strip():
            # Whole or not at all: an empty secret would be one that everybody knows.
            put_whole(token, secrets.token_urlsafe(32).encode("ascii"))
        if settings.database() == f"sqlite:///{home.absolute() / 'idm.sqlite'}":
            # SQLite makes its files readable for everybody; those beside this one get the rights that it has.
            (home / "idm.sqlite").touch(mode=0o600)
            (home / "idm.sqlite").chmod(0o600)
    except OSError as error:
        shutil.rmtree(home / "policies.new", ignore_errors=True)
        raise Unavailable(
            f"The installation {home} can't be made: {_reason(error)}. What is there of it already does no harm.",
            next_step="Make room, or choose a folder that you may write by IDM_HOME; then give `idm init` again: it makes what is missing.",
        ) from error
    database = Database(settings.database(), 2)
    try:
        migrate.upgrade(database)
        store = SqlStore(database, keys.decrypt)
        known = store.settings()
        if known.get("kind", kind) != kind:
            raise Conflict(f"{home} is a {known['kind']} installation.", next_step=f"Use another IDM_HOME for a {kind} one.")
        if "kind" not in known:
            with store.write() as writer:
                writer.put_setting("kind", kind)
                writer.put_setting("tag", new_id("i", os.urandom(10)))
        if not (home / "keys" / KEYS).exists() and store.newest_seal().number == 0:
            # Once there are seals, a missing key means that it is held elsewhere, or lost; a new one would hide that.
            SealKeyFile.create(home / "keys" / KEYS)
        return Initialised(home, kind, token, "kind" in known)
    finally:
        database.close()


def _demand_own(home: Path) -> None:
    """Raise Conflict for a folder that holds other files and no installation: idm would mix its own among them."""
    if not home.is_dir() or (home / "keys").is_dir():
        return
    strange = sorted(path.name for path in home.iterdir() if not path.name.startswith((".", *_OWN)))
    if strange:
        named = ", ".join(name if name.isprintable() else "?" for name in strange[:3])
        raise Conflict(
            f"{home} holds other files ({named}{', ...' if len(strange) > 3 else ''}), and an installation needs a folder of its own.",
            next_step="Name an empty folder, or one that isn't there yet, by IDM_HOME.",
        )


def _reason(error: OSError) -> str:
    """The system's words, also where several files could not be copied and each has its own."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        return str(error.args[0][0][2]) if error.args[0] else "files can't be copied"
    return error.strerror or type(error).__name__


def kind_of(*, demo: bool, test: bool) -> str:
    """The kind that the options of `idm init` ask for."""
    return KINDS[0] if demo else KINDS[1] if test else KINDS[2]
