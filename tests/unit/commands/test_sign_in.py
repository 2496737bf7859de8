"""The sign-in that an installation's settings name, and what the doctor says of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from idm.commands.sign_in import check_login, openid_login
from idm.errors import BadInput, CheckFailed, IdmError, Unavailable
from idm.settings import Settings
from tests.support.openid import CALLBACK, CLIENT, OpenIdProvider
from tests.support.openid_login import Here


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    """An OpenID provider that does everything right."""
    with OpenIdProvider() as found:
        yield found


@pytest.fixture
def here(provider: OpenIdProvider, tmp_path: Path) -> Here:
    """Our side of a login at that provider."""
    return Here(provider, tmp_path / "here")


@pytest.fixture
def settings(here: Here, provider: OpenIdProvider, tmp_path: Path) -> Settings:
    """Sound settings for the provider."""
    return Settings(
        home=tmp_path / "here", oidc_issuer=provider.issuer, oidc_client_id=CLIENT, portal_url="https://idm.example.org/", oidc_claim="upn"
    )


def _changed(settings: Settings, **changes: Any) -> Settings:
    return settings.model_copy(update=changes)


def test_without_an_issuer_there_is_no_sign_in(here: Here) -> None:
    assert openid_login(Settings(), here.keys, here.clock) is None
    assert "one chooses who to be" in check_login(Settings(), "demo", here.keys, here.clock)
    assert "no staff can sign in" in check_login(Settings(), "production", here.keys, here.clock)


def test_settings_name_the_sign_in(here: Here, settings: Settings, provider: OpenIdProvider) -> None:
    login = openid_login(settings, here.keys, here.clock)
    assert login is not None
    assert (login.settings.callback, login.settings.rule.claim, login.settings.rule.match.value) == (CALLBACK, "upn", "id")
    assert provider.asked == []


def test_the_portals_own_address_counts_where_none_is_set(here: Here, settings: Settings) -> None:
    login = openid_login(_changed(settings, portal_url=""), here.keys, here.clock, "http://127.0.0.1:8080")
    assert login is not None and login.settings.callback == "http://127.0.0.1:8080/login/callback"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"oidc_client_id": ""}, "IDM_OIDC_CLIENT_ID"),
        ({"oidc_claim": ""}, "IDM_OIDC_CLAIM"),
        ({"portal_url": ""}, "IDM_PORTAL_URL"),
        ({"oidc_scopes": "profile"}, "IDM_OIDC_SCOPES"),
    ],
)
def test_settings_that_are_missing_are_named(here: Here, settings: Settings, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(BadInput) as found:
        openid_login(_changed(settings, **changes), here.keys, here.clock)
    assert [fault.path for fault in found.value.faults] == [named]


def test_the_doctor_tells_a_sound_sign_in(here: Here, settings: Settings, provider: OpenIdProvider) -> None:
    told = check_login(settings, "production", here.keys, here.clock)
    assert provider.issuer in told and "upn" in told and CALLBACK in told


def _away(here: Here) -> None:
    here.provider.close()


def _other(here: Here) -> None:
    here.provider.metadata = {"issuer": "https://login.example.net"}


def _keyless(here: Here) -> None:
    here.provider.listed = []


def _open(here: Here) -> None:
    here.secret.chmod(0o604)


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        (_away, Unavailable, "doesn't answer"),
        (_other, Unavailable, "names its issuer"),
        (_keyless, CheckFailed, "lists no keys"),
        (_open, Unavailable, "Others may read"),
    ],
)
def test_the_doctor_tells_what_is_wrong_with_it(here: Here, settings: Settings, change: Any, error: type[IdmError], told: str) -> None:
    change(here)
    with pytest.raises(error, match=told) as found:
        check_login(settings, "production", here.keys, here.clock)
    assert found.value.next_step
