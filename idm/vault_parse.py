"""The parser's process: reads one file on standard input to its end and says what it found, as JSON.

Run by `vault_check` as a script of its own, so it imports nothing of idm. Its memory and processor time are limited
before the first byte of the file is looked at; whoever started it takes being killed for an answer too.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import warnings
from collections.abc import Iterator
from typing import Any, BinaryIO

MEMORY = 1024 * 1024 * 1024
"""Address space in bytes, libraries included."""
CPU_SECONDS = 5
"""Ordinary documents take well under one."""
MAX_PAGES = 1_000
MAX_OBJECTS = 200_000
MAX_VALUES = 2_000_000
MAX_PIXELS = 64_000_000
MAX_INFLATED = 256 * 1024 * 1024

_PDF_END = 1024
_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR"}
    | {"/Rendition", "/Movie", "/Sound", "/RichMediaExecute", "/GoTo3DView"}
)
_ANNOTATIONS = frozenset({"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})
_ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/XFA", "/AA"})
_FILE_KEYS = frozenset({"/EmbeddedFiles", "/EF"})


class Objection(Exception):
    """A reason to refuse the file: `rule` for programs, the text for a person."""

    def __init__(self, rule: str, message: str) -> None:
        self.rule = rule
        super().__init__(message)


def parse(file: BinaryIO, media_type: str) -> int | None:
    """Read all of `file`; the number of pages of a PDF, None for a picture. Raises Objection, and nothing else for any content."""
    try:
        if media_type == "application/pdf":
            return _pdf(file)
        _picture(file, media_type)
        return None
    except (MemoryError, RecursionError):
        raise Objection("too-complex", "Reading the file takes more memory than any ordinary document.") from None


def _pdf(file: BinaryIO) -> int:
    import pikepdf
    from pikepdf import settings

    settings.set_qpdf_limits(
        parser_max_nesting=100,
        doc_max_warnings=100,
        flate_max_memory=MAX_INFLATED,
        run_length_max_memory=MAX_INFLATED,
        png_max_memory=MAX_INFLATED,
        tiff_max_memory=MAX_INFLATED,
        dct_max_memory=MAX_INFLATED,
    )
    size = file.seek(0, 2)
    file.seek(max(0, size - _PDF_END))
    if b"%%EOF" not in file.read():
        raise Objection("damaged", "The PDF has no end: it was cut off, or something was added to it.")
    file.seek(0)
    try:
        with pikepdf.open(file, attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                raise Objection("encrypted", "The PDF is encrypted.")
            if len(pdf.objects) > MAX_OBJECTS:
                raise Objection("too-complex", f"The PDF has more than {MAX_OBJECTS} objects.")
            _look_for_active_content(pdf)
            pages = len(pdf.pages)
            first_and_last = [pdf.pages[number].obj.get("/Type") for number in {0, pages - 1}]
    except pikepdf.PasswordError:
        raise Objection("encrypted", "The PDF is protected by a password.") from None
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError, KeyError, AttributeError, IndexError, RuntimeError):
        raise Objection("damaged", "The PDF does not follow its format, so it is damaged or no PDF at all.") from None
    if pages > MAX_PAGES:
        raise Objection("too-many-pages", f"The PDF has {pages} pages; {MAX_PAGES} are allowed.")
    if any(str(kind) != "/Page" for kind in first_and_last):
        raise Objection("damaged", "The PDF's pages are none.")
    return pages


def _look_for_active_content(pdf: Any) -> None:
    """Every object of the file, whether a page leads to it or not: what isn't reachable for us may be for a reader."""
    from pikepdf import Dictionary, Name

    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, Dictionary) and opening.get("/S") != Name.GoTo:  # going to a page is what most writers put there
        raise Objection("active-content", "The PDF starts an action when it is opened.")
    for mapping in _dictionaries(pdf):
        keys = set(mapping.keys())
        if keys & _ACTIVE_KEYS or _name(mapping, "/S") in _ACTIONS or _name(mapping, "/Subtype") in _ANNOTATIONS:
            raise Objection("active-content", "The PDF holds scripts, or actions that start programs, send data or play media.")
        if keys & _FILE_KEYS or _name(mapping, "/Type") == "/EmbeddedFile" or _name(mapping, "/Subtype") == "/FileAttachment":
            raise Objection("embedded-file", "The PDF holds other files.")


def _dictionaries(pdf: Any) -> Iterator[Any]:
    """Each dictionary of the file, once, however deep in an object; references aren't followed, since their goals come too."""
    from pikepdf import Array, Dictionary, Object, Stream

    seen = 0
    pending = [pdf.trailer]
    remaining = iter(pdf.objects)
    while True:
        if not pending:
            following = next(remaining, None)
            if following is None:
                return
            pending.append(following)
        value = pending.pop()
        seen += 1
        if seen > MAX_VALUES:
            raise Objection("too-complex", f"The PDF has more than {MAX_VALUES} values.")
        if isinstance(value, Stream):
            value = value.stream_dict
        if isinstance(value, Dictionary):
            yield value
            inner: list[Any] = [value[key] for key in value.keys()]  # noqa: SIM118  # a pikepdf dictionary iterates over pairs
        elif isinstance(value, Array):
            inner = list(value)
        else:
            continue
        pending += [one for one in inner if isinstance(one, Object) and not one.is_indirect]


def _name(mapping: Any, key: str) -> str:
    from pikepdf import Name

    value = mapping.get(key)
    return str(value) if isinstance(value, Name) else ""


def _picture(file: BinaryIO, media_type: str) -> None:
    from PIL import Image

    format_name = {"image/jpeg": "JPEG", "image/png": "PNG"}[media_type]
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(file, formats=[format_name]) as picture:
                if format_name == "PNG" and getattr(picture, "is_animated", False):
                    raise Objection("animated", "The picture is animated.")
                picture.draft("L", (picture.width // 8, picture.height // 8))  # reads everything, computes little
                picture.load()
        if format_name == "PNG":
            _ends_after_its_last_chunk(file)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Objection("too-many-pixels", f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels.") from None
    except (Objection, MemoryError):
        raise
    except Exception:  # noqa: BLE001  # the plugins raise whatever the content leads them to (OSError, SyntaxError, struct.error, ...)
        raise Objection("damaged", f"The picture is cut off, damaged, or no {format_name} at all.") from None


def _ends_after_its_last_chunk(file: BinaryIO) -> None:
    """Walk the PNG's chunks (W3C PNG 5.3): behind IEND nothing may follow, where another file could hide."""
    size = file.seek(0, 2)
    place = 8
    while place + 12 <= size:
        file.seek(place)
        head = file.read(8)
        place += 12 + int.from_bytes(head[:4], "big")
        if head[4:] == b"IEND":
            break
    if place != size:
        raise Objection("polyglot", "Something follows behind the end of the picture.")


def main() -> None:
    """Read standard input as the media type named by the first argument; one JSON object on standard output."""
    # Before the limits, which are for the file.
    for library in ("pikepdf",) if sys.argv[1] == "application/pdf" else ("PIL.JpegImagePlugin", "PIL.PngImagePlugin"):
        importlib.import_module(library)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer: dict[str, Any] = {"pages": parse(sys.stdin.buffer, sys.argv[1])}
    except Objection as objection:
        answer = {"rule": objection.rule, "message": str(objection)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
