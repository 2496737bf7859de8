"""Runs Canaille with what the file in its first argument says, until it is ended."""

from __future__ import annotations

import json
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def serve(told: dict[str, Any]) -> None:
    """Make the people and the client in memory, and answer on loopback."""
    from canaille import create_app
    from canaille.app import models
    from canaille.backends import Backend
    from joserfc.jwk import RSAKey
    from werkzeug.serving import make_server

    key = RSAKey.generate_key(2048, auto_kid=True)
    app = create_app(
        config={
            "SECRET_KEY": secrets.token_hex(32),
            "SERVER_NAME": f"127.0.0.1:{told['port']}",
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {"DATABASE": "memory"},
            "CANAILLE_OIDC": {
                "REQUIRE_NONCE": True,
                "ACTIVE_JWKS": [key.as_dict(private=True)],
                "TRUSTED_DOMAINS": ["idm.example.org"],  # whose clients ask people for no further consent
            },
        }
    )
    with app.app_context():
        store = Backend.instance
        for name, address in told["people"].items():
            person = models.User(user_name=name, formatted_name=name, family_name=name, emails=[address], password=told["password"])
            store.save(person)
        client = models.Client(
            client_id=told["client"],
            client_secret=told["secret"],
            client_id_issued_at=datetime.now(UTC),
            client_name="idm",
            client_uri="https://idm.example.org",
            contacts=[],
            redirect_uris=[told["callback"]],
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid", "profile", "email"],
            token_endpoint_auth_method="client_secret_basic",
            id_token_signed_response_alg="RS256",
        )
        store.save(client)
        client.audience = [client]
        store.save(client)
    make_server("127.0.0.1", told["port"], app, threaded=True).serve_forever()


if __name__ == "__main__":
    serve(json.loads(Path(sys.argv[1]).read_text()))
