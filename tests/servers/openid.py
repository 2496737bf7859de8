"""A real OpenID provider for tests: Canaille, a process of its own, with one client and a few people, gone afterwards."""

from __future__ import annotations

import json
import re
import secrets
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2

from tests.servers import NotInstalled
from tests.servers.ports import free_port
from tests.servers.server import Server

HOW_TO_GET_IT = "Canaille isn't installed (pip install --requirement requirements/test.txt)"
CLIENT = "idm"
PASSWORD = "correct horse battery staple"
_PROGRAM = Path(__file__).with_name("openid_program.py")
_MOST_PAGES = 10


class CanailleServer(Server):
    """Canaille, which demands the client's secret, PKCE and a nonce, and where people sign in on pages with user name and password."""

    name = "canaille"

    def __init__(self, callback: str, people: dict[str, str]) -> None:
        """`callback` is where it may send people back to; `people` their user names and mail addresses. Raises `NotInstalled`."""
        if find_spec("canaille") is None:
            raise NotInstalled(HOW_TO_GET_IT)
        super().__init__()
        self.callback = callback
        self.secret = secrets.token_urlsafe(24)
        self.port = free_port()
        told = {"port": self.port, "client": CLIENT, "secret": self.secret, "callback": callback, "people": people, "password": PASSWORD}
        (self.folder / "told.json").write_text(json.dumps(told))

    @property
    def issuer(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """See `Server`. Its keys are new whenever it starts."""
        environment = {"PATH": "/usr/bin:/bin", "AUTHLIB_INSECURE_TRANSPORT": "1", "HOME": str(self.folder)}
        self.process = self.launch([sys.executable, "-P", _PROGRAM, self.folder / "told.json"], environment)
        self.wait_ready(self._answers)
        return self

    def _answers(self) -> bool:
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", self.port)) == 0

    def sign_in(self, url: str, person: str) -> dict[str, str]:
        """Sign in at `url` as a browser without scripts would: page by page, until it sends one back. The query that comes with that."""
        with httpx2.Client(follow_redirects=False, trust_env=False, timeout=30) as browser:
            answer = browser.get(url)
            for _ in range(_MOST_PAGES):
                if answer.is_redirect:
                    place = urljoin(str(answer.url), answer.headers["location"])
                    if place.startswith(f"{self.callback}?"):
                        return dict(parse_qsl(urlsplit(place).query))
                    answer = browser.get(place)
                else:
                    assert answer.status_code == 200, f"{answer.status_code} at {answer.url.path}; its output:\n{self.tail()}"
                    sent = _filled(answer.text, {"login": person, "password": PASSWORD})
                    answer = browser.post(answer.url, data=sent, headers={"referer": str(answer.url)})
        raise AssertionError(f"nobody was sent back from {answer.url.path}")


def _filled(page: str, values: dict[str, str]) -> dict[str, Any]:
    """What the page's form would send, filled in."""
    form = re.search(r'<form method="POST".*?</form>', page, re.DOTALL)
    assert form is not None, "the page has no form"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form[0])
    assert token is not None, "the form has no token against cross-site requests"
    return {"csrf_token": token[1], **{name: value for name, value in values.items() if f'name="{name}"' in form[0]}}
