"""The style page in a real browser: no fault that axe finds, nothing to scroll sideways for, nothing that the page's policy forbids."""

from __future__ import annotations

import pytest

from tests.support.browser import Chromium, Served, Theme, axe, too_wide

WIDTHS = (320, 390, 1280)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_component_can_be_used_by_everybody(chromium: Chromium, served: Served, width: int, theme: Theme) -> None:
    with chromium.window(served.url, width=width, theme=theme) as window:
        window.page.goto("/look")
        assert window.page.locator("h1").count() == 1

        assert axe(window.page) == []
        assert too_wide(window.page) == []
        assert window.complaints == []


def test_the_page_stands_without_scripts(chromium: Chromium, served: Served) -> None:
    with chromium.window(served.url, width=390, scripts=False) as window:
        window.page.goto("/look")

        assert window.page.get_by_role("button", name="Save", exact=True).is_visible()


def test_who_chose_dark_gets_it_whatever_the_device_asks_for(chromium: Chromium, served: Served) -> None:
    grounds = {}
    asked: list[tuple[Theme, str]] = [("light", ""), ("dark", ""), ("light", "dark"), ("dark", "light")]
    for theme, chosen in asked:
        with chromium.window(served.url, theme=theme, chosen_theme=chosen) as window:
            window.page.goto("/look")
            grounds[theme, chosen] = window.page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert grounds["light", ""] == grounds["dark", "light"] != grounds["dark", ""] == grounds["light", "dark"]


def test_axe_finds_what_is_wrong(chromium: Chromium, served: Served) -> None:
    with chromium.window(served.url) as window:
        window.page.goto("/look")
        window.page.evaluate("document.querySelector('label[for=f-given]').remove()")

        assert [text.split(" ")[0] for text in axe(window.page)] == ["label"]


def test_what_is_wider_than_the_window_is_told(chromium: Chromium, served: Served) -> None:
    with chromium.window(served.url, width=320) as window:
        window.page.goto("/look")
        window.page.evaluate(
            "document.querySelector('h1').textContent = 'x'.repeat(10); document.querySelector('h1').style.width = '900px'"
        )

        assert any(text.startswith("h1") for text in too_wide(window.page))
