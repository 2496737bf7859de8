"""E-mail as a target system: one kind of posting, `message`, rendered from a template and handed to a transport.

Into a folder, a message is a file under a name made from its key, so it can be read back (keyed). Over SMTP nothing can
be asked afterwards (blind): the `Message-ID` is made from the key, so that a second copy is known as one by the reader.

Attributes of a message: `to` (an address, confidential), `slug` and `language` (which template), and `context.<name>`
for each value that the template uses, `context_json.<name>` for one with parts, as JSON.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from idm.connector import Change, Confidential, Description, Effect, KindInfo, Observed, Ref, Refused, Retry, State, Value, Verb
from idm.durable import add_whole
from idm.errors import PolicyInvalid
from idm.mail_smtp import DEADLINE, SmtpServer
from idm.render import Renderer

log = logging.getLogger("idm.mail")

MESSAGE = "message"
SECRET = "smtp"
"""The name under which `smtp_mail` asks for the mail server's password."""

_CONTEXT = "context."
_JSON = "context_json."
_KEY_HEADER = "X-Idm-Key"
_TEMPLATE_HEADER = "X-Idm-Template"
_ADDRESS = re.compile(r"[!-~]{1,64}@[^@\s]{1,255}")


class Transport(Protocol):
    """Where messages go. Any call may raise `Retry`, `Refused` or `Unknown`."""

    @property
    def effect(self) -> Effect:
        """How far a delivery can be trusted after a crash."""
        ...

    def probe(self) -> str:
        """What answered."""
        ...

    def deliver(self, key: str, message: EmailMessage) -> None:
        """Hand over the message; one that is there under its key already is success."""
        ...

    def find(self, key: str) -> EmailMessage | None:
        """The message under that key."""
        ...

    def everything(self) -> Iterator[EmailMessage]:
        """Every message."""
        ...


def folder_mail(folder: Path, renderer: Renderer, sender: str, deadline: float = DEADLINE) -> Mail:
    """Messages become `.eml` files in `folder`, made when first needed. `sender` as "Name <address>"; ValueError if it is none."""
    return Mail(_Folder(folder), renderer, sender, deadline)


def smtp_mail(url: str, renderer: Renderer, sender: str, secret: Callable[[str], str], deadline: float = DEADLINE) -> Mail:
    """Messages go to the mail server at `url`: `smtp://user@host:port` (STARTTLS demanded) or `smtps://` (TLS at once).

    `?ca=FILE` names the authority of a server with a certificate of its own; `?tls=no` allows plain text, for a relay on
    the same machine. The password is `secret(SECRET)`, asked for only with a user. `deadline` in seconds, for a whole call.
    ValueError for an address of a server that can't be used, or a `sender` that is none.
    """
    return Mail(_Smtp(SmtpServer.at(url, lambda: secret(SECRET), deadline)), renderer, sender, deadline)


class Mail:
    """The connector for e-mail (see `idm.connector.Connector`); made by `folder_mail` or `smtp_mail`."""

    def __init__(self, transport: Transport, renderer: Renderer, sender: str, deadline: float = DEADLINE) -> None:
        """`sender` as "Name <address>" or an address alone; ValueError if it is none."""
        self._transport = transport
        self._renderer = renderer
        self._sender = _sender(sender)
        self._deadline = deadline

    def describe(self) -> Description:
        """One kind, `message`, a posting: keyed in a folder, blind over SMTP."""
        return Description({MESSAGE: KindInfo(self._transport.effect, posting=True)}, self._deadline)

    def probe(self) -> str:
        """What the transport answered. Raises Retry or Refused."""
        return self._transport.probe()

    def read(self, ref: Ref) -> Observed | None:
        """The message under the key. A blind transport can't be asked: it raises Refused, never answers None."""
        _only_messages(ref.kind)
        found = self._transport.find(ref.key)
        return None if found is None else _observed(found)

    def perform(self, change: Change) -> str:
        """Render and hand over; answers the Message-ID. A wrong template or address is Refused, naming what to mend."""
        _only_messages(change.kind)
        if change.verb is not Verb.POST:
            raise Refused(f"a mail is sent and never changed or taken back, so it can't take the verb {change.verb.value}")
        message = self._message(change)
        self._transport.deliver(change.key, message)
        return str(message["Message-ID"])

    def scan(self, kind: str) -> Iterator[Observed]:
        """Every message in the folder. Over SMTP it raises Refused."""
        _only_messages(kind)
        return map(_observed, self._transport.everything())

    def _message(self, change: Change) -> EmailMessage:
        recipient = _recipient(_text(change.attributes, "to"))
        slug, language = _text(change.attributes, "slug"), _text(change.attributes, "language")
        context: dict[str, object] = {
            name.removeprefix(_CONTEXT): value for name, value in change.attributes.items() if name.startswith(_CONTEXT)
        }
        context |= {name.removeprefix(_JSON): json.loads(str(value)) for name, value in change.attributes.items() if name.startswith(_JSON)}
        try:
            rendered = self._renderer.render_mail(slug, language, context)
        except PolicyInvalid as error:
            raise Refused(error.message, field="slug") from error
        if (fault := rendered.fault) is not None:
            log.warning("mail %s/%s goes out with the shipped text: %s: %s", slug, language, fault.path, fault.message)
        message = EmailMessage(policy.SMTP)
        message["Message-ID"] = message_id(change.key, self._sender.domain)
        message["Date"] = formatdate(usegmt=True)
        message["From"] = self._sender
        message["To"] = recipient
        message["Subject"] = rendered.subject
        message["Content-Language"] = language
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes in return
        message[_KEY_HEADER] = change.key
        message[_TEMPLATE_HEADER] = f"{slug}/{language}"
        message.set_content(rendered.text, cte="quoted-printable")
        if rendered.html is not None:
            message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
        return message


