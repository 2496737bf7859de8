"""Checking documents: ordinary ones pass, hostile ones are refused by the rule they break, in bounded time and memory."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import Image

from idm import vault_check, vault_parse
from idm.errors import BadInput, Unavailable
from idm.vault_check import JPEG, KNOWN_TYPES, PDF, PNG, RULES, CheckedDocument, check_document
from idm.vault_parse import Objection
from tests.support.processor import of_children

LIMIT = 5_000_000


def pdf(change: Callable[[Pdf], None] = lambda _: None, pages: int = 2, **save: object) -> bytes:
    """A PDF with `pages` empty pages after `change`."""
    made = Pdf.new()
    for _ in range(pages):
        made.add_blank_page()
    change(made)
    out = io.BytesIO()
    made.save(out, **save)  # type: ignore[arg-type]  # options handed through as they are
    return out.getvalue()


def picture(format_name: str, size: tuple[int, int] = (64, 48), **save: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, format_name, **save)
    return out.getvalue()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "a")
    return out.getvalue()


def set_root(key: str, value: object) -> Callable[[Pdf], None]:
    def change(made: Pdf) -> None:
        made.Root[Name(key)] = value

    return change


def on_page(**entries: Any) -> Callable[[Pdf], None]:
    """A page with one annotation that has `entries`."""

    def change(made: Pdf) -> None:
        made.pages[0].obj.Annots = Array([Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **entries)])

    return change


def unreachable_script(made: Pdf) -> None:
    made.Root.Hidden = made.make_indirect(Dictionary(Deep=Array([Array([Dictionary(S=Name.JavaScript, JS=String("x"))])])))


def attach(made: Pdf) -> None:
    made.attachments["payload.txt"] = b"payload"


ORDINARY = {
    "pdf": (pdf(), "contract.pdf", CheckedDocument(PDF, len(pdf()), 2)),
    "pdf-upper-case-name": (pdf(pages=1), "SCAN 12.PDF", CheckedDocument(PDF, len(pdf(pages=1)), 1)),
    "jpeg": (picture("JPEG"), "photo.jpeg", CheckedDocument(JPEG, len(picture("JPEG")))),
    "progressive-jpeg": (
        picture("JPEG", progressive=True),
        "photo.jpg",
        CheckedDocument(JPEG, len(picture("JPEG", progressive=True))),
    ),
    "png": (picture("PNG"), "photo.png", CheckedDocument(PNG, len(picture("PNG")))),
}


@pytest.mark.parametrize(("content", "name", "found"), ORDINARY.values(), ids=ORDINARY)
def test_ordinary_documents_pass(content: bytes, name: str, found: CheckedDocument) -> None:
    source = io.BytesIO(content)
    assert check_document(source, name=name, allowed=KNOWN_TYPES, limit=len(content)) == found
    assert source.tell() == 0


def test_a_file_on_the_disk_is_left_at_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf())
    with path.open("rb") as source:
        source.read(100)
        assert check_document(source, name="a.pdf", allowed={PDF}, limit=LIMIT).pages == 2
        assert source.read(5) == b"%PDF-"


def refused(content: bytes, name: str = "a.pdf", allowed: frozenset[str] = KNOWN_TYPES, limit: int = LIMIT) -> str:
    """The rule that `check_document` names, after looking that the error says everything it must."""
    with pytest.raises(BadInput) as caught:
        check_document(io.BytesIO(content), name=name, allowed=allowed, limit=limit)
    (fault,) = caught.value.faults
    assert fault.path == "file"
    assert fault.rule in RULES
    assert caught.value.next_step
    assert caught.value.next_step in fault.message
    assert len(name) < 6 or name not in fault.message
    return fault.rule


@pytest.mark.parametrize(
    ("content", "name", "rule"),
    [
        (b"", "a.pdf", "empty"),
        (b"%PDF-1.7\n" + bytes(LIMIT), "a.pdf", "too-large"),
        (b"MZ\x90\x00" + bytes(100), "a.pdf", "type"),
        (b"\n%PDF-1.7\n", "a.pdf", "type"),
        (b"<html><script>", "a.png", "type"),
        (zipped(), "a.pdf", "type"),
        (pdf(), "a.png", "extension"),
        (pdf(), "a", "extension"),
        (picture("PNG"), "ansøgning-om-orlov.pdf", "extension"),
        (pdf() + zipped(), "a.pdf", "polyglot"),
        (picture("JPEG") + zipped(), "a.jpg", "polyglot"),
        (picture("PNG") + b"<script>alert(1)</script>", "a.png", "polyglot"),
        (b"%PDF-1.7\nrubbish\n%%EOF", "a.pdf", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a.png", "damaged"),
        (b"\xff\xd8\xff" + bytes(50), "a.jpg", "damaged"),
        (pdf()[:-200], "a.pdf", "damaged"),
        (pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "a.pdf", "encrypted"),
    ],
    ids=lambda value: value if isinstance(value, str) and value in RULES else "",
)
def test_what_is_refused_from_end_to_end(content: bytes, name: str, rule: str) -> None:
    assert refused(content, name) == rule


def test_only_the_allowed_kinds() -> None:
    assert refused(picture("JPEG"), "a.jpg", frozenset({PDF})) == "type"
    assert refused(pdf(), "a.pdf", frozenset()) == "type"


@pytest.mark.parametrize(
    ("content", "allowed", "advice"),
    [
        (picture("JPEG"), {PDF}, "Send a PDF file."),
        (picture("PNG"), {PDF, JPEG}, "Send a PDF file, or a photograph or scan as JPEG."),
        (b"GIF89a", {PDF, JPEG, PNG}, "Send a PDF file, or a photograph or scan as JPEG or PNG."),
        (pdf(), {JPEG, PNG}, "Send a photograph or scan as JPEG or PNG."),
        (b"\xff\xd8\xff" + bytes(50), {JPEG, PNG}, "Look whether the picture opens; take it again, and send that."),
        (picture("PNG") + zipped(), {PNG}, "Take a new picture, and send that."),
    ],
)
def test_what_to_send_instead_is_what_is_taken_there(content: bytes, allowed: set[str], advice: str) -> None:
    name = "a.jpg" if content.startswith(b"\xff") else "a.png" if content.startswith(b"\x89") else "a.pdf"
    with pytest.raises(BadInput) as caught:
        check_document(io.BytesIO(content), name=name, allowed=allowed, limit=LIMIT)
    assert caught.value.next_step == advice and caught.value.faults[0].message.endswith(advice)


LAUNCH = Dictionary(S=Name.Launch, F=String("x.exe"))
SCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
HOSTILE = {
    "open-script": (set_root("/OpenAction", SCRIPT), "active-content"),
    "open-web-page": (set_root("/OpenAction", Dictionary(S=Name.URI, URI=String("http://example.org"))), "active-content"),
    "script-by-name": (set_root("/Names", Dictionary(JavaScript=Dictionary(Names=[String("x"), SCRIPT]))), "active-content"),
    "launch-by-link": (on_page(Subtype=Name.Link, A=LAUNCH), "active-content"),
    "chained-action": (on_page(Subtype=Name.Link, A=Dictionary(S=Name.GoTo, D=[0], Next=[LAUNCH])), "active-content"),
    "additional-actions": (on_page(Subtype=Name.Link, AA=Dictionary(E=SCRIPT)), "active-content"),
    "sends-a-form": (on_page(Subtype=Name.Link, A=Dictionary(S=Name.SubmitForm)), "active-content"),
    "xfa-form": (set_root("/AcroForm", Dictionary(Fields=[], XFA=String("<xdp/>"))), "active-content"),
    "rich-media": (on_page(Subtype=Name.RichMedia), "active-content"),
    "unreachable-script": (unreachable_script, "active-content"),
    "attached-file": (attach, "embedded-file"),
    "file-annotation": (on_page(Subtype=Name.FileAttachment), "embedded-file"),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "in-object-streams"])
@pytest.mark.parametrize(("change", "rule"), HOSTILE.values(), ids=HOSTILE)
def test_active_pdfs_are_refused(change: Callable[[Pdf], None], rule: str, packed: bool) -> None:
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    with pytest.raises(Objection) as caught:
        vault_parse.parse(io.BytesIO(pdf(change, object_stream_mode=mode)), PDF)
    assert caught.value.rule == rule


@pytest.mark.parametrize(
    "change",
    [
        set_root("/OpenAction", Array([0, Name.Fit])),
        set_root("/OpenAction", Dictionary(S=Name.GoTo, D=[0, Name.Fit])),
        on_page(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("https://example.org"))),
        set_root("/StructTreeRoot", Dictionary(K=Dictionary(S=Name.P))),
    ],
    ids=["opens-at-a-page", "goes-to-a-page", "web-link", "tagged"],
)
def test_what_every_word_processor_writes_is_fine(change: Callable[[Pdf], None]) -> None:
    assert vault_parse.parse(io.BytesIO(pdf(change)), PDF) == 2


def test_encrypted_without_a_password_is_refused_too() -> None:
    with pytest.raises(Objection) as caught:
        vault_parse.parse(io.BytesIO(pdf(encryption=pikepdf.Encryption(owner="o", user=""))), PDF)
    assert caught.value.rule == "encrypted"


def test_number_of_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Objection) as caught:
        vault_parse.parse(io.BytesIO(pdf(pages=0)), PDF)
    assert caught.value.rule == "damaged"
    monkeypatch.setattr(vault_parse, "MAX_PAGES", 3)
    assert vault_parse.parse(io.BytesIO(pdf(pages=3)), PDF) == 3
    with pytest.raises(Objection) as caught:
        vault_parse.parse(io.BytesIO(pdf(pages=4)), PDF)
    assert caught.value.rule == "too-many-pages"


@pytest.mark.parametrize("bound", ["MAX_OBJECTS", "MAX_VALUES"])
def test_the_work_on_a_pdf_is_bounded(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(vault_parse, bound, 5)
    with pytest.raises(Objection) as caught:
        vault_parse.parse(io.BytesIO(pdf(pages=5)), PDF)
    assert caught.value.rule == "too-complex"


def raw_pdf(objects: dict[int, bytes]) -> bytes:
    """A PDF of hand-written objects, number 1 the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (max(objects) + 1, start)
    return bytes(out)


