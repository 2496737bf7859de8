"""Every pair of text and ground, or of a line that carries meaning and its ground, has the contrast that WCAG 2.2 asks for."""

from __future__ import annotations

import re

import pytest

from tests.architecture.project import ROOT

TOKENS = (ROOT / "idm" / "web" / "static" / "css" / "1-tokens.css").read_text()

GROUNDS = ("paper", "surface", "sunk")
PAPER = ("#fff", "#ffffff", "#18211f")
"""A document is black on white, whatever the theme."""
TEXT = 4.5
"""WCAG 2.2, 1.4.3: text on its ground, level AA."""
SIGN = 3.0
"""WCAG 2.2, 1.4.11: edges of fields, focus rings, marks that carry meaning."""

PAIRS = [
    *((text, ground, TEXT) for text in ("ink", "soft", "accent", "accent-dark", "bad") for ground in GROUNDS),
    *((kind, "surface", TEXT) for kind in ("info", "good", "warn")),
    *((kind, f"{kind}-tint", TEXT) for kind in ("info", "good", "warn", "bad", "accent")),
    *(("ink", f"{kind}-tint", TEXT) for kind in ("info", "good", "warn", "bad", "accent")),
    *(("soft", f"{kind}-tint", TEXT) for kind in ("info", "good", "warn", "bad", "accent")),
    ("accent-dark", "accent-tint", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-dark", TEXT),
    ("on-bad", "bad", TEXT),
    ("on-bad", "bad-dark", TEXT),
    ("on-band", "band", TEXT),
    ("soft-on-band", "band", TEXT),
    ("focus-on-band", "band", SIGN),
    *((sign, ground, SIGN) for sign in ("edge", "focus") for ground in GROUNDS),
    *(("focus", f"{kind}-tint", SIGN) for kind in ("info", "good", "warn", "bad", "accent")),
    ("edge", "accent-tint", SIGN),
]


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", block))


def blocks() -> dict[str, dict[str, str]]:
    """The tokens of light, of dark as the device asks for it, and of dark as the person chose it."""
    found = re.findall(r"(:root[^{]*)\{([^}]*)\}", TOKENS)
    assert [selector.strip() for selector, _ in found] == [":root", ':root:not([data-theme="light"])', ':root[data-theme="dark"]']
    light, asked, chosen = (tokens(body) for _, body in found)
    return {"light": light, "dark asked for": light | asked, "dark chosen": light | chosen}


def luminance(colour: str) -> float:
    """The relative luminance of #rrggbb (WCAG 2.2, definitions)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_reckoned_as_in_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark asked for"])
def test_every_pair_of_colours_can_be_told_apart(theme: str) -> None:
    found = blocks()[theme]
    reckoned = {f"{text} on {ground}": (round(contrast(found[text], found[ground]), 2), least) for text, ground, least in PAIRS}
    assert {pair: got for pair, (got, least) in reckoned.items() if got < least} == {}


def test_dark_is_the_same_whether_the_device_asked_for_it_or_the_person() -> None:
    assert blocks()["dark asked for"] == blocks()["dark chosen"]


def test_every_token_that_a_stylesheet_uses_is_there() -> None:
    light = blocks()["light"]
    used = {
        (sheet.name, name)
        for sheet in (ROOT / "idm" / "web" / "static" / "css").glob("*.css")
        for name in re.findall(r"var\(--([\w-]+)\)", sheet.read_text())
    }
    assert {pair for pair in used if pair[1] not in light} == set()


def test_no_stylesheet_has_colours_of_its_own() -> None:
    """But for paper, and pictures of it."""
    own = {
        (sheet.name, colour)
        for sheet in (ROOT / "idm" / "web" / "static" / "css").glob("*.css")
        if sheet.name not in ("1-tokens.css", "9-print.css")
        for colour in re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text().partition("@media print")[0])
    }
    assert {pair for pair in own if pair[1] not in PAPER} == set()
