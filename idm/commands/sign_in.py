"""The staff's sign-in of one installation, from its settings; and whether it would work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from idm.errors import BadInput, CheckFailed, Fault
from idm.flow.signing_in import ClaimRule, Match
from idm.settings import Settings
from idm.web.login_oidc import CALLBACK, SECRET_FILE, OpenIdLogin, OpenIdSettings, Seal, read_secret


def openid_login(settings: Settings, seal: Seal, now: Callable[[], datetime], address: str = "") -> OpenIdLogin | None:
    """The sign-in that the settings name; None if they name none. `address` is the portal's where IDM_PORTAL_URL doesn't tell it.

    Raises `BadInput` if a setting is missing, `Unavailable` if the issuer's address can't be trusted. The provider isn't asked anything.
    """
    if not settings.oidc_issuer:
        return None
    portal = (settings.portal_url or address).rstrip("/")
    given = (
        ("IDM_OIDC_CLIENT_ID", settings.oidc_client_id, "is what the provider calls idm"),
        ("IDM_OIDC_CLAIM", settings.oidc_claim, "is the claim that says who somebody is"),
        ("IDM_PORTAL_URL", portal, "is the address that the provider sends people back to"),
    )
    faults = [Fault(name, "required", f"{words}; it is needed since IDM_OIDC_ISSUER is set") for name, value, words in given if not value]
    if "openid" not in settings.oidc_scopes.split():
        faults.append(Fault("IDM_OIDC_SCOPES", "openid", "must hold the word openid (OpenID Connect Core 1.0, 3.1.2.1)"))
    if faults:
        raise BadInput(
            "The settings of the sign-in are incomplete.", faults=faults, next_step="Set them in the environment, or in idm.env."
        )
    rule = ClaimRule(settings.oidc_claim, Match(settings.oidc_match))
    secret = settings.home / "keys" / SECRET_FILE
    known = OpenIdSettings(settings.oidc_issuer, settings.oidc_client_id, secret, f"{portal}{CALLBACK}", rule, settings.oidc_scopes)
    return OpenIdLogin(known, seal, now)


def check_login(settings: Settings, kind: str, seal: Seal, now: Callable[[], datetime]) -> str:
    """What there is to say of the sign-in, having asked the provider. Raises an `IdmError` that says what is wrong."""
    login = openid_login(settings, seal, now, f"http://{settings.host}:{settings.port}")
    if login is None:
        playful = kind != "production"
        return f"no OpenID provider is named; {'on this machine one chooses who to be' if playful else 'so far no staff can sign in'}"
    read_secret(login.settings.secret_file)
    login.provider.metadata()
    listed = login.provider.keys(newest=True).get("keys")
    if not isinstance(listed, list) or not listed:
        raise CheckFailed("The provider lists no keys, so no sign-in can be checked.", next_step="Look at its jwks_uri.")
    rule = login.settings.rule
    return f"{settings.oidc_issuer} answers; the claim {rule.claim} names a person's {rule.match.value}; back to {login.settings.callback}"
