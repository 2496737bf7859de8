"""The policies in force: those of the folder, or the last sound set that the database remembers while the folder's are broken."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from idm.domain.journey import Journey
from idm.domain.policy import Policies
from idm.errors import Unavailable
from idm.policy_files import PolicyFolder, journey_from_text
from idm.ports_store import Store

IN_FORCE = "policies"
"""The setting that names the files of the set last in force, each with its content hash."""
_FRESH = 0.25
"""Seconds for which a process takes the policies to be as it last saw them."""


def remembered(store: Store, settings: Mapping[str, str]) -> dict[str, str]:
    """The texts by file of the set that was last in force; empty if there was none yet."""
    files: dict[str, str] = json.loads(settings.get(IN_FORCE, "{}"))
    texts = {file: stored[1] for file, hash in files.items() if (stored := store.policy_text(hash)) is not None}
    return texts if len(texts) == len(files) else {}


class PoliciesInForce:
    """`idm.ports.PolicySource` over the policy folder, which is looked at for changes a few times a second at most.

    A set that comes into force is kept in the database, every file by its content hash: so a decision can be explained by the very
    rules that it followed, and a process that starts while somebody's edit is broken goes on with the last sound set.
    """

    def __init__(self, folder: PolicyFolder, store: Store, known: Mapping[str, str]) -> None:
        """`known` are the settings as they were read from the store."""
        self._folder = folder
        self._store = store
        self._kept: dict[str, str] = json.loads(known.get(IN_FORCE, "{}"))
        self._known: tuple[float, Policies, Mapping[str, tuple[str, str]]] | None = None

    def current(self) -> Policies:
        """See the protocol."""
        return self._look()[1]

    def texts(self) -> Mapping[str, tuple[str, str]]:
        """See the protocol."""
        return self._look()[2]

    def renew(self) -> None:
        """See the protocol."""
        self._known = None

    def keep(self, now: datetime) -> None:
        """Keep the set in force in the database, if it isn't kept there yet. A database that can't be written is no hindrance."""
        _, policies, texts = self._look()
        files = dict(policies.files)
        if files == self._kept:
            return
        with suppress(Unavailable), self._store.write() as writer:
            for file, (hash, text) in texts.items():
                writer.put_policy(hash, file, text, now)
            writer.put_setting(IN_FORCE, json.dumps(files, sort_keys=True))
            self._kept = files

    def journey_from_text(self, text: str, file: str) -> Journey:
        """See the protocol."""
        systems = self._folder.current().systems
        return journey_from_text(text, file, {name: policy.lane or name for name, policy in systems.items()})

    def _look(self) -> tuple[float, Policies, Mapping[str, tuple[str, str]]]:
        """The set and its texts, which belong together: a case keeps the text of the journey that it pins."""
        now, known = time.monotonic(), self._known
        if known is not None and now - known[0] <= _FRESH:
            return known
        policies, texts = self._folder.current(), self._folder.texts()
        for _ in range(10):
            if all(texts.get(file, ("",))[0] == hash for file, hash in policies.files.items()):
                break
            policies, texts = self._folder.current(), self._folder.texts()
        self._known = (now, policies, texts)
        return self._known
