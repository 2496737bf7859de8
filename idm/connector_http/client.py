"""One call to a system behind HTTP, and what its end means: an answer, `Retry`, `Refused` or `Unknown`."""

from __future__ import annotations

import ipaddress
import json
import re
import ssl
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpcore2

from idm.connector import Attachment, Refused, Retry, TargetError, Unknown
from idm.connector_http.network import Clock, Network
from idm.errors import BadInput, Fault, IdmError

DEADLINE = 10.0
"""How long a call may take if the settings don't say, in seconds."""

_LONGEST_ANSWER = 16 << 20
_NOT_SENT = (httpcore2.ConnectError, httpcore2.ConnectTimeout, httpcore2.PoolTimeout)
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_CPR_LIKE = re.compile(r"\d{6}[- ]?\d{4}")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a system is reached, from its `config` mapping: url, name of the secret, deadline in seconds, CA file for https."""

    url: str
    secret: str
    deadline: float
    ca_file: str | None

    @classmethod
    def of(cls, config: Mapping[str, Any], system: str) -> Settings:
        """The settings in `config`; what isn't said has its default. Raises BadInput naming every wrong one."""
        url, deadline = str(config.get("url", "")), config.get("deadline", DEADLINE)
        address = urlsplit(url)
        faults = []
        if address.scheme not in ("http", "https") or not address.hostname:
            faults.append(Fault("config.url", "url", "url must be an address that begins with https:// or http://"))
        elif address.scheme == "http" and not _is_loopback(address.hostname):
            reason = "url must begin with https://: only this machine is reached without encryption"
            faults.append(Fault("config.url", "encrypted", reason))
        if not isinstance(deadline, int | float) or not 0 < deadline <= 300:
            faults.append(Fault("config.deadline", "range", "deadline must be a number of seconds above 0 and at most 300"))
        if faults:
            message = f"The settings of the system {system} are wrong."
            raise BadInput(message, faults=faults, next_step="Correct them in the system's policy file.")
        return cls(url.rstrip("/"), str(config.get("secret", system)), float(deadline), config.get("ca_file"))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer: its JSON object."""

    body: Mapping[str, Any] = field(repr=False)


class NoRecord(Exception):
    """The system positively says that there is no such record."""


class HttpClient:
    """Calls one system over kept-alive connections; safe for threads. Every call ends within the time given to `within`."""

    def __init__(self, system: str, settings: Settings, secret: Callable[[str], str]) -> None:
        self.system = system
        self.settings = settings
        self._secret = secret
        self._clock = Clock()
        context = ssl.create_default_context(cafile=settings.ca_file) if settings.url.startswith("https:") else None
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context, max_connections=100, keepalive_expiry=30, network_backend=Network(self._clock)
        )
        # Most don't say when a connector is no longer needed.
        self.close = weakref.finalize(self, self._pool.close)

    @contextmanager
    def within_deadline(self) -> Iterator[None]:
        """Everything this thread asks inside has the deadline of the settings in common."""
        with self._clock.within(self.settings.deadline):
            yield

    def get(self, *path: str, query: Mapping[str, str] | None = None) -> Reply:
        """Read. Raises Retry, Refused, or NoRecord."""
        return self._call("GET", path, query or {}, None, {}, writes=False)

    def write(
        self, method: str, *path: str, effect_key: str, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> Reply:
        """Change something, with a JSON body. Raises Retry, Refused, Unknown, or NoRecord."""
        content = json.dumps(body or {}).encode()
        headers = {"content-type": "application/json", "content-length": str(len(content)), "idempotency-key": effect_key}
        return self._call(method, path, query or {}, content, headers, writes=True)

    def upload(self, *path: str, effect_key: str, record: Mapping[str, Any], attachment: Attachment) -> Reply:
        """Send `record` as JSON and the attachment's bytes, as they are read, in one form. Raises as `write` does."""
        boundary = "idm-part-f3c1b0a8d1e94c7a"
        name = quote(attachment.name, safe=" .-_")
        media_type = attachment.media_type if _MEDIA_TYPE.fullmatch(attachment.media_type) else "application/octet-stream"
        head = (
            f'--{boundary}\r\ncontent-disposition: form-data; name="record"\r\ncontent-type: application/json\r\n\r\n'
            f'{json.dumps(dict(record))}\r\n--{boundary}\r\ncontent-disposition: form-data; name="content"; filename="{name}"\r\n'
            f"content-type: {media_type}\r\n\r\n"
        ).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()
        headers = {
            "content-type": f"multipart/form-data; boundary={boundary}",
            "content-length": str(len(head) + attachment.size + len(tail)),
            "idempotency-key": effect_key,
        }
        return self._call("POST", path, {}, _stream(head, attachment, tail), headers, writes=True)

    def _call(
        self,
        method: str,
        path: tuple[str, ...],
        query: Mapping[str, str],
        content: Iterator[bytes] | bytes | None,
        headers: Mapping[str, str],
        *,
        writes: bool,
    ) -> Reply:
        url = "/".join((self.settings.url, *(quote(part, safe="") for part in path))) + (f"?{urlencode(query)}" if query else "")
        sent = {"host": urlsplit(url).netloc, "authorization": f"Bearer {self._token()}", "accept": "application/json", **headers}
        pairs = [(name.encode(), value.encode()) for name, value in sent.items()]
        # The pool's own timeouts are per read; the network below ends the whole call.
        try:
            left = self._clock.left(error=httpcore2.PoolTimeout)
            times = {"connect": left, "read": left, "write": left, "pool": left}
            with self._pool.stream(method, url.encode(), headers=pairs, content=content, extensions={"timeout": times}) as response:
                return self._judge(response.status, dict(response.headers), _read(response), writes=writes)
        except _NOT_SENT as error:
            raise Retry(f"{self.system} can't be reached: {_short(error)}.") from None
        except httpcore2.LocalProtocolError:
            raise Refused(f"{self.system}: an effect key or the secret holds a character that HTTP can't carry.") from None
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.RemoteProtocolError, OSError) as error:
            raise self._unanswered(_short(error), writes=writes) from None

    def _token(self) -> str:
        try:
            return self._secret(self.settings.secret)
        except IdmError as error:
            raise Refused(f"{self.system}: the secret {self.settings.secret!r} can't be read: {error.message}") from error

    def _unanswered(self, why: str, *, writes: bool) -> TargetError:
        if writes:
            return Unknown(f"{self.system} was sent a change and gave no answer ({why}).")
        return Retry(f"{self.system} gave no answer ({why}).")

    def _judge(self, status: int, headers: Mapping[bytes, bytes], content: bytes, *, writes: bool) -> Reply:
        try:
            body = json.loads(content or b"{}")
        except ValueError:
            body = None
        if 200 <= status < 300:
            if isinstance(body, dict):
                return Reply(body)
            raise self._unanswered("what it answered isn't a JSON object", writes=writes)
        reason, wrong, code = _reason(body if isinstance(body, dict) else {})
        if status == 404 and code == "no-record":
            raise NoRecord
        if status in (401, 403):
            credential = f"Look at the secret {self.settings.secret!r}."
            raise Refused(f"{self.system} refuses idm's credential (HTTP {status}){reason} {credential}")
        if status in (429, 503):
            raise Retry(f"{self.system} asks to wait (HTTP {status}).", after=_seconds(headers), down=status == 503)
        if status == 409:
            raise Refused(f"{self.system} sees a conflict{reason}", field=wrong)
        if status >= 500:
            raise self._unanswered(f"HTTP {status}{reason}", writes=writes)
        raise Refused(f"{self.system} refuses this (HTTP {status}){reason}", field=wrong)


