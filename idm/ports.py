"""What the flows need from outside, as protocols. Bootstrap wires what implements them into one `App`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO, Protocol

from idm.connector import Confidential, Connector
from idm.domain.journey import Journey
from idm.domain.policy import Policies
from idm.errors import Unavailable
from idm.ports_audit import Anchor, SealKeys
from idm.ports_store import Store


class Clock(Protocol):
    """Two times: business time, which a demo may move, and machine time, which is always real. Both aware, UTC."""

    def now(self) -> datetime:
        """Business time."""
        ...

    def today(self) -> date:
        """The business date in Denmark."""
        ...

    def machine(self) -> datetime:
        """Machine time."""
        ...


class Publisher(Protocol):
    """Tells workers that lanes of cases have work."""

    def publish(self, runs: Sequence[tuple[str, str]]) -> None:
        """Send one message per (case, lane), confirmed by the broker; raises `Unavailable` if it can't."""
        ...


class PolicySource(Protocol):
    """The policies in force."""

    def current(self) -> Policies:
        """The set in force."""
        ...

    def texts(self) -> Mapping[str, tuple[str, str]]:
        """File -> (hash, text) of the set in force."""
        ...

    def renew(self) -> None:
        """Look at the files at the next question, however fresh the last look was: this process has changed one itself."""
        ...

    def journey_from_text(self, text: str, file: str) -> Journey:
        """A journey rebuilt from its stored text."""
        ...


class Keys(Protocol):
    """The installation's keys, as far as flows use them."""

    def blind_index(self, purpose: str, value: str) -> str:
        """A keyed hash, hex, that lets equal values be found without telling them."""
        ...

    def encrypt(self, text: str) -> str:
        """Text encrypted for the database."""
        ...

    def decrypt(self, token: str) -> str:
        """The text that `encrypt` was given; raises `CheckFailed` if it was made with other keys, or changed."""
        ...


class StoredFile(Protocol):
    """What the vault answers when it has taken a file."""

    @property
    def name(self) -> str:
        """Its random name in the vault."""
        ...

    @property
    def size(self) -> int:
        """Its size in bytes."""
        ...

    @property
    def digest(self) -> str:
        """A keyed digest of its content."""
        ...

    @property
    def wrapped_key(self) -> str:
        """The key that opens it, wrapped by the master key."""
        ...


class DocumentVault(Protocol):
    """Documents, encrypted."""

    def put(self, document_id: str, source: BinaryIO, limit: int) -> StoredFile:
        """Encrypt and keep; raises `BadInput` over `limit` bytes, `Unavailable` if the disk can't take it."""
        ...

    def open(self, document_id: str, name: str, wrapped_key: str) -> BinaryIO:
        """The decrypted bytes as a stream."""
        ...

    def sweep(self, known_names: Collection[str], older_than: timedelta) -> Sequence[str]:
        """Remove files that are older and not among the `known_names`; the names removed."""
        ...

    def destroy(self, name: str) -> None:
        """Remove it."""
        ...


class Checked(Protocol):
    """What the check of an upload found."""

    @property
    def media_type(self) -> str:
        """The media type that it really is."""
        ...


class PageDrawing(Protocol):
    """Pages of stored documents as pictures, drawn where a hostile file does no harm."""

    def count(self, content: BinaryIO, media_type: str) -> int:
        """How many pages a document has; raises `BadInput` if it can't be told."""
        ...

    def draw(self, content: BinaryIO, media_type: str, number: int, width: int) -> bytes:
        """Page `number` (from 1) as PNG, about `width` pixels wide; raises `NotFound`, or `BadInput` if it can't be drawn."""
        ...


@dataclass(frozen=True, slots=True)
class Sealing:
    """What seals the audit: the keys (None where they lie on another machine) and the anchor."""

    keys: SealKeys | None
    anchor: Anchor


class Texter(Protocol):
    """Sends text messages to mobiles."""

    def send(self, id: str, to: Confidential, slug: str, language: str, values: Mapping[str, str]) -> bool:
        """Send the text `slug` with its values; `id` names the message, so that a second one of that name is known as the same.

        False if it may have gone or not. Raises `Unavailable` if it surely didn't go, `BadInput` if the number can't be written to.
        """
        ...


class NoTexter:
    """`Texter` where none is set up: it refuses."""

    def send(self, id: str, to: Confidential, slug: str, language: str, values: Mapping[str, str]) -> bool:
        """See the protocol."""
        raise Unavailable("No text messages can be sent from here.", next_step="Set IDM_SMS_URL; `idm doctor` says what is missing.")


@dataclass(frozen=True, slots=True)
class App:
    """Everything a flow works with. Made by bootstrap; tests make it with the same function.

    `owner` names this process in claims, so that another can tell whether it lives; `lease` and machine times are in seconds.
    `alive(owner)` is False only if that process is known to be dead. `random(n)` gives n random bytes. `journeys` and `cache` hold what
    this process has read before: journeys by content hash (they never change), and organisation and circuits for a moment: `trust`
    seconds at most, and 0 for never, so that a test comes to the same however busy its machine is. `portal` gives the address by which
    people reach the portal, without a slash at its end; "" while there is none.
    """

    store: Store
    clock: Clock
    policies: PolicySource
    connectors: Mapping[str, Connector]
    keys: Keys
    vault: DocumentVault
    check_document: Callable[..., Checked]
    join_pages: Callable[[Sequence[tuple[str, BinaryIO]]], BinaryIO]
    pages: PageDrawing
    publisher: Publisher
    random: Callable[[int], bytes]
    alive: Callable[[str], bool]
    owner: str
    lease: float = 60.0
    yield_after: float = 20.0
    trust: float = 1.0
    jitter: Callable[[], float] = lambda: 0.5
    journeys: dict[str, Journey] = field(default_factory=dict)
    cache: dict[str, tuple[float, Any]] = field(default_factory=dict)
    sealing: Sealing | None = None
    texter: Texter = field(default_factory=NoTexter)
    portal: Callable[[], str] = lambda: ""
