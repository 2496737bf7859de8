"""The joining process: reads pages on standard input, each a PDF or a picture, and writes one PDF on standard output.

Run by `vault_join` as a script of its own, so it imports nothing of idm. The files were checked when they came; they are opened here
all the same only after memory and processor time are limited. Pictures are turned the right way up and lose what a camera writes beside
them (place, time, device).
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
CPU_SECONDS_A_PAGE = 5
QUALITY = 85
"""Of JPEG: text on photographed paper stays sharp."""
MAX_PIXELS = 64_000_000
LONGEST_SIDE = 3508
"""Pixels of a page's longer side at most: A4 at 300 dots an inch."""
_A4_INCHES = 11.69


def joined(parts: list[tuple[str, bytes]]) -> bytes:
    """The parts (media type, content) as one PDF, in their order."""
    import pikepdf

    out = pikepdf.Pdf.new()
    for media_type, content in parts:
        page = content if media_type == "application/pdf" else _as_pdf(content)
        with pikepdf.open(io.BytesIO(page), attempt_recovery=False) as pdf:
            out.pages.extend(pdf.pages)
    made = io.BytesIO()
    out.save(made)
    return made.getvalue()


def _as_pdf(content: bytes) -> bytes:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as picture:
            upright = ImageOps.exif_transpose(picture)
            if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                seen = upright.convert("RGBA")
                paper = Image.new("RGB", seen.size, "white")
                paper.paste(seen, mask=seen.getchannel("A"))
                upright = paper
            elif upright.mode not in ("1", "L", "RGB"):
                upright = upright.convert("RGB")
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            made = io.BytesIO()
            upright.save(made, "PDF", quality=QUALITY, resolution=max(upright.size) / _A4_INCHES)
    return made.getvalue()


def _read_parts() -> list[tuple[str, bytes]]:
    """The parts as `vault_join` sends them: a line of JSON with type and size of each, then their bytes one after the other."""
    told: list[dict[str, Any]] = json.loads(sys.stdin.buffer.readline())
    return [(str(each["type"]), sys.stdin.buffer.read(int(each["size"]))) for each in told]


def main() -> None:
    """Join standard input to standard output; ends with 1 if a part can't be read."""
    import pikepdf

    # Before the limits, which are for the files.
    for library in ("PIL.JpegImagePlugin", "PIL.PdfImagePlugin", "PIL.PngImagePlugin"):
        importlib.import_module(library)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    parts = _read_parts()
    seconds = CPU_SECONDS_A_PAGE * len(parts)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    try:
        made = joined(parts)
    except (pikepdf.PdfError, Warning, MemoryError, OSError, ValueError, SyntaxError):
        sys.exit(1)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
