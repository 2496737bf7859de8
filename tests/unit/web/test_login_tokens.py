"""ID tokens over real HTTP: which are taken, and that nothing else passes for one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.errors import SecurityWarning

from tests.support.openid import CLIENT, SECRET, SUBJECT, OpenIdProvider, rsa_key, signed
from tests.support.openid_login import Here


@dataclass(frozen=True)
class Seconds:
    """So many seconds from the moment of the test on: it may run long after it was read."""

    ahead: int


def _told(value: Any) -> Any:
    return int(time.time()) + value.ahead if isinstance(value, Seconds) else value


WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://login.example.net"},
    "the issuer with a slash more": {"iss": "SLASH"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "another"},
    "an empty audience": {"aud": ""},
    "no audience in a list": {"aud": []},
    "a list of other audiences": {"aud": ["another", "third"]},
    "an audience that begins like us": {"aud": f"{CLIENT}-test"},
    "no audience": {"aud": None},
    "an audience that is no text": {"aud": {CLIENT: CLIENT}},
    "several audiences, made for another": {"aud": [CLIENT, "another"], "azp": "another"},
    "several audiences, made for nobody": {"aud": [CLIENT, "another"]},
    "made for another": {"azp": "another"},
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "an empty nonce": {"nonce": ""},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is a number": {"sub": 7},
    "a subject too long": {"sub": "s" * 256},
    "expired": {"exp": Seconds(-90)},
    "no expiry": {"exp": None},
    "an expiry in words": {"exp": "tomorrow"},
    "issued in the future": {"iat": Seconds(90)},
    "no time of issue": {"iat": None},
    "not yet valid": {"nbf": Seconds(90)},
    "another access token's hash": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_an_id_token_with_wrong_claims_is_refused(
    here: Here, provider: OpenIdProvider, claims: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    provider.claims = {name: f"{provider.issuer}/" if value == "SLASH" else _told(value) for name, value in claims.items()}
    caplog.set_level(logging.DEBUG, "idm")
    here.refused()
    assert "a sign-in was refused: the ID token" in caplog.text
    assert SUBJECT not in caplog.text


def _crafted(header: dict[str, Any], claims: object, mac: Callable[[bytes], bytes]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signing = b".".join(parts)
    return (signing + b"." + base64.urlsafe_b64encode(mac(signing)).rstrip(b"=")).decode()


def _hs256(key: bytes) -> Callable[[dict[str, Any]], str]:
    return lambda claims: _crafted({"alg": "HS256", "kid": "first"}, claims, lambda text: hmac.new(key, text, hashlib.sha256).digest())


def _rs256(text: bytes) -> bytes:
    key = rsa_key("first").private_key
    assert key is not None
    return key.sign(text, PKCS1v15(), SHA256())


def test_what_is_crafted_here_would_be_taken_if_it_were_sound(here: Here, provider: OpenIdProvider) -> None:
    provider.sign = lambda claims: _crafted({"alg": "RS256", "kid": "first"}, claims, _rs256)
    begun = here.login.begin("/")
    assert here.login.finish(provider.approve(begun.url), begun.cookie).subject == SUBJECT


def _tampered(claims: dict[str, Any]) -> str:
    """Signed for one, then changed into another."""
    header, payload, mac = signed(rsa_key("first"))({**claims, "sub": "an administrator"}).split(".")
    other = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    assert other != payload
    return f"{header}.{other}.{mac}"


_PUBLIC = rsa_key("first").public_key
WRONG_TOKENS: dict[str, Callable[[dict[str, Any]], str]] = {
    "signed by nobody": lambda claims: _crafted({"alg": "none", "kid": "first"}, claims, lambda _: b""),
    "signed by nobody, in capitals": lambda claims: _crafted({"alg": "NONE"}, claims, lambda _: b""),
    "the public key as a shared secret": _hs256(_PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
    "the public key as a shared secret, binary": _hs256(_PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
    "the client's secret": _hs256(SECRET.encode()),
    "an algorithm that isn't allowed": signed(rsa_key("first"), "RS512"),
    "a key that isn't listed": signed(rsa_key("unlisted")),
    "a key that isn't listed, under a listed name": signed(rsa_key("unlisted"), kid="first"),
    "a key that comes with the token": signed(rsa_key("unlisted"), jwk=rsa_key("unlisted").as_dict(private=False)),
    "changed after it was signed": _tampered,
    "its signature cut off": lambda claims: signed(rsa_key("first"))(claims).rpartition(".")[0] + ".",
    "a header that must be understood": lambda claims: _crafted(
        {"alg": "RS256", "kid": "first", "crit": ["exp"], "exp": 1}, claims, _rs256
    ),
    "two parts": lambda claims: signed(rsa_key("first"))(claims).rpartition(".")[0],
    "five parts": lambda claims: "a.b.c.d.e",
    "no token": lambda claims: "",
    "not a word": lambda claims: "å.b.c",
    "too long": lambda claims: signed(rsa_key("first"))({**claims, "more": "m" * 200_000}),
    "a list": lambda claims: _crafted({"alg": "RS256"}, [claims], lambda _: b"x"),
}


@pytest.mark.parametrize("sign", WRONG_TOKENS.values(), ids=WRONG_TOKENS)
def test_an_id_token_with_a_wrong_signature_is_refused(here: Here, provider: OpenIdProvider, sign: Callable[[dict[str, Any]], str]) -> None:
    provider.sign = sign
    here.refused()


def test_a_token_signed_with_a_key_too_short_is_refused(here: Here, provider: OpenIdProvider) -> None:
    with pytest.warns(SecurityWarning):
        key = rsa_key("short", 1024)
    provider.use(key)
    here.refused()


@pytest.mark.parametrize("kid", ["first", None])
def test_a_key_for_encryption_signs_nothing(here: Here, provider: OpenIdProvider, kid: str | None) -> None:
    provider.sign = signed(rsa_key("first"), kid=kid)
    provider.listed = [{**provider.key.as_dict(private=False), "use": "enc"}]
    here.refused()


@pytest.mark.parametrize("listed", [[], None, "none", {}])
def test_without_keys_nobody_is_signed_in(here: Here, provider: OpenIdProvider, listed: Any) -> None:
    provider.listed = listed
    here.refused()


def test_without_a_kid_one_key_is_tried_and_of_several_none(here: Here, provider: OpenIdProvider) -> None:
    provider.sign = signed(rsa_key("first"), kid=None)
    begun = here.login.begin("/")
    assert here.login.finish(provider.approve(begun.url), begun.cookie).subject == SUBJECT
    provider.listed = [*provider.listed, rsa_key("second").as_dict(private=False)]
    here.login = here.made()
    here.refused()
