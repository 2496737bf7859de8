"""Text messages: files in a folder where no gateway is set up, as in demo and test installations, or posts to a gateway.

The gateway is asked by `POST` with the JSON object `{"to": ..., "text": ..., "id": ...}`, a bearer token and the header
`Idempotency-Key`, which bears the `id`: one that heeds it sends no message twice. It answers 2xx once it has the message.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from idm.connector import Confidential, Refused, Retry, TargetError, Unknown
from idm.connector_http import HttpClient, NoRecord, Settings
from idm.durable import add_whole
from idm.errors import BadInput, Fault, IdmError, PolicyInvalid, Unavailable
from idm.render import Renderer

log = logging.getLogger("idm.sms")

TOKEN = "sms-token"
"""The file in the keys folder that holds the gateway's bearer token."""
DEADLINE = 10.0
"""Seconds that sending may take in all: somebody waits for the page."""
PAUSES = (0.2, 1.0)
"""Seconds before a message is handed over again that surely didn't arrive."""

_NUMBER = re.compile(r"\+?[0-9]{6,15}")
_PUNCTUATION = re.compile(r"[\s().\-/]")
_DIGITS = re.compile(r"[0-9]{4,}")
_SAFE = re.compile(r"[A-Za-z0-9-]{1,60}")


class Carrier(Protocol):
    """What takes a text message to its reader. Raises `Retry` if it surely didn't go, `Refused`, or `Unknown`."""

    def carry(self, id: str, to: str, text: str) -> None:
        """Take the message `id` to the number `to`."""
        ...

    def close(self) -> None:
        """Give back what is held."""
        ...


class Sms:
    """`idm.ports.Texter`: renders `templates/sms/<slug>/<language>.txt` and hands it to a carrier."""

    def __init__(self, carrier: Carrier, renderer: Renderer, country: str = "+45", pause: Callable[[float], None] = time.sleep) -> None:
        """`country`: what stands before a number that names no country. `pause` waits for so many seconds."""
        self._carrier = carrier
        self._renderer = renderer
        self._country = country
        self._pause = pause

    def send(self, id: str, to: Confidential, slug: str, language: str, values: Mapping[str, str]) -> bool:
        """See the protocol. A text that is broken goes out as shipped, and the log tells where."""
        number = dialled(to.reveal(), self._country)
        if not number:
            fault = Fault("mobile", "number", "is no telephone number")
            raise BadInput("The mobile number can't be written to.", faults=[fault], next_step="Have it corrected.")
        try:
            rendered = self._renderer.render_sms(slug, language, values)
        except PolicyInvalid as error:
            raise Unavailable(
                f"The text message can't be made: {error.message}", next_step="`idm template check` names file and line."
            ) from error
        if (broken := rendered.fault) is not None:
            log.warning("text message %s/%s goes out with the shipped text: %s: %s", slug, language, broken.path, broken.message)
        return self._carry(id, number, rendered.text)

    def _carry(self, id: str, number: str, text: str) -> bool:
        reason = ""
        for pause in (0.0, *PAUSES):
            self._pause(pause)
            try:
                self._carrier.carry(id, number, text)
            except Retry as answer:
                reason = _said(answer)
                if answer.after is not None and answer.after > max(PAUSES):
                    break
            except Refused as answer:
                log.error("text message %s was refused: %s", id, _said(answer))
                raise Unavailable("The text message was refused.", next_step="The log says why; mend the gateway's settings.") from None
            except Unknown as answer:
                log.warning("text message %s may have gone or not: %s", id, _said(answer))
                return False
            else:
                return True
        log.error("text message %s didn't go: %s", id, reason)
        raise Unavailable("The text message can't be sent now.", next_step="Try again in a few minutes.")

    def close(self) -> None:
        """Give back connections."""
        self._carrier.close()


def _said(answer: TargetError) -> str:
    """What a carrier gave as its reason, without what could be the reader's number."""
    return _DIGITS.sub("***", answer.reason)


