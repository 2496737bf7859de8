"""Drawing itself, in this process: what is answered for sound and for broken documents. `test_page_pictures` has the rest."""

from __future__ import annotations

import io
import json
import resource
import sys

import pytest
from pikepdf import Pdf
from PIL import Image

from idm import page_draw
from idm.page_draw import HIGHEST, MAX_DRAWN, Objection, draw

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The drawing sets a limit of Pillow's for its whole process, which here is that of all tests."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)


def pdf(pages: int = 2, size: tuple[float, float] = (595, 842)) -> bytes:
    made, out = Pdf.new(), io.BytesIO()
    for _ in range(pages):
        made.add_blank_page(page_size=size)
    made.save(out)
    return out.getvalue()


def picture(mode: str, format_name: str, size: tuple[int, int] = (400, 300)) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, format_name)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def rule(content: bytes, media_type: str, number: int = 1) -> str:
    with pytest.raises(Objection) as caught:
        draw(content, media_type, number, 300)
    return caught.value.rule


def test_number_nought_counts_and_draws_nothing() -> None:
    assert draw(pdf(3), PDF, 0, 300) == (3, b"")
    assert draw(picture("RGB", "PNG"), PNG, 0, 300) == (1, b"")


def test_a_page_comes_with_the_number_of_all() -> None:
    pages, drawn = draw(pdf(), PDF, 2, 300)
    assert (pages, opened(drawn).format, opened(drawn).width) == (2, "PNG", 300)


@pytest.mark.parametrize(
    ("mode", "format_name"), [("RGB", "PNG"), ("RGBA", "PNG"), ("P", "PNG"), ("LA", "PNG"), ("1", "PNG"), ("CMYK", "JPEG"), ("L", "JPEG")]
)
def test_pictures_of_every_mode_are_drawn_in_plain_colours(mode: str, format_name: str) -> None:
    drawn = opened(draw(picture(mode, format_name), f"image/{format_name.lower()}", 1, 200)[1])
    assert (drawn.mode, drawn.size) == ("RGB", (200, 150))


def test_a_ribbon_of_a_page_is_drawn_within_bounds() -> None:
    drawn = opened(draw(pdf(1, (10, 14000)), PDF, 1, 2400)[1])
    assert drawn.height <= HIGHEST + 1 and drawn.width * drawn.height <= MAX_DRAWN
    assert opened(draw(picture("L", "PNG", (2, 12000)), PNG, 1, 2400)[1]).height <= HIGHEST


def test_objections_name_their_rule() -> None:
    assert rule(pdf(2), PDF, 3) == "no-such-page"
    assert rule(picture("RGB", "PNG"), PNG, 2) == "no-such-page"
    assert rule(b"nothing", PDF) == "damaged"
    assert rule(b"nothing", JPEG) == "damaged"
    assert rule(picture("RGB", "JPEG"), PNG) == "damaged"


def test_too_many_pixels_and_too_little_memory_are_too_complex(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_draw, "MAX_PIXELS", 1000)
    assert rule(picture("RGB", "PNG"), PNG) == "too-complex"

    def none_left(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(page_draw, "_pdf", none_left)
    assert rule(pdf(), PDF) == "too-complex"


class _Standard:
    """Standard input or output as bytes alone."""

    def __init__(self, content: bytes = b"") -> None:
        self.buffer = io.BytesIO(content)


@pytest.mark.parametrize(
    ("content", "answer"), [(pdf(), {"pages": 2}), (b"nothing", {"rule": "damaged", "message": "The PDF can't be opened."})]
)
def test_the_process_limits_itself_and_answers_in_one_line_before_the_picture(
    monkeypatch: pytest.MonkeyPatch, content: bytes, answer: dict[str, object]
) -> None:
    limits: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "setrlimit", lambda which, limit: limits.__setitem__(which, limit))
    monkeypatch.setattr(sys, "argv", ["page_draw", PDF, "1", "300"])
    monkeypatch.setattr(sys, "stdin", _Standard(content))
    out = _Standard()
    monkeypatch.setattr(sys, "stdout", out)
    page_draw.main()

    line, _, drawn = out.buffer.getvalue().partition(b"\n")
    assert json.loads(line) == answer
    assert drawn.startswith(b"\x89PNG") is ("pages" in answer)
    assert {resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE} == set(limits)
    assert limits[resource.RLIMIT_FSIZE] == (0, 0)
