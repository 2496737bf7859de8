"""An OpenID provider of the tests' own: real HTTP, real signatures, strict about its protocol, and able to give bad tokens on demand."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey
from joserfc.jws import JWSRegistry

CLIENT = "idm"
SECRET = "a secret that both know"
CALLBACK = "https://idm.example.org/login/callback"
SUBJECT = "f3a1c0de"
EVERYTHING = JWSRegistry(algorithms=["none", "HS256", "RS256", "RS512", "PS256", "ES256"], strict_check_header=False)
"""What a token can be signed with here, sound or not."""


@cache
def rsa_key(kid: str, bits: int = 2048) -> RSAKey:
    """An RSA key; the same for the same `kid` in one test process."""
    return RSAKey.generate_key(bits, {"kid": kid, "use": "sig"})


@cache
def ec_key(kid: str) -> ECKey:
    """An elliptic key of P-256; the same for the same `kid` in one test process."""
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


Sign = Callable[[dict[str, Any]], str]


def signed(key: Key, alg: str = "RS256", **header: Any) -> Sign:
    """What signs claims with a key; `header` overrides what the token says of its key."""
    said = {"alg": alg, "kid": key.kid, **header}
    said = {name: value for name, value in said.items() if value is not None}
    return lambda claims: jwt.encode(said, claims, key, registry=EVERYTHING)


class OpenIdProvider:
    """The provider. What it does wrong is set on it before it is asked."""

    def __init__(self) -> None:
        self.key: Key = rsa_key("first")
        self.sign: Sign = signed(self.key)
        self.listed: list[Any] = [self.key.as_dict(private=False)]
        self.metadata: dict[str, Any] = {}
        """Overrides what the discovery document says; None leaves a field out."""
        self.claims: dict[str, Any] = {}
        """Overrides what the ID token says; None leaves a claim out."""
        self.userinfo: dict[str, Any] = {}
        self.access_token: str | None = "opaque-access-token"
        self.answers: dict[str, tuple[int, bytes]] = {}
        """Path -> the status and body that it answers with, whatever is asked."""
        self.compressed = False
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def issuer(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}/realm"

    def use(self, key: Key, alg: str = "RS256") -> None:
        """Sign with another key from now on, and list that one alone."""
        self.key, self.sign, self.listed = key, signed(key, alg), [key.as_dict(private=False)]

    def approve(self, url: str) -> dict[str, str]:
        """Be the browser of somebody who signs in at `url`: the query that they are sent back with."""
        answer = httpx2.get(url, follow_redirects=False, trust_env=False, verify=False, timeout=30)
        assert answer.status_code == 302, answer.text
        place = answer.headers["location"]
        assert place.startswith(f"{CALLBACK}?")
        return dict(parse_qsl(urlsplit(place).query))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Be gone: nobody answers at its address any more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def _answer(self, method: str, target: str, headers: Mapping[str, str], body: str) -> tuple[int, dict[str, str], bytes]:
        path = urlsplit(target).path
        self.asked.append(path)
        if path in self.answers:
            status, content = self.answers[path]
            return status, {"content-type": "application/json"}, content
        match method, path:
            case "GET", "/realm/.well-known/openid-configuration":
                return _json(200, {name: value for name, value in {**self._metadata(), **self.metadata}.items() if value is not None})
            case "GET", "/realm/keys":
                return _json(200, {"keys": self.listed})
            case "GET", "/realm/authorize":
                return self._authorise(dict(parse_qsl(urlsplit(target).query)))
            case "POST", "/realm/token":
                return self._token(headers, dict(parse_qsl(body)))
            case "GET", "/realm/userinfo" if headers.get("authorization") == f"Bearer {self.access_token}":
                return _json(200, self.userinfo)
        return _json(404, {"error": "not_found"})

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/leave?from=here",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "PS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def _authorise(self, asked: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        fits = (
            asked.get("response_type") == "code"
            and asked.get("client_id") == CLIENT
            and asked.get("redirect_uri") == CALLBACK
            and "openid" in asked.get("scope", "").split()
            and asked.get("code_challenge_method") == "S256"
            and asked.get("code_challenge")
            and asked.get("nonce")
            and asked.get("state")
        )
        if not fits:
            return _json(400, {"error": "invalid_request"})
        code = secrets.token_urlsafe(16)
        self._codes[code] = {name: asked[name] for name in ("nonce", "code_challenge", "redirect_uri")}
        return 302, {"location": f"{CALLBACK}?{urlencode({'code': code, 'state': asked['state']})}"}, b""

    def _token(self, headers: Mapping[str, str], asked: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        posted = (asked.get("client_id"), asked.get("client_secret")) == (CLIENT, SECRET)
        if headers.get("authorization") != f"Basic {basic}" and not posted:
            return _json(401, {"error": "invalid_client"})
        # A code is good for one try, whatever comes of it.
        begun = self._codes.pop(asked.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if (
            asked.get("grant_type") != "authorization_code"
            or begun is None
            or begun["code_challenge"] != challenge
            or begun["redirect_uri"] != asked.get("redirect_uri")
        ):
            return _json(400, {"error": "invalid_grant", "error_description": "somebody's name"})
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": SUBJECT, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": begun["nonce"], **self.claims}
        token = self.sign({name: value for name, value in claims.items() if value is not None})
        answer = {"token_type": "Bearer", "expires_in": 300, "id_token": token, "access_token": self.access_token}
        return _json(200, {name: value for name, value in answer.items() if value is not None})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._do()

            def do_POST(self) -> None:
                self._do()

            def _do(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
                named = {name.lower(): value for name, value in self.headers.items()}
                status, headers, content = provider._answer(self.command, self.path, named, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if provider.compressed:
                    self.send_header("content-encoding", "gzip")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler


def _json(status: int, content: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
    return status, {"content-type": "application/json"}, json.dumps(content).encode()
