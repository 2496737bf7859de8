"""The door: what every request must pass, and every answer carries, before any page is asked.

Requests that another site's page made a browser send are refused (Sec-Fetch-Site, else Origin), as are host names that aren't ours, so that
no foreign name can be pointed at this address (DNS rebinding). Answers may run no foreign or inline code, are kept by no cache, and tell
no other site where the visitor came from.
Sources: W3C Fetch Metadata; W3C Content Security Policy 3; OWASP CSRF prevention; RFC 6265bis for `__Host-`.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load and where its forms may go: this server, and nothing inline."""

HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
"""What every answer carries unless it says otherwise itself."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Door:
    """ASGI middleware. `hosts` are the host names that it answers to, without ports; `open_paths` read no cookie and pass unchecked."""

    def __init__(self, app: ASGIApp, *, hosts: Callable[[], frozenset[str]], open_paths: frozenset[str], refuse: ASGIApp) -> None:
        self._app = app
        self._hosts = hosts
        self._open = open_paths
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in or refuse it, and add to the answer what every answer carries."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault("strict-transport-security", "max-age=31536000")
            await send(message)

        inner = self._app if scope["path"] in self._open or self.lets_in(scope) else self._refuse
        await inner(scope, receive, dressed)

    def lets_in(self, scope: Scope) -> bool:
        """Whether a request is addressed to us, and no other site's page made it."""
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if name_of(host) not in self._hosts():
            return False
        site = headers.get("sec-fetch-site", "")
        if scope["method"] in SAFE:
            # Following a link from a mail or another site is fine; fetching our pages into one isn't.
            return site in ("", "same-origin", "none") or headers.get("sec-fetch-mode", "") == "navigate"
        if site:
            return site == "same-origin"
        origin = headers.get("origin", "")
        return bool(origin) and origin != "null" and urlsplit(origin).netloc.lower() == host


def name_of(host: str) -> str:
    """A Host header without its port."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host
