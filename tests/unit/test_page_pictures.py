"""Pages as pictures: ordinary documents are drawn; hostile ones are refused in bounded time and memory, and nothing of them is run."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

from idm import page_draw, page_pictures
from idm.errors import NotFound, Unavailable
from idm.page_pictures import NARROWEST, WIDEST, PagePictures, Undrawable
from tests.support.processor import of_children

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"


def pdf(change: Callable[[Pdf], None] = lambda _: None, pages: int = 1, size: tuple[float, float] = (595, 842)) -> io.BytesIO:
    made = Pdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=size)
    change(made)
    out = io.BytesIO()
    made.save(out)
    return io.BytesIO(out.getvalue())


def drawing(operators: bytes) -> Callable[[Pdf], None]:
    """Lets the first page draw that."""

    def change(made: Pdf) -> None:
        made.pages[0].obj.Contents = Stream(made, operators)

    return change


def picture(format_name: str, size: tuple[int, int] = (640, 480), colour: str = "navy", **save: object) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, format_name, **save)
    return io.BytesIO(out.getvalue())


def drawn(content: io.BytesIO, media_type: str = PDF, number: int = 1, width: int = 600) -> Image.Image:
    made = Image.open(io.BytesIO(PagePictures().draw(content, media_type, number, width)))
    assert made.format == "PNG"
    return made


def refused(content: io.BytesIO, media_type: str = PDF) -> str:
    with pytest.raises(Undrawable) as caught:
        PagePictures().draw(content, media_type, 1, 600)
    (fault,) = caught.value.faults
    return fault.rule


def test_a_page_is_drawn_as_wide_as_was_asked_with_what_stands_on_it() -> None:
    page = drawn(pdf(drawing(b"1 0 0 rg 0 0 297 842 re f")))

    assert page.size[0] == 600 and abs(page.size[1] - 849) <= 1
    assert page.getpixel((100, 400)) == (255, 0, 0)
    assert page.getpixel((500, 400)) == (255, 255, 255)


def test_what_was_filled_into_a_form_is_drawn() -> None:
    def change(made: Pdf) -> None:
        look = Stream(made, b"0 0 1 rg 0 0 200 100 re f")
        look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 200, 100])
        entry = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Btn, T=String("box"), F=4, Rect=Array([100, 600, 300, 700]), V=Name.On, AS=Name.On
        )
        entry.AP = Dictionary(N=Dictionary(On=made.make_indirect(look)))
        widget = made.make_indirect(entry)
        made.pages[0].obj.Annots = Array([widget])
        made.Root.AcroForm = Dictionary(Fields=Array([widget]))

    shade = drawn(pdf(change)).getpixel((200, 195))
    assert isinstance(shade, tuple) and shade[2] > shade[0] + 50


def test_a_document_of_three_hundred_pages_is_counted_and_its_last_page_drawn() -> None:
    content = pdf(pages=300)

    assert PagePictures().count(content, PDF) == 300
    content.seek(0)
    assert drawn(content, number=300).width == 600


@pytest.mark.parametrize("number", [-3, 0, 2, 10**6])
def test_a_page_that_is_not_there_is_not_found(number: int) -> None:
    with pytest.raises(NotFound):
        PagePictures().draw(pdf(), PDF, number, 600)


@pytest.mark.parametrize(("asked", "got"), [(1, NARROWEST), (10**6, WIDEST)])
def test_nobody_has_a_page_drawn_without_measure(asked: int, got: int) -> None:
    assert abs(drawn(pdf(), width=asked).width - got) <= 1


def test_a_page_much_higher_than_wide_stays_within_the_pixels_allowed() -> None:
    page = drawn(pdf(size=(10, 14000)), width=2400)
    assert page.height <= page_draw.HIGHEST + 1 and page.width * page.height <= page_draw.MAX_DRAWN


@pytest.mark.parametrize("format_name", ["JPEG", "PNG"])
def test_a_photo_is_one_page_never_blown_up(format_name: str) -> None:
    media_type = f"image/{format_name.lower()}"

    assert PagePictures().count(picture(format_name), media_type) == 1
    assert drawn(picture(format_name), media_type, width=400).size == (400, 300)
    assert drawn(picture(format_name), media_type, width=2000).size == (640, 480)


def test_a_photo_is_turned_upright_and_loses_what_the_camera_wrote_beside_it() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera of Gunnar"
    page = drawn(picture("JPEG", exif=exif), JPEG)

    assert page.size == (480, 640)
    assert not page.getexif() and b"Gunnar" not in PagePictures().draw(picture("JPEG", exif=exif), JPEG, 1, 600)


def test_a_picture_with_transparency_lies_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(out, "PNG")

    assert drawn(io.BytesIO(out.getvalue()), PNG, width=300).getpixel((10, 10)) == (255, 255, 255)


def test_scripts_actions_and_embedded_files_do_nothing() -> None:
    def change(made: Pdf) -> None:
        made.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert('x'); this.closeDoc();"))
        made.Root.AA = Dictionary(WC=Dictionary(S=Name.Launch, F=String("/bin/sh")))
        made.attachments["evil.sh"] = b"#!/bin/sh"

    assert drawn(pdf(change)).width == 600


def test_what_is_no_document_is_refused() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("page.pdf", b"%PDF-1.7")
    for content in (b"", b"%PDF-1.7 and then nothing", archive.getvalue(), pdf().getvalue()[:200]):
        assert refused(io.BytesIO(content)) == "damaged"
    for media_type in (JPEG, PNG):
        assert refused(io.BytesIO(b"\xff\xd8\xff nothing"), media_type) == "damaged"


def test_a_picture_that_is_another_format_is_not_opened_as_that() -> None:
    assert refused(picture("GIF"), PNG) == "damaged"


def test_a_picture_of_endless_pixels_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (40_000, 40_000)).save(out, "PNG")
    assert refused(io.BytesIO(out.getvalue()), PNG) == "too-complex"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of processor time alone ends the drawing: on a busy machine it would come after that of the time in all."""
    monkeypatch.setattr(page_pictures, "WALL_SECONDS", 250.0)