def page_tree_that_multiplies() -> bytes:
    """Ten branches a level, all the same one: 10^12 pages in 2 kB."""
    objects = {1: b"<< /Type /Catalog /Pages 2 0 R >>"}
    for number in range(2, 14):
        kids = b" ".join([b"%d 0 R" % (number + 1)] * 10)
        objects[number] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (10 ** (14 - number), kids)
    objects[14] = b"<< /Type /Page /Parent 13 0 R /MediaBox [0 0 9 9] >>"
    return raw_pdf(objects)


def inflating_object_stream() -> bytes:
    """The catalogue in an object stream of a few hundred bytes that inflates twice, to 600 MB."""
    inner = zlib.compressobj(1)
    once = inner.compress(b"1 0 << /Type /Catalog /Pages 2 0 R >> ")
    blanks = b" " * 10_000_000
    once += b"".join(inner.compress(blanks) for _ in range(60)) + inner.flush()
    twice = zlib.compress(once)
    out = bytearray(b"%PDF-1.7\n")
    stream_at = len(out)
    out += b"3 0 obj << /Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode] /Length %d >> stream\n" % len(twice)
    out += twice + b"\nendstream endobj\n"
    table_at = len(out)
    rows = [(0, 0, 255), (2, 3, 0), (0, 0, 0), (1, stream_at, 0), (1, table_at, 0)]
    table = b"".join(struct.pack(">BIB", *row) for row in rows)
    out += b"4 0 obj << /Type /XRef /Size 5 /W [1 4 1] /Root 1 0 R /Length %d >> stream\n" % len(table)
    out += table + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % table_at
    return bytes(out)


