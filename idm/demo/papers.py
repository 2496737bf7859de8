"""The papers that the demo's new employees hand in: real PDF files and pictures, made on the spot."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection
from io import BytesIO

PDF, PNG = "application/pdf", "image/png"


def paper(title: str, allowed: Collection[str], *, photo: bool = False) -> tuple[BytesIO, str]:
    """A document of one of the `allowed` media types with `title` on it (rather a `photo`, if asked), and its ending."""
    as_photo = PNG in allowed and (photo or PDF not in allowed)
    return (BytesIO(png(title)), ".png") if as_photo else (BytesIO(pdf(title)), ".pdf")


def pdf(title: str) -> bytes:
    """A PDF file of one page (PDF 1.4; ISO 32000-1, 7.5)."""
    written = title.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    text = b"BT /F1 20 Tf 60 760 Td (" + written + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def png(title: str) -> bytes:
    """A small PNG picture in a colour that follows from `title` (PNG, third edition, 5)."""
    colour = struct.pack(">I", zlib.crc32(title.encode()))[:3]
    rows = b"".join(b"\x00" + colour * 48 for _ in range(64))
    header = struct.pack(">IIBBBBB", 48, 64, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