def dialled(number: str, country: str = "+45") -> str:
    """A number as it is dialled from everywhere (E.164, `+4512345678`); "" if it is none. One without a country is of `country`."""
    plain = _PUNCTUATION.sub("", number)
    plain = f"+{plain[2:]}" if plain.startswith("00") else plain
    if not _NUMBER.fullmatch(plain):
        return ""
    return plain if plain.startswith("+") else f"{country}{plain}"


class Folder:
    """Messages as files, one a message, named by its id: nothing of the reader or the text is in the name."""

    def __init__(self, folder: Path, now: Callable[[], str]) -> None:
        """`folder` is made when first needed; `now` gives the time that a message bears."""
        self._folder = folder
        self._now = now

    def carry(self, id: str, to: str, text: str) -> None:
        """Write the message, whole or not at all; one that is there under its id already stays."""
        name = id if _SAFE.fullmatch(id) else secrets.token_hex(16)
        content = json.dumps({"id": id, "to": to, "text": text, "at": self._now()}, ensure_ascii=False, indent=2) + "\n"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            add_whole(self._folder / f"{name}.json", content.encode())
        except OSError as error:
            raise Retry(f"the folder for text messages can't be used: {error.strerror}", down=True) from error

    def close(self) -> None:
        """Nothing is held."""


class Gateway:
    """A gateway over HTTP; safe for threads."""

    def __init__(self, url: str, token: Callable[[], str], deadline: float = DEADLINE, ca_file: str | None = None) -> None:
        """`url`: where messages are posted. Raises `BadInput` for one that can't be."""
        settings = Settings.of({"url": url, "secret": TOKEN, "deadline": deadline, "ca_file": ca_file}, "sms")
        self._client = HttpClient("the SMS gateway", settings, lambda name: token())

    def carry(self, id: str, to: str, text: str) -> None:
        """Post it."""
        with self._client.within_deadline():
            try:
                self._client.write("POST", effect_key=id, body={"to": to, "text": text, "id": id})
            except NoRecord:
                raise Refused("the gateway says that there is nothing at this address") from None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class NotSetUp:
    """`idm.ports.Texter` whose settings are wrong: everything else goes on, and who wants a text message hears why there is none."""

    def __init__(self, error: IdmError) -> None:
        self._error = error

    def send(self, id: str, to: Confidential, slug: str, language: str, values: Mapping[str, str]) -> bool:
        """See the protocol."""
        raise Unavailable(self._error.message, next_step=self._error.next_step)


def texter(url: str, home: Path, renderer: Renderer, now: Callable[[], str]) -> Sms | NotSetUp:
    """What sends text messages for the installation in `home`: the gateway at `url`, or without one the folder `sms`."""
    if not url:
        return Sms(Folder(home / "sms", now), renderer)
    try:
        return Sms(Gateway(url, lambda: gateway_token(home)), renderer)
    except IdmError as error:
        return NotSetUp(wrongly_set(error))


def check_set_up(url: str, home: Path) -> None:
    """Raise BadInput or Unavailable, saying what to do, if messages can't be sent to the gateway at `url`. It isn't asked."""
    try:
        Gateway(url, lambda: gateway_token(home)).close()
    except IdmError as error:
        raise wrongly_set(error) from error
    gateway_token(home)


def wrongly_set(error: IdmError) -> BadInput:
    """What is wrong with the gateway's address."""
    faults = [Fault("IDM_SMS_URL", fault.rule, fault.message) for fault in error.faults]
    return BadInput("Text messages can't be sent as they are set up.", faults=faults, next_step="Correct IDM_SMS_URL.")


def gateway_token(home: Path) -> str:
    """The gateway's bearer token. Raises Unavailable."""
    path = home / "keys" / TOKEN
    try:
        return path.read_text().strip()
    except OSError as error:
        raise Unavailable("The SMS gateway's token can't be read.", next_step=f"Put it into {path}, readable by idm alone.") from error
