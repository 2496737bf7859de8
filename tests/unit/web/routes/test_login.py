"""The pages to sign in and out at: what each offers, who gets a session, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.testclient import TestClient

from idm.flow.access import take_access
from idm.flow.sessions import session_of, sessions_of
from idm.flow.signing_in import STREAM, ClaimRule, Match
from idm.web.login_oidc import COOKIE, OpenIdLogin, OpenIdSettings
from idm.web.portal import SESSION_COOKIE
from tests import data
from tests.support.openid import CALLBACK, CLIENT, OpenIdProvider
from tests.support.openid_login import Here
from tests.support.portal import BASE, Page, Portal, Visitor
from tests.support.world import World


@pytest.fixture
def with_provider(world: World, provider: OpenIdProvider, here: Here) -> Callable[..., Portal]:
    """The portal where staff sign in at the provider; as in production, unless told otherwise."""
    world.import_municipality()

    def make(rule: ClaimRule | None = None, **options: Any) -> Portal:
        settings = OpenIdSettings(provider.issuer, CLIENT, here.secret, CALLBACK, rule or ClaimRule("employee", Match.ID))
        login = OpenIdLogin(settings, world.keys, world.clock.machine)
        return Portal(world, **{"playful": False, "openid": login, **options})

    return make


def _at_provider(visitor: Visitor, provider: OpenIdProvider, back: str = "") -> Page:
    """Go to the provider, sign in there, and come back."""
    sent = visitor.get(f"/login/oidc?back={back}", follow=False)
    assert sent.status == 303
    query = provider.approve(sent.headers["location"])
    return visitor.get(f"/login/callback?{'&'.join(f'{name}={value}' for name, value in query.items())}", follow=False)


def _cookie(visitor: Visitor, name: str = SESSION_COOKIE) -> str:
    return next((cookie.value or "" for cookie in visitor.client.cookies.jar if cookie.name == name), "")


# At the provider -------------------------------------------------------------------------------------------------


def test_whoever_signs_in_at_the_provider_comes_to_the_page_they_asked_for(
    with_provider: Callable[..., Portal], provider: OpenIdProvider, world: World
) -> None:
    portal = with_provider()
    visitor = portal.visitor()
    page = visitor.get("/login?back=/tasks")
    assert "/login/oidc?back=/tasks" in page.links
    assert not any("choose" in link for link in page.links)
    provider.claims = {"employee": data.HEAD_NORTH}
    answer = _at_provider(visitor, provider, "/tasks")
    assert (answer.status, answer.headers["location"]) == (303, "/tasks")
    session = session_of(world.app, _cookie(visitor))
    assert session is not None and (session.person, session.kind.value) == (data.HEAD_NORTH, "staff")
    assert _cookie(visitor, COOKIE) == ""
    audited = world.store.audit(f"sessions/{data.HEAD_NORTH}")
    assert '"how":"openid"' in (audited[-1].payload or "")


def test_the_cookies_of_a_login_are_sealed_from_scripts_and_other_sites(
    with_provider: Callable[..., Portal], provider: OpenIdProvider
) -> None:
    visitor = with_provider().visitor()
    provider.claims = {"employee": data.PAY}
    sent = visitor.client.get("/login/oidc", follow_redirects=False)
    back = provider.approve(sent.headers["location"])
    answer = visitor.client.get("/login/callback", params=back, follow_redirects=False)
    for cookie in [*sent.headers.get_list("set-cookie"), *answer.headers.get_list("set-cookie")]:
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    assert "no-store" in answer.headers["cache-control"]


def test_signing_in_replaces_the_session_that_was_there(
    with_provider: Callable[..., Portal], provider: OpenIdProvider, world: World
) -> None:
    portal = with_provider()
    visitor = portal.visitor(data.IT)
    before = _cookie(visitor)
    visitor.client.cookies.set(SESSION_COOKIE, before, domain="localhost.local")
    provider.claims = {"employee": data.PAY}
    _at_provider(visitor, provider)
    assert session_of(world.app, before) is None
    assert [session.person for session in sessions_of(world.app)] == [data.PAY]


def test_whom_nobody_knows_is_told_so_and_it_is_on_record(
    with_provider: Callable[..., Portal], provider: OpenIdProvider, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = with_provider().visitor()
    provider.claims = {"employee": "stranger-77"}
    answer = _at_provider(visitor, provider)
    assert answer.status == 403
    assert "nobody in idm goes by what it says of you" in answer.text
    entry = world.store.audit(STREAM)[-1]
    assert entry.action == "sign-in-refused" and "nobody" in (entry.payload or "")
    assert "stranger-77" not in (entry.payload or "") and "stranger-77" not in answer.html
    assert "stranger-77" not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("idm"))
    assert _cookie(visitor) == ""


def test_who_has_no_access_is_not_signed_in(with_provider: Callable[..., Portal], provider: OpenIdProvider, world: World) -> None:
    visitor = with_provider().visitor()
    take_access(world.app, data.PAY, "long leave", "admin")
    provider.claims = {"employee": data.PAY}
    answer = _at_provider(visitor, provider)
    assert answer.status == 403 and "no access" in answer.text
    assert _cookie(visitor) == ""
    assert world.store.audit(f"sessions/{data.PAY}")[-1].action == "session-refused"


@pytest.mark.parametrize(("claims", "told"), [({"aud": []}, "trusted"), ({"nonce": "x"}, "trusted"), ({"iss": "https://x"}, "trusted")])
def test_a_token_that_is_wrong_signs_nobody_in(
    with_provider: Callable[..., Portal], provider: OpenIdProvider, world: World, claims: dict[str, Any], told: str
) -> None:
    visitor = with_provider().visitor()
    provider.claims = {"employee": data.PAY, **claims}
    answer = _at_provider(visitor, provider)
    assert answer.status == 403 and told in answer.text
    assert sessions_of(world.app) == []


def test_an_answer_without_a_login_signs_nobody_in(with_provider: Callable[..., Portal], provider: OpenIdProvider) -> None:
    portal = with_provider()
    mine, theirs = portal.visitor(), portal.visitor()
    sent = mine.get("/login/oidc", follow=False)
    query = provider.approve(sent.headers["location"])
    answer = theirs.get(f"/login/callback?code={query['code']}&state={query['state']}")
    assert answer.status == 403 and "once more" in answer.text
    assert "/realm/token" not in provider.asked


def test_broken_off_is_told_as_such(with_provider: Callable[..., Portal], provider: OpenIdProvider) -> None:
    visitor = with_provider().visitor()
    sent = visitor.get("/login/oidc", follow=False)
    state = dict(parse_qsl(urlsplit(sent.headers["location"]).query))["state"]
    answer = visitor.get(f"/login/callback?error=access_denied&state={state}")
    assert answer.status == 403 and "broken off" in answer.text


def test_a_provider_that_is_away_gives_a_page_that_says_so(
    with_provider: Callable[..., Portal], provider: OpenIdProvider, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = with_provider().visitor(language="da")
    provider.close()
    page = visitor.get("/login/oidc")
    assert page.status == 503
    assert "Ingen kan logge på lige nu" in page.text
    number = next(word.strip(".") for word in page.text.split() if word.startswith("x-"))
    assert number in caplog.text


def test_a_wrong_secret_is_told_to_the_log_alone(
    with_provider: Callable[..., Portal], provider: OpenIdProvider, here: Here, caplog: pytest.LogCaptureFixture
) -> None:
    here.secret.chmod(0o644)
    answer = _at_provider(with_provider().visitor(), provider)
    assert answer.status == 503
    assert "oidc-client-secret" in caplog.text and "oidc-client-secret" not in answer.html


def test_whoever_is_signed_in_is_led_on_and_never_to_another_site(with_provider: Callable[..., Portal]) -> None:
    visitor = with_provider().visitor(data.PAY)
    assert visitor.get("/login?back=/sessions", follow=False).headers["location"] == "/sessions"
    assert visitor.get("/login?back=//login.example.net", follow=False).headers["location"] == "/"


# By choosing -----------------------------------------------------------------------------------------------------


def test_in_a_trial_installation_one_chooses_who_to_be(portal: Portal) -> None:
    visitor = portal.visitor()
    page = visitor.get("/login?back=/sessions")
    assert "/login/choose?back=/sessions" in page.links
    page = visitor.get("/login/choose?back=/sessions")
    assert "Nanna Nord" in page.text and "manager: Nordskolen" in page.text and "pay contact" in page.text
    answer = visitor.send(page, "/login/be", button=("person", data.HEAD_NORTH))
    assert (answer.status, answer.url) == (200, "/sessions")
    assert '"how":"chosen"' in (portal.world.store.audit(f"sessions/{data.HEAD_NORTH}")[-1].payload or "")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("nanna", ["Nanna Nord"]),
        ("skoleleder syd", ["Søren Syd"]),
        ("SØREN", ["Søren Syd"]),
        ("pay contact", ["Pia Lønholm"]),
        ("manager nordskolen", ["Nanna Nord"]),
        ("manager: Nordskolen;", ["Nanna Nord"]),
        (":", ["Dorthe Dahl", "Nanna Nord", "Søren Syd", "Pia Lønholm", "Ivan Teknik", "Tove Tavle"]),
        (data.IT, ["Ivan Teknik"]),
        ("nobody at all", []),
    ],
)
def test_people_are_found_by_name_position_unit_and_role(portal: Portal, asked: str, found: list[str]) -> None:
    page = portal.visitor().get(f"/login/choose?q={asked}", hx_request="true")
    names = ("Dorthe Dahl", "Nanna Nord", "Søren Syd", "Pia Lønholm", "Ivan Teknik", "Tove Tavle")
    assert [name for name in names if f"Be {name}" in page.text] == found
    assert "<html" not in page.html


def test_nobody_chooses_in_production_or_where_others_look_in(world: World) -> None:
    world.import_municipality()
    for options in ({"playful": False}, {"local": False}, {"playful": False, "local": False}):
        visitor = Portal(world, **options).visitor()
        assert not any("choose" in link for link in visitor.get("/login").links)
        assert visitor.get("/login/choose").status == 404
        assert visitor.post("/login/be", {"person": data.PAY}).status == 404
    assert sessions_of(world.app) == []


@pytest.mark.parametrize("client", ["192.0.2.7", "testclient", "2001:db8::1"])
def test_nobody_chooses_from_another_machine(portal: Portal, client: str) -> None:
    """Also behind a server in front, which tells uvicorn where a request came from."""
    visitor = Visitor(TestClient(portal.asgi, base_url=BASE, client=(client, 50000)))
    assert visitor.get("/login/choose").status == 404
    assert visitor.post("/login/be", {"person": data.PAY}).status == 404


def test_nobody_chooses_by_a_foreign_page(portal: Portal) -> None:
    answer = portal.visitor().post("/login/be", {"person": data.PAY}, sec_fetch_site="cross-site")
    assert answer.status == 403
    assert sessions_of(portal.world.app) == []


@pytest.mark.parametrize("person", ["", "nobody"])
def test_nobody_can_be_who_is_not_there(portal: Portal, person: str) -> None:
    answer = portal.visitor().post("/login/be", {"person": person})
    assert answer.status == 403 and "no such person" in answer.text


def test_without_a_provider_production_says_that_nobody_can_sign_in_yet(world: World) -> None:
    visitor = Portal(world, playful=False).visitor()
    assert "set up" in visitor.get("/login").text
    assert visitor.get("/login/oidc").status == 404
    assert visitor.get("/login/callback?code=x&state=y").status == 404


# Out -------------------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session(portal: Portal) -> None:
    visitor = portal.visitor(data.PAY)
    token = _cookie(visitor)
    page = visitor.get("/sessions")
    answer = visitor.send(page, "/logout")
    assert "You are signed out" in answer.text
    assert session_of(portal.world.app, token) is None
    assert _cookie(visitor) == ""
    assert visitor.get("/sessions", follow=False).headers["location"] == "/login?back=/sessions"


def test_signing_out_needs_a_form_of_ours(portal: Portal) -> None:
    visitor = portal.visitor(data.PAY)
    assert visitor.get("/logout").status == 405
    assert visitor.post("/logout", sec_fetch_site="cross-site").status == 403
    assert len(sessions_of(portal.world.app)) == 1


def test_whoever_signs_out_can_sign_out_of_the_provider_too(with_provider: Callable[..., Portal], provider: OpenIdProvider) -> None:
    visitor = with_provider().visitor(data.PAY)
    page = visitor.post("/logout")
    assert any(link.startswith(f"{provider.issuer}/leave?") for link in page.links)
    provider.metadata = {"end_session_endpoint": None}
    assert not any("leave" in link for link in with_provider().visitor(data.PAY).post("/logout").links)


def test_a_new_hire_is_told_to_use_their_link_again(portal: Portal) -> None:
    case = portal.world.hire()
    page = portal.hire_of(case).post("/logout")
    assert "personal link" in page.text and "/login" not in page.links


# One's own sessions ----------------------------------------------------------------------------------------------


def test_everybody_sees_and_ends_their_own_sessions(portal: Portal) -> None:
    here, there = portal.visitor(data.PAY), portal.visitor(data.PAY)
    token = _cookie(there)
    page = here.get("/sessions")
    assert "Here, in this browser" in page.text and "In another browser" in page.text
    mine = session_of(portal.world.app, _cookie(here))
    other = session_of(portal.world.app, token)
    assert mine is not None and other is not None
    answer = here.send(page, f"/sessions/{other.id}/end")
    assert "That session is ended" in answer.text
    assert session_of(portal.world.app, token) is None
    assert "You are signed out" in here.post(f"/sessions/{mine.id}/end").text


def test_nobody_ends_the_session_of_somebody_else(portal: Portal) -> None:
    theirs = portal.visitor(data.IT)
    session = session_of(portal.world.app, _cookie(theirs))
    assert session is not None
    assert portal.visitor(data.PAY).post(f"/sessions/{session.id}/end").status == 404
    assert session_of(portal.world.app, _cookie(theirs)) is not None
