"""The drawing process: reads one stored file on standard input and answers how many pages it has, and one of them as a PNG picture.

Run by `page_pictures` as a script of its own, so it imports nothing of idm. Its memory, processor time, open files and the files that it
could write are limited before the first byte is looked at; whoever started it takes being killed for an answer too. What it answers is
one line of JSON, then the picture's bytes. Nothing of a file is ever run: PDFium is built without scripts.
"""

from __future__ import annotations

import importlib
import io
import json
import resource
import sys
import warnings
from typing import Any

MEMORY = 1024 * 1024 * 1024
"""Address space in bytes, libraries included."""
CPU_SECONDS = 10
"""An ordinary page takes well under one."""
MAX_PIXELS = 64_000_000
"""Of a picture that is drawn smaller."""
MAX_DRAWN = 16_000_000
"""Pixels of what is answered: a page that is much higher than wide is drawn narrower than was asked."""
HIGHEST = 10_000
"""Pixels of what is answered, from top to bottom."""
_POINTS = 20_000


class Objection(Exception):
    """A reason why it can't be drawn: `rule` for programs, the text for a person."""

    def __init__(self, rule: str, message: str) -> None:
        self.rule = rule
        super().__init__(message)


def draw(content: bytes, media_type: str, number: int, width: int) -> tuple[int, bytes]:
    """The number of pages, and page `number` (from 1; 0 for none) as PNG, `width` pixels wide. Raises Objection, nothing else."""
    try:
        return _pdf(content, number, width) if media_type == "application/pdf" else _picture(content, media_type, number, width)
    except (MemoryError, RecursionError):
        raise Objection("too-complex", "Drawing the page takes more memory than any ordinary document.") from None


def _pdf(content: bytes, number: int, width: int) -> tuple[int, bytes]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        raise Objection("damaged", "The PDF can't be opened.") from None
    pages = len(document)
    if not number:
        return pages, b""
    _demand_page(number, pages)
    try:
        if document.get_formtype() == pypdfium2.raw.FORMTYPE_ACRO_FORM:
            document.init_forms()
        page = document[number - 1]
        across, down = page.get_size()
        if not (0 < across < _POINTS and 0 < down < _POINTS):
            raise Objection("page-size", "The page has no size that could be drawn.")
        scale = min(width / across, HIGHEST / down, (MAX_DRAWN / (across * down)) ** 0.5)
        picture = page.render(scale=scale, limit_image_cache=True).to_pil()
    except pypdfium2.PdfiumError:
        raise Objection("damaged", "The page can't be drawn.") from None
    return pages, _png(picture)


def _picture(content: bytes, media_type: str, number: int, width: int) -> tuple[int, bytes]:
    from PIL import Image, ImageOps

    if not number:
        return 1, b""
    _demand_page(number, 1)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=[{"image/jpeg": "JPEG", "image/png": "PNG"}[media_type]]) as picture:
                picture.draft("RGB", (width, width * picture.height // max(picture.width, 1)))
                upright = ImageOps.exif_transpose(picture)
                scale = min(1.0, width / upright.width, HIGHEST / upright.height, (MAX_DRAWN / (upright.width * upright.height)) ** 0.5)
                size = max(1, round(upright.width * scale)), max(1, round(upright.height * scale))
                # Only the points themselves go on: what a camera wrote beside them (where, when, whose) stays behind.
                drawn = upright.convert("RGBA" if "transparency" in upright.info or "A" in upright.mode else "RGB").resize(size)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Objection("too-complex", f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels.") from None
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # the plugins raise whatever the content leads them to (OSError, SyntaxError, struct.error, ...)
        raise Objection("damaged", "The picture is damaged.") from None
    if drawn.mode == "RGBA":
        ground = Image.new("RGB", drawn.size, "white")
        ground.paste(drawn, mask=drawn.getchannel("A"))
        drawn = ground
    return 1, _png(drawn)


def _demand_page(number: int, pages: int) -> None:
    if not 1 <= number <= pages:
        raise Objection("no-such-page", f"It has {pages} pages, so there is none of number {number}.")


def _png(picture: Any) -> bytes:
    out = io.BytesIO()
    made = picture if picture.mode in ("L", "RGB") else picture.convert("RGB")
    made.info.clear()
    made.save(out, "PNG", compress_level=4)
    return out.getvalue()


def main() -> None:
    """Draw standard input as the media type, page number and width named by the arguments."""
    media_type, number, width = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    pictures = ("PIL.ImageOps", "PIL.JpegImagePlugin", "PIL.PngImagePlugin")
    # Before the limits, which are for the file.
    for library in (*pictures, "pypdfium2") if media_type == "application/pdf" else pictures:
        importlib.import_module(library)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    picture = b""
    try:
        pages, picture = draw(sys.stdin.buffer.read(), media_type, number, width)
        answer: dict[str, Any] = {"pages": pages}
    except Objection as objection:
        answer = {"rule": objection.rule, "message": str(objection)}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + picture)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