def test_a_page_that_unpacks_to_gigabytes_takes_bounded_time(patient: None) -> None:
    def change(made: Pdf) -> None:
        packed = zlib.compress(b"\0" * 64_000_000, 9)
        bomb = Stream(made, zlib.compress(packed, 9))
        bomb.Type, bomb.Subtype, bomb.Width, bomb.Height = Name.XObject, Name.Image, 60_000, 60_000
        bomb.ColorSpace, bomb.BitsPerComponent = Name.DeviceRGB, 8
        bomb.Filter = Array([Name.FlateDecode, Name.FlateDecode])
        made.pages[0].obj.Resources = Dictionary(XObject=Dictionary(I=made.make_indirect(bomb)))
        made.pages[0].obj.Contents = Stream(made, b"q 595 0 0 842 0 0 cm /I Do Q")

    before = of_children()
    try:
        page = drawn(pdf(change))
    except Undrawable:
        pass
    else:
        assert page.width == 600  # the picture in it is left out
    assert of_children() - before < page_draw.CPU_SECONDS + 1


def test_a_page_that_never_ends_is_stopped_and_others_are_drawn_after(patient: None) -> None:
    endless = pdf(drawing(b"0 0 100 100 re f 1 0 0 1 0.001 0 cm " * 6_000_000))

    assert refused(endless) == "too-complex"
    assert drawn(pdf()).width == 600


def test_the_drawing_process_can_write_no_file_and_start_with_little_memory_only() -> None:
    code = (
        "import sys, io, resource; sys.argv = ['x', 'image/png', '0', '200'];"
        f"sys.path.insert(0, {str(Path(page_draw.__file__).parent)!r}); import page_draw;"
        "sys.stdin = io.TextIOWrapper(io.BytesIO(b'')); page_draw.main();"
        "print(resource.getrlimit(resource.RLIMIT_FSIZE)[0], resource.getrlimit(resource.RLIMIT_AS)[0] <= 1 << 30,"
        " resource.getrlimit(resource.RLIMIT_CORE)[0])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, env={})
    assert ran.stdout.splitlines()[-1] == "0 True 0"


def test_only_so_many_are_drawn_at_once_and_who_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_pictures, "WALL_SECONDS", 0.05)
    busy = PagePictures(at_once=1)
    inside, leave = threading.Event(), threading.Event()

    class Held(io.BytesIO):
        pass

    def hold(source: bytes, media_type: str, number: int, width: int) -> subprocess.CompletedProcess[bytes]:
        inside.set()
        leave.wait(30)
        return subprocess.CompletedProcess([], 0, b'{"pages": 1}\n', b"")

    monkeypatch.setattr(page_pictures, "_run", hold)
    first = threading.Thread(target=busy.count, args=(Held(), PDF))
    first.start()
    try:
        assert inside.wait(30)
        with pytest.raises(Unavailable):
            busy.count(io.BytesIO(), PDF)
    finally:
        leave.set()
        first.join(30)
    assert busy.count(io.BytesIO(), PDF) == 1


@settings(max_examples=15)
@given(st.data())
def test_a_document_with_flipped_bytes_is_drawn_or_refused_and_nothing_else(data: st.DataObject) -> None:
    content = bytearray(pdf(drawing(b"0 0 100 100 re f"), pages=2).getvalue())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        made = PagePictures().draw(io.BytesIO(content), PDF, 1, 300)
    except (Undrawable, NotFound):
        return
    assert made.startswith(b"\x89PNG")