def message_id(key: str, domain: str) -> str:
    """The Message-ID (RFC 5322, 3.6.4) of the message with that key: always the same, and telling nothing of the key."""
    return f"<{sha256(key.encode()).hexdigest()[:40]}.idm@{domain}>"


def file_name(key: str) -> str:
    """The name of a message's file: readable, and different for different keys."""
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', key).strip('.-')[:80]}-{sha256(key.encode()).hexdigest()[:16]}.eml"


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder of messages. A file appears whole or not at all, and is never written over."""

    folder: Path

    @property
    def effect(self) -> Effect:
        return Effect.KEYED

    def probe(self) -> str:
        with self._disk():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise Retry(f"the mail folder {self.folder} can't be written")
        return f"mails are written into the folder {self.folder}"

    def deliver(self, key: str, message: EmailMessage) -> None:
        with self._disk():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            add_whole(self.folder / file_name(key), message.as_bytes())

    def find(self, key: str) -> EmailMessage | None:
        with self._disk():
            try:
                return _read(self.folder / file_name(key))
            except FileNotFoundError:
                if self.folder.is_dir() or not self.folder.exists():
                    return None
                raise

    def everything(self) -> Iterator[EmailMessage]:
        with self._disk():
            for path in sorted(self.folder.glob("[!.]*.eml")):
                yield _read(path)

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Retry(f"the mail folder {self.folder} can't be used: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class _Smtp:
    """A mail server: takes messages and answers no questions about them."""

    server: SmtpServer

    @property
    def effect(self) -> Effect:
        return Effect.BLIND

    def probe(self) -> str:
        return self.server.probe()

    def deliver(self, key: str, message: EmailMessage) -> None:
        for header in (_KEY_HEADER, _TEMPLATE_HEADER):  # nobody outside needs them
            del message[header]
        self.server.send(message["From"].addresses[0].addr_spec, message["To"].addresses[0].addr_spec, message.as_bytes())

    def find(self, key: str) -> EmailMessage | None:
        raise Refused("a mail server can't be asked what it was given; look into its log for the Message-ID")

    def everything(self) -> Iterator[EmailMessage]:
        raise Refused("a mail server can't be asked what it was given")


def _only_messages(kind: str) -> None:
    if kind != MESSAGE:
        raise Refused(f"the mail system has no records of kind {kind!r}, only {MESSAGE!r}")


def _text(attributes: Mapping[str, Value], name: str) -> str:
    value = attributes.get(name, "")
    text = value.reveal() if isinstance(value, Confidential) else value
    if not isinstance(text, str) or not text:
        raise Refused(f"a message needs the attribute {name!r}, one text", field=name)
    return text


def _recipient(text: str) -> Address:
    """The address, its domain in ASCII (RFC 5890). The errors don't repeat it: it is somebody's private address."""
    try:
        return _address(text)
    except (ValueError, MessageError):
        raise Refused("the recipient's address is no e-mail address that can be written to", field="to") from None


def _address(text: str, display_name: str = "") -> Address:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("no e-mail address")
    local, _, domain = text.rpartition("@")
    return Address(display_name, addr_spec=f"{local}@{domain.encode('idna').decode('ascii')}")


def _sender(text: str) -> Address:
    name, opening, rest = text.strip().rpartition("<")
    if not opening:
        return _address(text.strip())
    if not rest.endswith(">"):
        raise ValueError("a sender is written as Name <address>")
    return _address(rest[:-1], name.strip().strip('"'))


def _observed(message: EmailMessage) -> Observed:
    slug, _, language = str(message[_TEMPLATE_HEADER] or "").partition("/")
    attributes: dict[str, Value] = {"to": Confidential(message["To"] or ""), "slug": slug, "language": language}
    key = str(message[_KEY_HEADER] or "")
    return Observed(MESSAGE, key, str(message["Message-ID"] or ""), State.ENABLED, attributes, managed=bool(key))


def _read(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise TypeError("the default policy makes EmailMessage")
    return message
