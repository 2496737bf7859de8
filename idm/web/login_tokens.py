"""ID tokens: whether one was signed by the provider, for us, now, in answer to the very login that was begun.

Sources: OpenID Connect Core 1.0, 3.1.3.7 (validation); RFC 8725 (JWT best practice: algorithms are the receiver's choice, not the token's).
"""

from __future__ import annotations

import base64
import binascii
import enum
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey
from joserfc.jws import JWSRegistry

from idm.errors import NotAllowed

log = logging.getLogger("idm.web.login")

ALGORITHMS = ("RS256", "ES256", "PS256")
"""The signatures that are taken. Never `none`, and never one with a shared secret: a public key would pass for that secret."""

LEEWAY = 60
"""Seconds by which the provider's clock may differ from ours."""

LEAST_RSA_BITS = 2048
"""RSA keys that are shorter are taken for none (NIST SP 800-131A)."""

_LONGEST_SUBJECT = 255


class Why(enum.StrEnum):
    """Why a sign-in was refused, as far as whoever tried is told: what came can't be trusted; the login was begun elsewhere or too long
    ago; the provider says no, or they broke it off.
    """

    UNTRUSTED = "untrusted"
    LATE = "late"
    DECLINED = "declined"


class SignInRefused(NotAllowed):
    """The sign-in failed."""

    def __init__(self, why: Why, message: str, *, next_step: str = "") -> None:
        """`message` in words, as any error's."""
        self.why = why
        super().__init__(message, next_step=next_step)


class UnknownKey(Exception):
    """None of the given keys made that signature; the provider may have newer ones."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an ID token must say: who issued it, for whom, in answer to which login, and at what time it is read."""

    issuer: str
    client: str
    nonce: str
    at: datetime


def read_id_token(token: object, keys: Mapping[str, Any], expected: Expected, access_token: str = "") -> dict[str, Any]:
    """The claims of a sound ID token. `keys` is the provider's key set; `access_token` what came with it, "" for none.

    Raises `UnknownKey` if another key signed it, and `SignInRefused` for anything else that is wrong. Neither tells a claim's value.
    """
    if not isinstance(token, str) or not token.isascii() or token.count(".") != 2:
        raise refused("the answer holds no signed ID token")
    try:
        read = jwt.decode(token, KeySet(list(_usable(keys))), registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False))
    except (InvalidKeyIdError, BadSignatureError) as error:
        raise UnknownKey from error
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise refused(f"the ID token can't be read ({_kind(error)})") from None
    given = {"nonce": expected.nonce, "client_id": expected.client, "access_token": access_token}
    claims = CodeIDToken(
        read.claims,
        read.header,
        {"iss": {"essential": True, "value": expected.issuer}, "aud": {"essential": True, "value": expected.client}},
        given,
    )
    try:
        claims.validate(now=int(expected.at.timestamp()), leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise refused(f"the ID token isn't for this login ({_kind(error)})") from None
    if not 0 < len(read.claims["sub"]) <= _LONGEST_SUBJECT:
        raise refused("the ID token names nobody")
    return dict(read.claims)


def refused(reason: str) -> SignInRefused:
    """The refusal for `reason`, which is for the log alone: whoever tries is told no more than that it failed."""
    log.warning("a sign-in was refused: %s", reason)
    return SignInRefused(
        Why.UNTRUSTED,
        "The sign-in service's answer couldn't be trusted, so you weren't signed in.",
        next_step="Try again. If it goes on, tell whoever looks after idm: the reason is in its log.",
    )


def _usable(keys: Mapping[str, Any]) -> Iterator[RSAKey | ECKey]:
    """The public keys that can make a signature that we take; one that is malformed, too short or of another kind is left out."""
    listed = keys.get("keys")
    for each in listed if isinstance(listed, list) else ():
        if not isinstance(each, dict) or each.get("use", "sig") != "sig":
            continue
        try:
            if each.get("kty") == "RSA" and _bits(each.get("n")) >= LEAST_RSA_BITS:
                yield RSAKey.import_key(each)
            elif each.get("kty") == "EC":
                yield ECKey.import_key(each)
        except (JoseError, ValueError, TypeError, KeyError):
            log.warning("the sign-in service lists a key that can't be read; it is left out")


def _bits(modulus: object) -> int:
    try:
        return int.from_bytes(base64.urlsafe_b64decode(f"{modulus}==")).bit_length()
    except (binascii.Error, ValueError):
        return 0


def _kind(error: Exception) -> str:
    """What is wrong, by the error's kind and the claim it is about: its text may hold what the token says."""
    claim = getattr(error, "claim", "")
    about = f": {claim}" if isinstance(claim, str) and claim.isidentifier() and len(claim) < 20 else ""
    return f"{type(error).__name__}{about}"
