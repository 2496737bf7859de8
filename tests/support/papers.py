"""Papers as people really hand them in: a PDF of several pages with text, and a photograph taken with a phone."""

from __future__ import annotations

import io
from functools import cache

import pikepdf
from PIL import Image, ImageDraw

_A4 = (595, 842)


@cache
def contract(pages: int = 2, title: str = "Ansættelseskontrakt") -> bytes:
    """A PDF of so many pages of type-written text, its title on each."""
    made, out = pikepdf.Pdf.new(), io.BytesIO()
    for number in range(1, pages + 1):
        made.add_blank_page(page_size=_A4)
        page = made.pages[-1]
        page.Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(
                F=made.make_indirect(
                    pikepdf.Dictionary(
                        Type=pikepdf.Name.Font,
                        Subtype=pikepdf.Name.Type1,
                        BaseFont=pikepdf.Name.Helvetica,
                        Encoding=pikepdf.Name.WinAnsiEncoding,
                    )
                )
            )
        )
        page.Contents = made.make_stream(_typed(title, number, pages))
    made.save(out, static_id=True)
    return out.getvalue()


def _typed(title: str, number: int, pages: int) -> bytes:
    lines = ["BT /F 22 Tf 60 760 Td", f"({title}) Tj", "/F 11 Tf 0 -40 Td 18 TL"]
    for paragraph in range(1, 9):
        lines += [f"(§ {paragraph + (number - 1) * 8}. Parterne er enige om det, der står her, og om at følge overenskomsten.) Tj T*"]
        lines += ["(Arbejdsgiveren udleverer en kopi til medarbejderen, inden arbejdet begynder.) Tj T* T*"]
    lines += [f"/F 9 Tf (Side {number} af {pages}) Tj ET"]
    return "\n".join(lines).encode("cp1252")


@cache
def photograph(width: int = 1200, height: int = 1600, *, blurred: bool = False) -> bytes:
    """A JPEG as a phone takes it of somebody's face: large, upright, with a face that nobody has. `blurred` makes it bad."""
    detail = 16 if blurred else 1
    size = (width // detail, height // detail)
    picture = Image.new("RGB", size, (196, 214, 220))
    draw = ImageDraw.Draw(picture)

    def oval(left: float, top: float, right: float, bottom: float, colour: tuple[int, int, int]) -> None:
        draw.ellipse((size[0] * left, size[1] * top, size[0] * right, size[1] * bottom), fill=colour)

    oval(-0.1, 0.72, 1.1, 1.6, (52, 84, 120))
    oval(0.24, 0.14, 0.76, 0.56, (88, 60, 42))
    oval(0.28, 0.2, 0.72, 0.72, (226, 184, 158))
    for left in (0.39, 0.55):
        oval(left, 0.4, left + 0.06, 0.43, (60, 46, 38))
    oval(0.43, 0.57, 0.57, 0.6, (176, 96, 92))
    out = io.BytesIO()
    picture.resize((width, height), Image.Resampling.BILINEAR).save(out, "JPEG", quality=88)
    return out.getvalue()
