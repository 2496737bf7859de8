"""Debian's Chromium, driven by Playwright: windows of a given width, theme and language, and axe-core's judgement of a page.

    def test_a_page(chromium: Chromium, portal: Portal) -> None:
        with Served(portal.asgi) as site, chromium.window(site.url, width=390, theme="dark", token=...) as window:
            window.page.goto("/tasks")
            assert axe(window.page) == []
            assert window.complaints == []

The fixture `chromium` lasts for a module, not longer: Playwright keeps an event loop running in its thread, in which no other can be run.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from starlette.types import ASGIApp

from idm.web.portal import LANGUAGE_COOKIE, SESSION_COOKIE, THEME_COOKIE
from tests.servers import NotInstalled
from tests.waiting import wait_until

PROGRAM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOST = "localhost"
PATIENCE = 30_000
"""Milliseconds for which a page is waited for: a busy machine is no fault of the page."""
AXE = Path(__file__).parents[2] / ".build" / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

Theme = Literal["light", "dark"]


class Served:
    """An ASGI app behind a real socket of this machine, as long as the block lasts."""

    def __init__(self, app: ASGIApp) -> None:
        self._server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False))
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        wait_until(lambda: self._server.started, message="the server never listened")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()


@dataclass
class Window:
    """A window of the browser. `complaints`: errors in its console, and whatever it asked of others than the portal."""

    page: Page
    complaints: list[str] = field(default_factory=list)


class Chromium:
    """A running browser."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @contextmanager
    def window(
        self,
        url: str,
        *,
        width: int = 1280,
        height: int = 900,
        theme: Theme = "light",
        language: str = "en",
        token: str = "",
        chosen_theme: str = "",
        scripts: bool = True,
    ) -> Iterator[Window]:
        """A window on the portal at `url`, with cookies of its own. `theme` is what the device asks for, `token` a session's."""
        context = self._browser.new_context(
            base_url=url,
            viewport=ViewportSize(width=width, height=height),
            color_scheme=theme,
            locale={"da": "da-DK", "en": "en-GB"}[language],
            timezone_id="Europe/Copenhagen",
            java_script_enabled=scripts,
            has_touch=width < 600,
            is_mobile=width < 600,
            reduced_motion="reduce",
        )
        cookies = {SESSION_COOKIE: token, LANGUAGE_COOKIE: language, THEME_COOKIE: chosen_theme}
        for name, value in cookies.items():
            if value:
                context.add_cookies(
                    [{"name": name, "value": value, "domain": HOST, "path": "/", "secure": True, "httpOnly": True, "sameSite": "Lax"}]
                )
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        window = Window(page)
        page.on("console", lambda message: window.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: window.complaints.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(url) else window.complaints.append(f"asked {asked.url}"))
        try:
            yield window
        finally:
            context.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """The browser, one for each module of tests."""
    try:
        program = installed()
    except NotInstalled as reason:
        pytest.skip(str(reason))
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=FLAGS, timeout=4 * PATIENCE, env={**os.environ, "LANGUAGE": "da"}
        )
        yield Chromium(browser)
        browser.close()


def axe(page: Page, *rules: str) -> list[str]:
    """What axe-core finds wrong on the page by WCAG 2.2, levels A and AA: the rule, and each element that breaks it."""
    if not AXE.exists():
        pytest.skip("axe-core isn't there: bash .ci/assets.sh --tests")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", list(rules) or RULES
    )
    return [
        f"{violation['id']} ({violation['help']}): {' '.join(map(str, node['target']))} – {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def too_wide(page: Page) -> list[str]:
    """The elements for which the page would have to be scrolled sideways, outermost first; empty if it needn't."""
    size = page.viewport_size
    assert size is not None
    # Not window.innerWidth: a phone's window grows with what it shows.
    found: list[str] = page.evaluate(
        """(width) => {
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll('body *')]
                .filter((one) => one.getBoundingClientRect().right > width + 1)
                .filter((one) => !one.closest('.scroller, .wide, .graph-scroll, .sheets, .site-nav ul'))
                .map((one) => `${one.tagName.toLowerCase()}.${one.getAttribute('class') || ''}`);
        }""",
        size["width"],
    )
    return found


def installed() -> str:
    """The path of the browser. Raises `NotInstalled`."""
    if not PROGRAM.exists():
        raise NotInstalled("Chromium isn't installed (Debian: apt-get install chromium); pages weren't tried in a browser.")
    return str(PROGRAM)