def _read(response: httpcore2.Response) -> bytes:
    held = bytearray()
    for piece in response.iter_stream():
        held += piece
        if len(held) > _LONGEST_ANSWER:
            raise httpcore2.RemoteProtocolError("the answer is too long")
    return bytes(held)


def _stream(head: bytes, attachment: Attachment, tail: bytes) -> Iterator[bytes]:
    """The form piece by piece. Raises Refused if the document isn't what was said; then the form stays incomplete and isn't taken."""
    yield head
    sent = 0
    try:
        with attachment.open() as file:
            while piece := file.read(65536):
                sent += len(piece)
                if sent > attachment.size:
                    break
                yield piece
    except (OSError, IdmError) as error:
        raise Refused(f"The document that goes with this change can't be read ({type(error).__name__}).") from error
    if sent != attachment.size:
        raise Refused("The document that goes with this change hasn't the size that was said.")
    yield tail


def _reason(body: Mapping[str, Any]) -> tuple[str, str | None, str]:
    """What an error's body says in words (": ..." or nothing), the first wrong field, and the code. Never a CPR number."""
    error = body.get("error")
    message, code = (str(error.get("message", "")), str(error.get("code", ""))) if isinstance(error, dict) else ("", "")
    listed = body.get("faults")
    faults = [fault for fault in listed if isinstance(fault, dict)] if isinstance(listed, list) else []
    words = "; ".join([message.rstrip("."), *(str(fault.get("message", "")) for fault in faults)]).strip("; ")
    field_named = str(faults[0]["field"]) if faults and faults[0].get("field") else None
    shown = _CPR_LIKE.sub("***", words)[:1000]
    return f": {shown}." if shown else "", field_named, code


def _seconds(headers: Mapping[bytes, bytes]) -> float | None:
    """Retry-After in seconds (RFC 9110, 10.2.3); a date there is not used."""
    value = next((value for name, value in headers.items() if name.lower() == b"retry-after"), b"")
    return float(value) if re.fullmatch(rb"\d{1,6}", value.strip()) else None


def _short(error: Exception) -> str:
    return _CPR_LIKE.sub("***", str(error))[:200] or type(error).__name__
