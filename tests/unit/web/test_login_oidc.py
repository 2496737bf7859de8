"""Signing in at a provider over real HTTP: what comes of a sound login, and that no answer counts that belongs to none."""

from __future__ import annotations

import base64
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey, RSAKey

from idm.errors import IdmError, Unavailable
from idm.flow.signing_in import ClaimRule, Match
from idm.vault_keys import KeyRing
from idm.web.login_oidc import Begun, own_path
from tests.support.openid import CLIENT, SUBJECT, OpenIdProvider, ec_key, rsa_key
from tests.support.openid_login import Here

# What a sound login is -------------------------------------------------------------------------------------------


def test_a_login_gives_the_claims_and_leads_back_to_the_page_that_was_asked_for(here: Here, provider: OpenIdProvider) -> None:
    provider.claims = {"preferred_username": "dodahl"}
    begun = here.login.begin("/cases/c-1?tab=papers", language="da")
    asked = parse_qs(urlsplit(begun.url).query)
    assert asked["ui_locales"] == ["da"]
    assert asked["code_challenge_method"] == ["S256"]
    claims = here.login.finish(provider.approve(begun.url), begun.cookie)
    assert (claims.issuer, claims.subject, claims.return_to) == (provider.issuer, SUBJECT, "/cases/c-1?tab=papers")
    assert claims.values["preferred_username"] == "dodahl"
    assert "dodahl" not in repr(claims) and SUBJECT not in repr(claims)


@pytest.mark.parametrize(("key", "alg"), [(rsa_key("other"), "RS256"), (rsa_key("other"), "PS256"), (ec_key("elliptic"), "ES256")])
def test_the_three_kinds_of_signature_are_taken(here: Here, provider: OpenIdProvider, key: RSAKey | ECKey, alg: str) -> None:
    provider.use(key, alg)
    begun = here.login.begin("/")
    assert here.login.finish(provider.approve(begun.url), begun.cookie).subject == SUBJECT


def test_no_two_logins_are_alike_and_the_cookie_tells_nothing(here: Here) -> None:
    first, second = here.login.begin("/"), here.login.begin("/")
    asked = [parse_qs(urlsplit(begun.url).query) for begun in (first, second)]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
    assert asked[0]["state"][0] not in first.cookie
    assert asked[0]["nonce"][0] not in base64.urlsafe_b64decode(first.cookie).decode(errors="ignore")


def test_the_discovery_document_and_the_keys_are_read_once(here: Here, provider: OpenIdProvider) -> None:
    for _ in range(2):
        begun = here.login.begin("/")
        here.login.finish(provider.approve(begun.url), begun.cookie)
    assert provider.asked.count("/realm/.well-known/openid-configuration") == 1
    assert provider.asked.count("/realm/keys") == 1


def test_a_key_that_is_new_at_the_provider_is_fetched(here: Here, provider: OpenIdProvider) -> None:
    begun = here.login.begin("/")
    here.login.finish(provider.approve(begun.url), begun.cookie)
    provider.use(rsa_key("second"))
    begun = here.login.begin("/")
    assert here.login.finish(provider.approve(begun.url), begun.cookie).subject == SUBJECT
    assert provider.asked.count("/realm/keys") == 2


def test_a_key_that_changed_under_the_same_id_is_fetched(here: Here, provider: OpenIdProvider) -> None:
    begun = here.login.begin("/")
    here.login.finish(provider.approve(begun.url), begun.cookie)
    provider.use(RSAKey.generate_key(2048, {"kid": "first"}))
    begun = here.login.begin("/")
    assert here.login.finish(provider.approve(begun.url), begun.cookie).subject == SUBJECT


