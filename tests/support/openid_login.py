"""Our side of a login at a provider, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from idm.flow.signing_in import ClaimRule, Match
from idm.vault_keys import KeyRing
from idm.web.login_oidc import Begun, OpenIdLogin, OpenIdSettings
from idm.web.login_tokens import SignInRefused
from tests.support.openid import CALLBACK, CLIENT, SECRET, OpenIdProvider


class Clock:
    """Machine time, moved by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Here:
    """Our side of the login."""

    def __init__(self, provider: OpenIdProvider, folder: Path) -> None:
        self.provider = provider
        self.clock = Clock()
        self.keys = KeyRing.create(folder / "keys")
        self.secret = folder / "keys" / "oidc-client-secret"
        self.secret.touch(0o600)
        self.secret.write_text(f"{SECRET}\n")
        self.login = self.made()

    def made(self, rule: ClaimRule | None = None) -> OpenIdLogin:
        """The login, new from its settings."""
        rule = rule or ClaimRule("sub", Match.ID)
        return OpenIdLogin(OpenIdSettings(self.provider.issuer, CLIENT, self.secret, CALLBACK, rule), self.keys, self.clock)

    def refused(self, begun: Begun | None = None, query: dict[str, str] | None = None) -> SignInRefused:
        """Sign in, which must be refused."""
        begun = begun or self.login.begin("/")
        with pytest.raises(SignInRefused) as found:
            self.login.finish(query or self.provider.approve(begun.url), begun.cookie)
        return found.value
