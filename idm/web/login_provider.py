"""The OpenID provider as idm talks to it: its discovery document, its keys, a code redeemed. Every call ends soon, and reads little.

Sources: OpenID Connect Discovery 1.0, 4; RFC 6749, 4.1.3; RFC 7636 (PKCE); OpenID Connect Core 1.0, 5.3 (UserInfo).
"""

from __future__ import annotations

import ipaddress
import json
import logging
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.httpx_client import OAuth2Client, OAuthError

from idm.errors import Unavailable
from idm.web.login_tokens import ALGORITHMS, refused

log = logging.getLogger("idm.web.login")

TIMEOUT = 5.0
"""Seconds that connecting, and each piece of an answer, may take."""

DEADLINE = 10.0
"""Seconds after which an answer that is still coming is given up."""

LONGEST_ANSWER = 1 << 20
"""Bytes that an answer may have."""

FRESH = 3600.0
"""Seconds for which the discovery document and the keys are kept."""

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Believes nobody; for addresses on this machine, which need none."""

_OUR_FAULT = frozenset({"invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"})
_BROKEN = (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, RecursionError)
_SECRET_GIVEN = ("client_secret_basic", "client_secret_post")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the discovery document says, as far as idm uses it; `end_session` and `userinfo` are "" where the provider has none."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str = ""
    end_session: str = ""
    secret_given: str = "client_secret_basic"
    names_issuer: bool = False


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a code was redeemed for."""

    id_token: object = field(repr=False)
    access_token: str = field(repr=False)