def test_keys_that_we_cannot_use_are_left_out(here: Here, provider: OpenIdProvider) -> None:
    odd = [
        {"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "a"},
        {"kty": "RSA", "n": 5, "kid": "b"},
        {"kty": "new", "kid": "c"},
        "no key",
    ]
    provider.listed = [*odd, *provider.listed]
    begun = here.login.begin("/")
    assert here.login.finish(provider.approve(begun.url), begun.cookie).subject == SUBJECT


@pytest.mark.parametrize("offset", [-50, 50])
def test_clocks_may_differ_by_less_than_a_minute(here: Here, provider: OpenIdProvider, offset: int) -> None:
    now = int(time.time())
    provider.claims = {"iat": now + offset, "nbf": now + offset, "exp": now + offset + 5}
    begun = here.login.begin("/")
    assert here.login.finish(provider.approve(begun.url), begun.cookie).subject == SUBJECT


def test_several_audiences_are_taken_if_the_token_was_made_for_us(here: Here, provider: OpenIdProvider) -> None:
    provider.claims = {"aud": ["another", CLIENT], "azp": CLIENT}
    begun = here.login.begin("/")
    assert here.login.finish(provider.approve(begun.url), begun.cookie).subject == SUBJECT


def test_a_provider_that_wants_the_secret_in_the_body_gets_it_there(here: Here, provider: OpenIdProvider) -> None:
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    begun = here.login.begin("/")
    assert here.login.finish(provider.approve(begun.url), begun.cookie).subject == SUBJECT


# What the ID token lacks -----------------------------------------------------------------------------------------


def test_a_claim_that_the_id_token_lacks_is_asked_of_userinfo(here: Here, provider: OpenIdProvider) -> None:
    provider.userinfo = {"sub": SUBJECT, "email": "a@example.org", "email_verified": True, "phone": "1"}
    login = here.made(ClaimRule("email", Match.EMAIL))
    begun = login.begin("/")
    values = login.finish(provider.approve(begun.url), begun.cookie).values
    assert (values["email"], values["email_verified"]) == ("a@example.org", True)
    assert "phone" not in values


def test_userinfo_of_somebody_else_is_refused(here: Here, provider: OpenIdProvider) -> None:
    provider.userinfo = {"sub": "somebody else", "email": "a@example.org"}
    here.login = here.made(ClaimRule("email", Match.EMAIL))
    here.refused()


# Answers that belong to no login ---------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["", "another", None])
def test_another_state_is_refused_and_the_code_is_not_redeemed(here: Here, provider: OpenIdProvider, state: str | None) -> None:
    begun = here.login.begin("/")
    query = provider.approve(begun.url)
    query = {name: value for name, value in {**query, "state": state}.items() if value is not None}
    here.refused(begun, query)
    assert "/realm/token" not in provider.asked


def test_one_browsers_answer_is_refused_in_another(here: Here, provider: OpenIdProvider) -> None:
    mine, theirs = here.login.begin("/"), here.login.begin("/")
    here.refused(theirs, provider.approve(mine.url))


def test_a_code_put_into_another_login_is_refused(here: Here, provider: OpenIdProvider) -> None:
    mine, theirs = here.login.begin("/"), here.login.begin("/")
    query = {**provider.approve(mine.url), "code": provider.approve(theirs.url)["code"]}
    here.refused(mine, query)


def test_an_answer_counts_once(here: Here, provider: OpenIdProvider, caplog: pytest.LogCaptureFixture) -> None:
    begun = here.login.begin("/")
    query = provider.approve(begun.url)
    here.login.finish(query, begun.cookie)
    here.refused(begun, query)
    assert "invalid_grant" in caplog.text and "somebody's name" not in caplog.text


def test_a_login_is_over_after_ten_minutes(here: Here, provider: OpenIdProvider) -> None:
    begun = here.login.begin("/")
    query = provider.approve(begun.url)
    here.clock.ahead = timedelta(minutes=10, seconds=1)
    assert "ten minutes" in here.refused(begun, query).message


@pytest.mark.parametrize("change", ["", "x", "changed", "other keys", "other purpose", "a number"])
def test_a_cookie_that_we_did_not_make_is_refused(here: Here, provider: OpenIdProvider, tmp_path: Path, change: str) -> None:
    begun = here.login.begin("/")
    query = provider.approve(begun.url)
    cookies = {
        "changed": begun.cookie[:-6] + "AAAAA=",
        "other keys": KeyRing.create(tmp_path / "others").encrypt(here.keys.decrypt(begun.cookie)),
        "other purpose": here.keys.encrypt(here.keys.decrypt(begun.cookie).replace('"login"', '"other"')),
        "a number": here.keys.encrypt("0101011234"),
    }
    refusal = here.refused(Begun(begun.url, cookies.get(change, change)), query)
    assert "0101011234" not in str(refusal)
    assert "/realm/token" not in provider.asked


@pytest.mark.parametrize("error", ["access_denied", "login_required", "<script>"])
def test_an_error_of_the_provider_is_told_without_its_words(here: Here, provider: OpenIdProvider, error: str) -> None:
    begun = here.login.begin("/")
    state = provider.approve(begun.url)["state"]
    refusal = here.refused(begun, {"error": error, "error_description": "Bjarne", "state": state})
    assert "Bjarne" not in str(refusal.as_json()) and error not in str(refusal.as_json())


def test_trouble_of_the_provider_is_told_as_such(here: Here, provider: OpenIdProvider) -> None:
    begun = here.login.begin("/")
    state = provider.approve(begun.url)["state"]
    with pytest.raises(Unavailable, match="trouble of its own"):
        here.login.finish({"error": "temporarily_unavailable", "state": state}, begun.cookie)


def test_the_answer_must_name_its_issuer_where_the_provider_says_that_it_does(here: Here, provider: OpenIdProvider) -> None:
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    begun = here.login.begin("/")
    here.refused(begun)
    begun = here.login.begin("/")
    assert here.login.finish({**provider.approve(begun.url), "iss": provider.issuer}, begun.cookie).subject == SUBJECT


def test_an_answer_of_another_issuer_is_refused(here: Here, provider: OpenIdProvider) -> None:
    begun = here.login.begin("/")
    here.refused(begun, {**provider.approve(begun.url), "iss": "https://login.example.net"})
    assert "/realm/token" not in provider.asked


@pytest.mark.parametrize("code", ["", "c" * 5000])
def test_an_answer_without_a_code_is_refused(here: Here, provider: OpenIdProvider, code: str) -> None:
    begun = here.login.begin("/")
    here.refused(begun, {**provider.approve(begun.url), "code": code})
    assert "/realm/token" not in provider.asked


# Where one goes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/tasks", "/cases/c-1?tab=papers&x=1", "/logistics-are-login-free"])
def test_paths_of_ours_are_returned_to(path: str) -> None:
    assert own_path(path) == ("/" if path.startswith("/login") else path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tasks",
        "//login.example.net",
        "/\\login.example.net",
        "\\\\login.example.net",
        "https://login.example.net",
        "javascript:alert(1)",
        "/\t/login.example.net",
        "/\n",
        "/a\r\nset-cookie: x",
        " /tasks",
        "/a b",
        "/å",
        "/login",
        "/login/callback?code=x",
        "/logout",
        "/" + "a" * 1000,
    ],
)
def test_no_other_place_is_returned_to(path: str) -> None:
    assert own_path(path) == "/"


def test_a_return_to_another_site_is_dropped_when_the_login_begins(here: Here, provider: OpenIdProvider) -> None:
    begun = here.login.begin("//login.example.net/tasks")
    assert here.login.finish(provider.approve(begun.url), begun.cookie).return_to == "/"


def test_signing_out_at_the_provider_leads_back(here: Here, provider: OpenIdProvider) -> None:
    address = here.login.end_session_url("https://idm.example.org/logged-out")
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{provider.issuer}/leave?")
    assert asked == {"from": ["here"], "client_id": [CLIENT], "post_logout_redirect_uri": ["https://idm.example.org/logged-out"]}


@pytest.mark.parametrize("away", [True, False])
def test_a_provider_without_a_way_out_has_none(here: Here, provider: OpenIdProvider, away: bool) -> None:
    provider.metadata = {"end_session_endpoint": None}
    if away:
        provider.close()
    assert here.login.end_session_url("https://idm.example.org/") == ""


def test_a_refusal_is_an_error_that_pages_can_show(here: Here, provider: OpenIdProvider) -> None:
    refusal: IdmError = here.refused(query={"state": "x"})
    assert refusal.as_json()["error"]["code"] == "not-allowed"
    assert refusal.next_step
