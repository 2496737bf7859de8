"""Signing in by OpenID Connect: the authorisation code flow with PKCE, state and nonce, from the first redirect to checked claims.

What must be remembered in between lies in a sealed cookie of the browser's own, for ten minutes: nothing is stored here for whoever
only began. The cookie binds the answer to the browser that asked (state), the ID token to the question (nonce), and the code to us (PKCE).
Sources: OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9207 (issuer in the answer); OpenID Connect RP-Initiated Logout 1.0; RFC 9700.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from idm.errors import IdmError, Unavailable
from idm.flow.signing_in import ClaimRule
from idm.web.login_provider import Provider, Redeemed
from idm.web.login_tokens import Expected, SignInRefused, UnknownKey, Why, read_id_token, refused

COOKIE = "__Host-idm-login"
"""The cookie that remembers a login that was begun."""

LASTS = timedelta(minutes=10)
"""How long somebody may take at the provider."""

CALLBACK = "/login/callback"
"""Where the provider sends people back to, below the portal's address."""

SECRET_FILE = "oidc-client-secret"
"""The file in the keys folder that holds the client's secret."""

_PURPOSE = "login"
_LONGEST_RETURN = 1000
_LONGEST_CODE = 4096


class Seal(Protocol):
    """What seals the cookie: the installation's keys."""

    def encrypt(self, text: str) -> str:
        """`text` encrypted and authenticated."""
        ...

    def decrypt(self, token: str) -> str:
        """The text again; raises `IdmError`."""
        ...


@dataclass(frozen=True, slots=True)
class OpenIdSettings:
    """How idm is known to the provider. `callback` is the full address that people are sent back to; `rule` says which claims tell who
    they are: those that the ID token lacks, the UserInfo endpoint is asked for.
    """

    issuer: str
    client: str
    secret_file: Path
    callback: str
    rule: ClaimRule
    scopes: str = "openid profile email"


@dataclass(frozen=True, slots=True)
class Begun:
    """A login that was begun: where the browser goes, and the value of the cookie `COOKIE` that it keeps meanwhile."""

    url: str = field(repr=False)
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claims:
    """What the provider says of who signed in. `values` is personal: it goes into no log and no audit. `return_to` is one of our paths."""

    issuer: str
    subject: str = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)
    return_to: str = "/"