class Provider:
    """One OpenID provider, shared by threads. Nothing is asked of it before it is needed."""

    def __init__(self, issuer: str, *, timeout: float = TIMEOUT) -> None:
        """`issuer` is its address, exactly as its tokens name it. Raises `Unavailable` if that isn't https (or this machine)."""
        self.issuer = issuer
        self._timeout = timeout
        self._tls: ssl.SSLContext | None = None
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, Mapping[str, Any]] | None = None
        _demand_safe(issuer, "IDM_OIDC_ISSUER")

    def metadata(self) -> Metadata:
        """What its discovery document says. Raises `Unavailable` if it can't be had, or isn't sound."""
        known = self._metadata
        if known is not None and time.monotonic() - known[0] < FRESH:
            return known[1]
        found = read_metadata(self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"), self.issuer)
        self._metadata = (time.monotonic(), found)
        return found

    def keys(self, *, newest: bool = False) -> Mapping[str, Any]:
        """Its key set, not older than an hour; with `newest` as it is now. Raises `Unavailable`."""
        known = self._keys
        if known is not None and not newest and time.monotonic() - known[0] < FRESH:
            return known[1]
        found = self._get(self.metadata().keys)
        self._keys = (time.monotonic(), found)
        return found

    def redeem(self, code: str, verifier: str, callback: str, client: str, secret: str) -> Redeemed:
        """What `code` is good for. Raises `SignInRefused` if it isn't good (any more), `Unavailable` if the provider can't be asked."""
        metadata = self.metadata()
        try:
            with OAuth2Client(client, secret, token_endpoint_auth_method=metadata.secret_given, **self._options(metadata.token)) as asking:
                answer = asking.fetch_token(
                    metadata.token, grant_type="authorization_code", code=code, code_verifier=verifier, redirect_uri=callback
                )
        except OAuthError as error:
            if error.error in _OUR_FAULT:
                raise Unavailable(
                    f"The sign-in service doesn't take idm's own credential ({error.error}).",
                    next_step="Whoever looks after idm must compare IDM_OIDC_CLIENT_ID and the client's secret with what is set up there.",
                ) from None
            raise refused(f"the provider doesn't redeem the code ({_word(error.error)})") from None
        except _BROKEN as error:
            raise self._away(metadata.token, error) from None
        access_token = answer.get("access_token")
        return Redeemed(answer.get("id_token"), access_token if isinstance(access_token, str) else "")

    def userinfo(self, access_token: str) -> Mapping[str, Any]:
        """What its UserInfo endpoint tells; nothing if it has none. Raises `Unavailable`."""
        address = self.metadata().userinfo
        return self._get(address, {"authorization": f"Bearer {access_token}"}) if address and access_token else {}

    def _get(self, address: str, headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        try:
            with httpx2.Client(**self._options(address)) as asking:
                answer = asking.get(address, headers={"accept": "application/json", **(headers or {})})
                answer.raise_for_status()
                found = answer.json()
        except _BROKEN as error:
            raise self._away(address, error) from None
        if not isinstance(found, dict):
            raise self._away(address, ValueError("it isn't a JSON object"))
        return found

    def _options(self, address: str) -> dict[str, Any]:
        """How every call is made: no redirect is followed, no proxy or password file of this machine is looked at."""
        return {
            "transport": _Bounded(self._context() if address.startswith("https:") else _NO_TLS),
            "timeout": self._timeout,
            "headers": {"accept-encoding": "identity"},
            "follow_redirects": False,
            "trust_env": False,
        }

    def _context(self) -> ssl.SSLContext:
        """Whom to believe: the certificate authorities of this machine, read once."""
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    def _away(self, address: str, error: Exception) -> Unavailable:
        log.warning("the sign-in service can't be used: %s answered %s", address, _short(error))
        return Unavailable(
            "The sign-in service doesn't answer as it should, so nobody can sign in right now.",
            next_step="Try again in a few minutes. If it goes on, tell your IT department; `idm doctor` says what is wrong.",
        )


class _Bounded(httpx2.BaseTransport):
    """Connections whose answers end: after `DEADLINE` seconds and `LONGEST_ANSWER` bytes at the latest."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._inner = httpx2.HTTPTransport(verify=context, trust_env=False)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send, and read the answer whole."""
        until = time.monotonic() + DEADLINE
        answer = self._inner.handle_request(request)
        held = bytearray()
        try:
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise httpx2.DecodingError("the answer is compressed, which wasn't asked for")
            if 300 <= answer.status_code < 400:
                raise httpx2.RemoteProtocolError("the answer leads elsewhere")
            for piece in answer.iter_raw():
                held += piece
                if len(held) > LONGEST_ANSWER:
                    raise httpx2.ReadError("the answer is too long")
                if time.monotonic() > until:
                    raise httpx2.ReadTimeout("the answer takes too long")
        finally:
            answer.close()
        return httpx2.Response(answer.status_code, headers=answer.headers, content=bytes(held))

    def close(self) -> None:
        """End the connections."""
        self._inner.close()


def read_metadata(found: Mapping[str, Any], issuer: str) -> Metadata:
    """What a discovery document says. Raises `Unavailable`, saying what is wrong, unless it is `issuer`'s and fits idm."""
    named = found.get("issuer")
    if named != issuer:
        raise _unsound(
            f"it names its issuer {_shown(named)}, not {issuer}", "Set IDM_OIDC_ISSUER to exactly what the provider names itself."
        )
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(found.get(name), str):
            raise _unsound(f"it has no {name}")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"):
        if found.get(name):
            _demand_safe(str(found[name]), f"the provider's {name}")
    _demand_one_of(found, "response_types_supported", ("code",), ("code",))
    _demand_one_of(found, "id_token_signing_alg_values_supported", ALGORITHMS, ALGORITHMS)
    _demand_one_of(found, "code_challenge_methods_supported", ("S256",), ("S256",))
    return Metadata(
        issuer=issuer,
        authorization=found["authorization_endpoint"],
        token=found["token_endpoint"],
        keys=found["jwks_uri"],
        userinfo=str(found.get("userinfo_endpoint") or ""),
        end_session=str(found.get("end_session_endpoint") or ""),
        secret_given=_demand_one_of(found, "token_endpoint_auth_methods_supported", _SECRET_GIVEN, ("client_secret_basic",)),
        names_issuer=found.get("authorization_response_iss_parameter_supported") is True,
    )


def _demand_one_of(found: Mapping[str, Any], name: str, ours: tuple[str, ...], default: tuple[str, ...]) -> str:
    """The first of `ours` that the provider supports; `default` is what it supports where it doesn't say."""
    theirs = found.get(name) or default
    fitting = [each for each in ours if isinstance(theirs, list | tuple) and each in theirs]
    if not fitting:
        raise _unsound(f"its {name} holds none of {', '.join(ours)}", "Allow one of them for idm at the provider.")
    return fitting[0]


def _demand_safe(address: str, what: str) -> None:
    """Raise `Unavailable` unless the address is https, or http to this machine."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    safe = parts.scheme == "https" or (parts.scheme == "http" and _loopback(host))
    if not host or port == 0 or not safe or parts.username is not None or parts.fragment:
        raise _unsound(f"{what} must begin with https:// (http:// only on this machine itself)")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _unsound(why: str, next_step: str = "Correct the provider's settings, or idm's.") -> Unavailable:
    log.warning("the sign-in service can't be used: %s", why)
    return Unavailable(f"The sign-in service isn't set up as idm needs it: {why}.", next_step=next_step)


def _shown(value: object) -> str:
    return json.dumps(value)[:200] if isinstance(value, str) else "not at all"


def _word(code: object) -> str:
    """An error code of RFC 6749, which is a plain word; anything else isn't repeated."""
    return code if isinstance(code, str) and code.isascii() and code.replace("_", "").isalpha() and len(code) < 40 else "for another reason"


def _short(error: Exception) -> str:
    if isinstance(error, httpx2.HTTPStatusError):
        return f"HTTP {error.response.status_code}"
    return type(error).__name__
