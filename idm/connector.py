"""The page a connector author reads: what idm asks of a target system, and the words for the answers.

A connector is one class for one kind of target system. It has no memory and decides nothing: idm computes
what the target should hold (the desired state), asks the connector to `read` what is there, and sends each
difference as one `Change` to `perform`. All of this may happen twice, in another process, after a crash.
So every call is safe to repeat:

* `read` finds a record by its link (the target's own immutable id), else by idm's key, never by name or mail.
* `perform` makes one change hold. A change that holds already is success, not an error.
* A connector never adopts a record that doesn't carry idm's key: it raises `Refused`.

Answers are values or one of three exceptions. `Retry`: it did not happen, try again (target down, busy,
throttled). `Refused`: it did not happen and won't until a person does something. `Unknown`: it was sent and
no answer came, so it may have happened; idm reads before it writes again. Any other exception is treated as `Unknown`.

Every call must end within `Description.deadline` seconds, whatever the target does: idm's claim on the case
(its lease) is longer than that, and nobody else enforces it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol


class Confidential(str):
    """Text that must not be seen in a log, message or traceback (a CPR number, a private address).

    `str()`, `repr()` and formatting show `***`; only `reveal()` gives the text. It compares and hashes as text.
    """

    __slots__ = ()

    def reveal(self) -> str:
        """The text itself, for the one place that hands it to a target system or encrypts it."""
        return str.__str__(self)

    def __repr__(self) -> str:
        return "***"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"


Value = str | tuple[str, ...]
"""An attribute's value: text (possibly `Confidential`), or several in no particular order. Dates are ISO 8601."""


class State(enum.StrEnum):
    """Whether a record is in use: `disabled` exists but can't be used yet, `ended` is closed or gone."""

    DISABLED = "disabled"
    ENABLED = "enabled"
    ENDED = "ended"


class Effect(enum.StrEnum):
    """How far an effect can be trusted after a crash.

    `keyed`: what was done can be read back by idm's key. `unique`: the target refuses a second one. `blind`:
    neither, like SMTP, so it is never blindly repeated.
    """

    KEYED = "keyed"
    UNIQUE = "unique"
    BLIND = "blind"


class Verb(enum.StrEnum):
    """What a `Change` does. `end` closes a record that was in use; `delete` takes back one that never was."""

    CREATE = "create"
    UPDATE = "update"
    ENABLE = "enable"
    DISABLE = "disable"
    GRANT = "grant"
    REVOKE = "revoke"
    END = "end"
    DELETE = "delete"
    POST = "post"


@dataclass(frozen=True, slots=True)
class KindInfo:
    """What a connector says of one kind of record: how its effects can be trusted, and whether it is a posting.

    A posting (a mail, an hours claim, an archived document) happens once per key and is never converged further.
    """

    effect: Effect
    posting: bool = False


@dataclass(frozen=True, slots=True)
class Description:
    """What a connector says of itself: its kinds of record by name, and the hard deadline of a call in seconds."""

    kinds: Mapping[str, KindInfo]
    deadline: float


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that goes with a change: file name, media type, size in bytes, and how to open its bytes."""

    name: str
    media_type: str
    size: int
    open: Callable[[], BinaryIO] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ref:
    """Which record is meant: kind, idm's key, and the target's immutable id (`link`) once it is known."""

    kind: str
    key: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """One record as the target holds it now.

    `attributes` are in idm's words and shapes, so that they compare with the desired ones; `entitlements` are the
    names of every right the record holds there, idm's or not; `managed` says if it carries idm's key.
    """

    kind: str
    key: str
    link: str
    state: State
    attributes: Mapping[str, Value] = field(default_factory=dict)
    entitlements: frozenset[str] = frozenset()
    managed: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """One difference to perform.

    `attributes`: for create all that should hold, for update only those that differ (an empty text removes one).
    `state`: for create, whether it opens at once. `entitlement`: for grant and revoke. `effect_key` names the
    effect the same way at every attempt. Undone and done again later it has the same name: a target that
    remembers keys must forget one when its effect is undone, or be given the verb and the link with it.
    """

    verb: Verb
    kind: str
    key: str
    effect_key: str
    link: str | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)
    state: State | None = None
    entitlement: str | None = None
    attachment: Attachment | None = None

    @property
    def ref(self) -> Ref:
        """The record this change is about."""
        return Ref(self.kind, self.key, self.link)


class TargetError(Exception):
    """Base of the three answers that are not success; `reason` is for a person and holds no personal data."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Retry(TargetError):
    """It did not happen; try again. `after` seconds if the target said so. `down` if the target as a whole is away."""

    def __init__(self, reason: str, *, after: float | None = None, down: bool = True) -> None:
        super().__init__(reason)
        self.after = after
        self.down = down


class Refused(TargetError):
    """It did not happen, and won't until a person mends something; `field` names the wrong attribute if known."""

    def __init__(self, reason: str, *, field: str | None = None) -> None:
        super().__init__(reason)
        self.field = field


class Unknown(TargetError):
    """It was sent and no answer came: it may or may not have happened."""


class Connector(Protocol):
    """One target system. Instances are shared by threads: hold configuration only, open connections per call or pool them."""

    def describe(self) -> Description:
        """What kinds of record this target holds and how far its effects can be trusted. Does no I/O."""
        ...

    def probe(self) -> str:
        """Reach the target and log in; a short text that says what answered. Raises `Retry` or `Refused`."""
        ...

    def read(self, ref: Ref) -> Observed | None:
        """The record as it is now, by link if given, else by key. None only if the target positively says there is none.

        Raises `Retry` if the answer can't be had; an empty answer because of an error is never None.
        """
        ...

    def perform(self, change: Change) -> str:
        """Make `change` hold and answer the record's link. Raises `Retry`, `Refused` or `Unknown`."""
        ...

    def scan(self, kind: str) -> Iterator[Observed]:
        """Every record of `kind` in the target, managed by idm or not, in no order. Raises `Retry` if it breaks off."""
        ...


class ConnectorFactory(Protocol):
    """What a connector module offers as `connect`: an instance from its settings."""

    def __call__(self, config: Mapping[str, Any], secret: Callable[[str], str]) -> Connector:
        """`config` is the system's `config` mapping; `secret(name)` reads a credential by name when it is needed."""
        ...