class OpenIdLogin:
    """Sign-in at one provider; shared by threads."""

    def __init__(self, settings: OpenIdSettings, seal: Seal, now: Callable[[], datetime]) -> None:
        """`now` is machine time. Raises `Unavailable` if the issuer's address isn't one that can be trusted."""
        self.settings = settings
        self.provider = Provider(settings.issuer)
        self._seal = seal
        self._now = now

    def begin(self, return_to: str, *, language: str = "") -> Begun:
        """Begin a login that ends at `return_to`, in a language for the provider's pages. Raises `Unavailable` if the provider is away."""
        metadata = self.provider.metadata()
        state, nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        url = prepare_grant_uri(
            metadata.authorization,
            client_id=self.settings.client,
            response_type="code",
            redirect_uri=self.settings.callback,
            scope=self.settings.scopes,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            **({"ui_locales": language} if language else {}),
        )
        kept = {
            "for": _PURPOSE,
            "until": (self._now() + LASTS).timestamp(),
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "to": own_path(return_to),
        }
        return Begun(url, self._seal.encrypt(json.dumps(kept)))

    def finish(self, query: Mapping[str, str], cookie: str) -> Claims:
        """Who signed in, from the address that the provider sent them back to (`query`) and the cookie that `begin` gave.

        Raises `SignInRefused` for anything that isn't right, and `Unavailable` if the provider is away. Take the cookie away after either.
        """
        kept = self._kept(cookie)
        if not hmac.compare_digest(query.get("state", "").encode(), kept["state"].encode()):
            raise refused("the state isn't that of the login that this browser began")
        metadata = self.provider.metadata()
        named = query.get("iss", "")
        if (metadata.names_issuer or named) and named != metadata.issuer:
            raise refused("the answer doesn't name the provider as its issuer")
        if error := query.get("error", ""):
            raise _declined(error)
        code = query.get("code", "")
        if not 0 < len(code) <= _LONGEST_CODE:
            raise refused("the answer holds no code")
        answer = self.provider.redeem(code, kept["verifier"], self.settings.callback, self.settings.client, self._secret())
        claims = self._checked(answer, kept["nonce"])
        return Claims(metadata.issuer, claims["sub"], self._completed(claims, answer.access_token), own_path(kept["to"]))

    def end_session_url(self, after: str) -> str:
        """Where one signs out of the provider too, and is sent on to the full address `after`; "" if it has no such place, or is away."""
        try:
            end = self.provider.metadata().end_session
        except Unavailable:
            return ""
        return str(add_params_to_uri(end, {"client_id": self.settings.client, "post_logout_redirect_uri": after})) if end else ""

    def _kept(self, cookie: str) -> dict[str, str]:
        """What the cookie remembers. Raises `SignInRefused` if it is missing, changed, too old, or not of a login."""
        try:
            kept = json.loads(self._seal.decrypt(cookie)) if cookie else None
        except (IdmError, ValueError):
            kept = None
        if not isinstance(kept, dict) or kept.get("for") != _PURPOSE or kept["until"] < self._now().timestamp():
            raise SignInRefused(
                Why.LATE,
                "This sign-in wasn't begun in this browser, or it took more than ten minutes.",
                next_step="Begin again; if that doesn't help, allow cookies for this address.",
            )
        return {name: str(value) for name, value in kept.items()}

    def _checked(self, answer: Redeemed, nonce: str) -> dict[str, Any]:
        """The claims of the ID token, by the keys that are known, or by newer ones if none of those signed it."""
        expected = Expected(self.settings.issuer, self.settings.client, nonce, self._now())
        try:
            return read_id_token(answer.id_token, self.provider.keys(), expected, answer.access_token)
        except UnknownKey:
            pass
        try:
            return read_id_token(answer.id_token, self.provider.keys(newest=True), expected, answer.access_token)
        except UnknownKey:
            raise refused("none of the provider's keys signed the ID token") from None

    def _completed(self, claims: dict[str, Any], access_token: str) -> Mapping[str, Any]:
        """The claims, with those that the ID token lacks from the UserInfo endpoint, which must speak of the same subject."""
        missing = [name for name in (self.settings.rule.claim, *self.settings.rule.wanted) if name not in claims]
        if not missing:
            return claims
        told = self.provider.userinfo(access_token)
        if told and told.get("sub") != claims["sub"]:
            raise refused("the UserInfo endpoint speaks of somebody else")
        return {**claims, **{name: told[name] for name in missing if name in told}}

    def _secret(self) -> str:
        return read_secret(self.settings.secret_file)


def read_secret(path: Path) -> str:
    """The client's secret. Raises `Unavailable` if the file is missing, unreadable, empty or open to others; never tells the secret."""
    make = "Put the secret that the provider gave idm into it, alone, and `chmod 600` it."
    try:
        if path.stat().st_mode & 0o077:
            raise Unavailable(f"Others may read or write {path}, which holds the secret of the sign-in.", next_step=f"chmod 600 {path}")
        secret = path.read_text("utf-8").strip()
    except OSError as error:
        raise Unavailable(f"{path}, the secret of the sign-in, can't be read: {error.strerror}.", next_step=make) from None
    except UnicodeDecodeError:
        secret = ""
    if not secret:
        raise Unavailable(f"{path} holds no secret.", next_step=make)
    return secret


def own_path(asked: str) -> str:
    """`asked` if it is a path of ours that one may be sent to after signing in, else the front page.

    Browsers take `//host`, `/\\host` and what hides behind control characters for other sites; a login page would lead in circles.
    """
    plain = asked.startswith("/") and not asked.startswith("//") and "\\" not in asked and asked.isascii() and asked.isprintable()
    if not plain or " " in asked or len(asked) > _LONGEST_RETURN:
        return "/"
    return "/" if asked.partition("?")[0].startswith(("/login", "/logout")) else asked


def _declined(error: str) -> IdmError:
    """What an error in the answer means (RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6)."""
    if error in ("temporarily_unavailable", "server_error"):
        return Unavailable("The sign-in service has trouble of its own.", next_step="Try again in a few minutes.")
    if error == "access_denied":
        said = "The sign-in was broken off, or you may not use idm by what the sign-in service says."
        return SignInRefused(Why.DECLINED, said, next_step="Try again.")
    return refused("the provider answered with an error")
