"""A provider that isn't there, or isn't right: nobody is signed in, and it is told whose trouble it is."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from idm.errors import Unavailable
from idm.flow.signing_in import ClaimRule, Match
from idm.web import login_provider
from idm.web.login_oidc import OpenIdLogin, OpenIdSettings
from tests.support.openid import CALLBACK, CLIENT, OpenIdProvider
from tests.support.openid_login import Here


def test_a_provider_that_is_away_is_told_as_such(here: Here, provider: OpenIdProvider) -> None:
    provider.close()
    with pytest.raises(Unavailable, match="doesn't answer as it should"):
        here.login.begin("/")


def test_a_provider_that_goes_away_in_between_is_told_as_such(here: Here, provider: OpenIdProvider) -> None:
    begun = here.login.begin("/")
    query = provider.approve(begun.url)
    provider.close()
    with pytest.raises(Unavailable):
        here.login.finish(query, begun.cookie)


ODD_ANSWERS = {
    "an error": (500, b"{}"),
    "a redirect": (302, b"{}"),
    "no JSON": (200, b"<html>"),
    "a list": (200, b"[]"),
    "too deep": (200, b"[" * 100_000),
    "too long": (200, b" " * (login_provider.LONGEST_ANSWER + 1) + b"{}"),
}


@pytest.mark.parametrize("path", ["/realm/.well-known/openid-configuration", "/realm/keys", "/realm/token"])
@pytest.mark.parametrize("answer", ODD_ANSWERS.values(), ids=ODD_ANSWERS)
def test_an_odd_answer_makes_the_provider_unavailable(here: Here, provider: OpenIdProvider, path: str, answer: tuple[int, bytes]) -> None:
    begun = here.login.begin("/")
    query = provider.approve(begun.url)
    provider.answers = {path: answer}
    here.login = here.made()
    with pytest.raises(Unavailable):
        here.login.finish(query, begun.cookie)


def test_a_compressed_answer_is_not_unpacked(here: Here, provider: OpenIdProvider) -> None:
    sound = httpx2.get(f"{provider.issuer}/.well-known/openid-configuration", trust_env=False).content
    provider.compressed = True
    provider.answers = {"/realm/.well-known/openid-configuration": (200, gzip.compress(sound))}
    with pytest.raises(Unavailable):
        here.login.begin("/")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"issuer": "https://login.example.net"}, "names its issuer"),
        ({"issuer": None}, "names its issuer not at all"),
        ({"jwks_uri": None}, "no jwks_uri"),
        ({"token_endpoint": "http://login.example.net/token"}, "must begin with https://"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "must begin with https://"),
        ({"end_session_endpoint": "http://login.example.net/leave"}, "must begin with https://"),
        ({"response_types_supported": ["id_token"]}, "response_types_supported"),
        ({"id_token_signing_alg_values_supported": ["HS256", "none"]}, "id_token_signing_alg_values_supported"),
        ({"code_challenge_methods_supported": ["plain"]}, "code_challenge_methods_supported"),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, "token_endpoint_auth_methods_supported"),
    ],
)
def test_a_discovery_document_that_does_not_fit_is_refused(here: Here, provider: OpenIdProvider, said: dict[str, Any], told: str) -> None:
    provider.metadata = said
    with pytest.raises(Unavailable, match=told):
        here.login.begin("/")


@pytest.mark.parametrize(
    "issuer", ["http://login.example.net", "ftp://127.0.0.1", "login.example.net", "https://", "https://[", "https://me@login.example.net"]
)
def test_only_https_or_this_machine_is_trusted_as_an_issuer(here: Here, issuer: str) -> None:
    with pytest.raises(Unavailable, match="must begin with https://"):
        OpenIdLogin(OpenIdSettings(issuer, CLIENT, here.secret, CALLBACK, ClaimRule("sub", Match.ID)), here.keys, here.clock)


def test_a_wrong_secret_is_told_as_our_own_trouble(here: Here, provider: OpenIdProvider) -> None:
    here.secret.write_text("another secret")
    begun = here.login.begin("/")
    with pytest.raises(Unavailable, match="doesn't take idm's own credential") as found:
        here.login.finish(provider.approve(begun.url), begun.cookie)
    assert "another secret" not in str(found.value.as_json())


def _removed(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_removed, "can't be read"),
        (lambda path: path.write_text(" \n"), "holds no secret"),
        (lambda path: path.write_bytes(b"\xff"), "holds no secret"),
        (lambda path: path.chmod(0o640), "Others may read"),
    ],
)
def test_a_secret_that_is_missing_or_open_to_others_is_not_used(
    here: Here, provider: OpenIdProvider, change: Callable[[Path], Any], told: str
) -> None:
    change(here.secret)
    begun = here.login.begin("/")
    with pytest.raises(Unavailable, match=told):
        here.login.finish(provider.approve(begun.url), begun.cookie)
    assert "/realm/token" not in provider.asked