def picture_of_many_pixels() -> bytes:
    """A PNG header that claims 60,000 by 60,000 pixels, in 100 bytes."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = zlib.compress(b"")
    chunks = [(b"IHDR", head), (b"IDAT", body), (b"IEND", b"")]
    packed = (struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of processor time alone ends a check: on a busy machine it would come after that of the time in all."""
    monkeypatch.setattr(vault_check, "WALL_SECONDS", 250.0)


@pytest.mark.parametrize(
    ("make", "name", "rules"),
    [
        (page_tree_that_multiplies, "a.pdf", {"damaged", "too-complex"}),
        (inflating_object_stream, "a.pdf", {"damaged", "too-complex"}),
        (picture_of_many_pixels, "a.png", {"too-many-pixels"}),
        (lambda: picture("PNG", (9_000, 8_000)), "a.png", {"too-many-pixels"}),
        (lambda: raw_pdf({1: b"[" * 50_000 + b"]" * 50_000}), "a.pdf", {"damaged", "too-complex"}),
    ],
    ids=["page-tree", "object-stream", "claimed-pixels", "real-pixels", "nesting"],
)
def test_bombs_end_soon(make: Callable[[], bytes], name: str, rules: set[str], patient: None) -> None:
    content = make()
    before = of_children()
    assert refused(content, name) in rules
    assert of_children() - before < vault_parse.CPU_SECONDS + 1


def picture_of_many_scans() -> bytes:
    """A progressive JPEG of 300 kB whose last scan comes 400 times: each goes over 63 million pixels again."""
    out = io.BytesIO()
    Image.new("L", (8_000, 7_900), 128).save(out, "JPEG", progressive=True, quality=30)
    once = out.getvalue()
    scan = once[once.rfind(b"\xff\xda") : -2]
    return once[:-2] + scan * 400 + b"\xff\xd9"


@pytest.mark.slow
def test_the_kernel_ends_what_takes_too_much_processor_time(patient: None) -> None:
    assert refused(picture_of_many_scans(), "a.jpg") == "too-complex"


def test_an_animation_is_no_document() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    with pytest.raises(Objection) as caught:
        vault_parse.parse(out, PNG)
    assert caught.value.rule == "animated"


@pytest.mark.parametrize("kind", [PDF, JPEG, PNG])
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_damage_gets_a_librarys_own_error_out(kind: str, data: st.DataObject) -> None:
    content = {PDF: pdf(), JPEG: picture("JPEG"), PNG: picture("PNG")}[kind]
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    length = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))
    try:
        vault_parse.parse(io.BytesIO(changed[:length]), kind)
    except Objection as objection:
        assert objection.rule in RULES


def test_a_check_that_does_not_end_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_check, "WALL_SECONDS", 0.001)
    with pytest.raises(Unavailable) as caught:
        check_document(io.BytesIO(pdf()), name="a.pdf", allowed={PDF}, limit=LIMIT)
    assert caught.value.next_step
