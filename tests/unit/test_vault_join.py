from __future__ import annotations

import io

import pikepdf
import pytest
from PIL import Image

from idm.errors import BadInput
from idm.vault_check import check_document
from idm.vault_join import join_pages
from tests import data

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"


def picture(size: tuple[int, int], mode: str = "RGB", format: str = "JPEG", **more: object) -> io.BytesIO:
    made = io.BytesIO()
    Image.new(mode, size, 128 if mode == "L" else None).save(made, format, **more)
    made.seek(0)
    return made


def test_pages_become_one_pdf_in_their_order_that_passes_every_check() -> None:
    wide, tall = picture((400, 200)), picture((200, 400), "L")
    made = join_pages([(JPEG, wide), (PDF, io.BytesIO(data.pdf())), (JPEG, tall), (PNG, picture((50, 50), "RGBA", "PNG"))])
    content = made.read()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        shapes = [page.mediabox[2] > page.mediabox[3] for page in pdf.pages]
    assert (len(shapes), shapes[0], shapes[2]) == (4, True, False)
    assert check_document(io.BytesIO(content), name="joined.pdf", allowed=[PDF], limit=10_000_000).pages == 4


def test_pictures_are_turned_upright_made_smaller_and_lose_what_the_camera_wrote() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SecretCamera"
    made = join_pages([(JPEG, picture((6000, 4000), exif=exif)), (JPEG, picture((10, 10)))]).read()
    assert b"SecretCamera" not in made
    with pikepdf.open(io.BytesIO(made)) as pdf:
        first = pdf.pages[0]
        image = next(iter(first.get_images().values()))
        assert first.mediabox[3] > first.mediabox[2], "turned upright"
        assert max(int(image.Width), int(image.Height)) == 3508


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 nothing", data.pdf()[:100]])
def test_what_can_not_be_joined_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        join_pages([(PDF, io.BytesIO(data.pdf())), (PDF, io.BytesIO(content))])
    assert refused.value.faults[0].rule == "not-joinable"
