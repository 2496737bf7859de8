"""The shipped policies, read as an installation reads them, and edited in memory where a test needs other rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from idm.domain.journey import Journey
from idm.domain.policy import Policies, SystemPolicy
from idm.policy_files import PolicyFolder, journey_from_text


class EditablePolicies:
    """`idm.ports.PolicySource`: those of a folder, until a test puts others in force."""

    def __init__(self, folder: PolicyFolder) -> None:
        self._folder = folder
        self._edited: Policies | None = None

    def current(self) -> Policies:
        """See the protocol."""
        return self._edited or self._folder.current()

    def texts(self) -> Mapping[str, tuple[str, str]]:
        """See the protocol."""
        return self._folder.texts()

    def renew(self) -> None:
        """See the protocol: these are looked at anew at every question."""

    def journey_from_text(self, text: str, file: str) -> Journey:
        """See the protocol."""
        return journey_from_text(text, file)

    def edit(self, **changes: Any) -> None:
        """Put a set in force in which these fields of `Policies` are others."""
        self._edited = replace(self.current(), **changes)

    def edit_system(self, name: str, change: Callable[[SystemPolicy], SystemPolicy]) -> None:
        """Put a set in force in which one system is another."""
        systems = self.current().systems
        self.edit(systems={**systems, name: change(systems[name])})
