"""The one tree of errors: what went wrong, said to a person, with what to do next.

The docstring of a class is its default message. Every error that reaches the command line or the web
becomes one JSON shape (`as_json`) and one exit code; nothing else in the project decides exit codes.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where (`path`), which rule it breaks (`rule`), and in words (`message`).

    `path` is a field path such as `data.person.cpr`, or `file.yaml:12` for a policy file. The message never
    repeats a personal value.
    """

    path: str
    rule: str
    message: str

    def as_json(self) -> dict[str, str]:
        """The fault as the JSON object of the outside contract."""
        return {"path": self.path, "rule": self.rule, "message": self.message}


class IdmError(Exception):
    """Something in idm itself went wrong."""

    exit_code = 1
    code = "internal"

    def __init__(self, message: str | None = None, *, faults: Sequence[Fault] = (), next_step: str = "") -> None:
        """`message` in words for a person; `faults` name every wrong field; `next_step` says what to do now."""
        self.message = message or " ".join(inspect.cleandoc(type(self).__doc__ or "").split("\n\n")[0].split())
        self.faults = tuple(faults)
        self.next_step = next_step
        super().__init__(self.message)

    def as_json(self) -> dict[str, Any]:
        """The error as the JSON document of the outside contract: code, message, faults, next."""
        return {
            "schema": 1,
            "error": {
                "code": self.code,
                "message": self.message,
                "faults": [fault.as_json() for fault in self.faults],
                "next": self.next_step,
            },
        }


class BadUsage(IdmError):
    """The command was used in a way it does not understand."""

    exit_code = 2
    code = "usage"


class BadInput(IdmError):
    """The input breaks one or more rules."""

    exit_code = 3
    code = "bad-input"


class PolicyInvalid(BadInput):
    """A policy file breaks one or more rules."""

    code = "policy-invalid"


class NotFound(IdmError):
    """There is nothing by that name."""

    exit_code = 4
    code = "not-found"


class NotAllowed(IdmError):
    """You are not allowed to do this."""

    exit_code = 5
    code = "not-allowed"


class Conflict(IdmError):
    """This was already done otherwise, or collides with something that exists."""

    exit_code = 6
    code = "conflict"


class Unavailable(IdmError):
    """A system, broker, database or disk can't be used."""

    exit_code = 7
    code = "unavailable"


class Damaged(Unavailable):
    """What the database holds is damaged."""


def stops_everything(error: IdmError) -> bool:
    """Whether `error`, met at one case among many, would meet the others too: what can't be used, but for a case's own damaged row."""
    return isinstance(error, Unavailable) and not isinstance(error, Damaged)


class CheckFailed(IdmError):
    """A check failed, or a batch was taken only in part."""

    exit_code = 8
    code = "check-failed"
