"""Staff sign in at a real OpenID provider, a process of its own, and come back signed in to the portal."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from idm.bootstrap import shipped
from idm.commands.sign_in import check_login, openid_login
from idm.errors import NotAllowed, Unavailable
from idm.flow.sessions import session_of
from idm.flow.signing_in import who_signs_in
from idm.policy_files import PolicyFolder
from idm.settings import Settings
from idm.web.login_oidc import OpenIdLogin
from idm.web.portal import SESSION_COOKIE
from tests import data
from tests.servers import NotInstalled
from tests.servers.openid import CLIENT, CanailleServer
from tests.support.databases import migrated, sqlite_url
from tests.support.portal import Portal, Visitor
from tests.support.world import World

PORTAL = "https://idm.example.org"
PEOPLE = {data.HEAD_NORTH: f"{data.HEAD_NORTH}@example.org", "stranger": "stranger@example.org"}


@pytest.fixture(scope="module")
def canaille() -> Iterator[CanailleServer]:
    """Canaille, running."""
    try:
        server = CanailleServer(f"{PORTAL}/login/callback", PEOPLE)
    except NotInstalled as reason:
        pytest.skip(str(reason))
    with server:
        yield server


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A small installation, with the municipality imported."""
    shutil.copytree(shipped("policies"), tmp_path / "policies")
    with closing(World(migrated(sqlite_url(tmp_path / "idm.sqlite")), tmp_path, PolicyFolder(tmp_path / "policies"))) as made:
        made.import_municipality()
        yield made


@pytest.fixture
def settings(canaille: CanailleServer, world: World, tmp_path: Path) -> Settings:
    """An installation's settings for it."""
    secret = tmp_path / "keys" / "oidc-client-secret"
    secret.touch(0o600)
    secret.write_text(canaille.secret)
    return Settings(home=tmp_path, oidc_issuer=canaille.issuer, oidc_client_id=CLIENT, portal_url=PORTAL)


def _login(settings: Settings, world: World) -> OpenIdLogin:
    found = openid_login(settings, world.keys, world.clock.machine)
    assert found is not None
    return found


def _callback(visitor: Visitor, query: dict[str, str]) -> tuple[int, str]:
    answer = visitor.client.get("/login/callback", params=query, follow_redirects=False)
    return answer.status_code, answer.headers.get("location", "")


def test_somebody_signs_in_at_a_real_provider(canaille: CanailleServer, settings: Settings, world: World) -> None:
    login = _login(settings, world)
    visitor = Portal(world, playful=False, openid=login).visitor()
    sent = visitor.get("/login/oidc?back=/sessions", follow=False)
    assert sent.status == 303 and sent.headers["location"].startswith(canaille.issuer)
    query = canaille.sign_in(sent.headers["location"], data.HEAD_NORTH)
    assert _callback(visitor, query) == (303, "/sessions")
    session = session_of(world.app, visitor.client.cookies[SESSION_COOKIE])
    assert session is not None and session.person == data.HEAD_NORTH
    assert visitor.get("/sessions").status == 200


def test_an_answer_of_a_real_provider_counts_once(canaille: CanailleServer, settings: Settings, world: World) -> None:
    login = _login(settings, world)
    begun = login.begin("/")
    query = canaille.sign_in(begun.url, data.HEAD_NORTH)
    assert login.finish(query, begun.cookie).values["sub"] == data.HEAD_NORTH
    visitor = Portal(world, playful=False, openid=login).visitor()
    visitor.client.cookies.set("__Host-idm-login", begun.cookie, domain="localhost.local")
    assert _callback(visitor, query)[0] == 403


def test_whom_only_the_provider_knows_is_not_signed_in(canaille: CanailleServer, settings: Settings, world: World) -> None:
    visitor = Portal(world, playful=False, openid=_login(settings, world)).visitor()
    sent = visitor.get("/login/oidc", follow=False)
    assert _callback(visitor, canaille.sign_in(sent.headers["location"], "stranger"))[0] == 403
    assert SESSION_COOKIE not in visitor.client.cookies


def test_an_address_that_the_provider_does_not_call_verified_lets_nobody_in(
    canaille: CanailleServer, settings: Settings, world: World
) -> None:
    login = _login(settings.model_copy(update={"oidc_claim": "email", "oidc_match": "email"}), world)
    begun = login.begin("/")
    claims = login.finish(canaille.sign_in(begun.url, data.HEAD_NORTH), begun.cookie)
    assert claims.values["email"] == PEOPLE[data.HEAD_NORTH]
    with pytest.raises(NotAllowed, match="hasn't verified"):
        who_signs_in(world.app, login.settings.rule, claims.values)


def test_keys_that_a_provider_changes_are_taken(canaille: CanailleServer, settings: Settings, world: World) -> None:
    login = _login(settings, world)
    for _ in range(2):
        begun = login.begin("/")
        assert login.finish(canaille.sign_in(begun.url, data.HEAD_NORTH), begun.cookie).subject == data.HEAD_NORTH
        canaille.kill_hard()
        canaille.start()


def test_a_provider_that_died_is_told_as_away(canaille: CanailleServer, settings: Settings, world: World) -> None:
    login = _login(settings, world)
    begun = login.begin("/")
    query = canaille.sign_in(begun.url, data.HEAD_NORTH)
    canaille.kill_hard()
    try:
        with pytest.raises(Unavailable):
            login.finish(query, begun.cookie)
    finally:
        canaille.start()


def test_the_doctor_asks_a_real_provider(canaille: CanailleServer, settings: Settings, world: World) -> None:
    told = check_login(settings, "production", world.keys, world.clock.machine)
    assert canaille.issuer in told and f"{PORTAL}/login/callback" in told
    wrong = settings.model_copy(update={"oidc_issuer": f"{canaille.issuer}/"})
    with pytest.raises(Unavailable, match="names its issuer"):
        check_login(wrong, "production", world.keys, world.clock.machine)
