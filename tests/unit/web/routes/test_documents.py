"""Stored documents in the portal: pictures of their pages, and the file to take away; for who may, and with no way to run anything."""

from __future__ import annotations

import io

import pikepdf
import pytest
from PIL import Image

from idm.flow.documents import add_document
from idm.web.routes.documents import attachment
from tests import data
from tests.support.portal import Portal

STRANGERS = (data.HEAD_NORTH, data.HEAD_SOUTH, data.DIRECTOR, data.IT, data.TEACHER)


@pytest.fixture
def case(portal: Portal) -> str:
    return portal.world.hire()


@pytest.fixture
def document(portal: Portal, case: str) -> str:
    return portal.world.hand_in(case)


def test_a_reviewer_sees_the_pages_as_pictures(portal: Portal, case: str, document: str) -> None:
    visitor = portal.visitor(data.PAY)
    page = visitor.get(f"/documents/{document}")
    picture = visitor.client.get(f"/documents/{document}/pages/1?size=small")

    assert (page.status, "Page 1 of 1" in page.text) == (200, True)
    assert f"/documents/{document}/pages/1?size=normal" in page.html
    assert "<iframe" not in page.html and "<embed" not in page.html and "<object" not in page.html
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(picture.content)).width == 640
    assert portal.world.actions(case)[-1] == "document-opened"


def test_pages_and_files_are_kept_by_no_cache_and_run_nothing(portal: Portal, document: str) -> None:
    visitor = portal.visitor(data.PAY)
    for path in (f"/documents/{document}/pages/1", f"/documents/{document}/file"):
        headers = visitor.client.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'; sandbox")


def test_the_file_is_taken_away_as_an_attachment_on_record(portal: Portal, case: str, document: str) -> None:
    answer = portal.visitor(data.PAY, language="da").client.get(f"/documents/{document}/file")

    assert answer.content == data.pdf()
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Underskrevet ansaettelseskontrakt.pdf\"; filename*=UTF-8''Underskrevet%20ans%C3%A6ttelseskontrakt.pdf"
    )
    assert portal.world.actions(case)[-1] == "document-handed-out"


@pytest.mark.parametrize("path", ["", "/pages/1", "/file"])
def test_nobody_else_learns_that_it_is_there(portal: Portal, case: str, document: str, path: str) -> None:
    before = portal.world.actions(case)
    for person in STRANGERS:
        answer, nothing = portal.visitor(person).get(f"/documents/{document}{path}"), portal.visitor(person).get(f"/documents/doc-0{path}")
        assert (answer.status, nothing.status, answer.text) == (404, 404, nothing.text), person
    assert portal.hire_of(case).get(f"/documents/{document}{path}").status == 404, "theirs have an address of their own"
    assert portal.visitor().get(f"/documents/{document}{path}", follow=False).headers["location"].startswith("/login")
    assert portal.world.actions(case) == before


@pytest.mark.parametrize("path", ["/pages/0", "/pages/2", "/pages/-1", "/pages/x", "/pages/99999999999", "?from=2", "?from=x"])
def test_a_page_that_is_not_there_is_not_found(portal: Portal, document: str, path: str) -> None:
    assert portal.visitor(data.PAY).get(f"/documents/{document}{path}").status == 404


def test_a_long_document_is_shown_some_pages_at_a_time(portal: Portal, case: str) -> None:
    made, out = pikepdf.Pdf.new(), io.BytesIO()
    for _ in range(300):
        made.add_blank_page()
    made.save(out)
    document = add_document(portal.world.app, case, "contract", "contract.pdf", io.BytesIO(out.getvalue())).id
    visitor = portal.visitor(data.PAY)

    first = visitor.get(f"/documents/{document}")
    assert first.html.count("<img") == 20
    assert [link for link in first.links if "from=21" in link]
    last = visitor.get(f"/documents/{document}?from=281")
    assert "Page 300 of 300" in last.text and [link for link in last.links if "from=261" in link]
    assert not [link for link in last.links if "from=301" in link]


def test_the_reviewers_task_shows_the_paper_beside_the_decision(portal: Portal, case: str, document: str) -> None:
    page = portal.visitor(data.PAY).get(f"/tasks/{portal.world.task_of(case, 'review-contract')}")

    assert page.status == 200
    assert f'src="/documents/{document}/pages/1"' in page.html


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Skoleleder Æble.pdf", "Skoleleder AEble.pdf"),
        ('a"; filename=evil.html\r\nX: y.pdf', "a__ filename_evil.html__X_ y.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("", "document"),
        ("日本.pdf", "pdf"),
    ],
)
def test_a_file_name_breaks_out_of_nothing(name: str, plain: str) -> None:
    said = attachment(name)
    assert "\r" not in said and "\n" not in said and said.count('"') == 2
    assert said.split('"')[1].lower().strip(" .") == plain.lower().strip(" .")


def test_the_new_hire_looks_at_what_they_handed_in_and_at_nobody_elses(portal: Portal, case: str, document: str) -> None:
    hire = portal.hire_of(case)
    for start in ("/my/receipt", "/my/papers/contract"):
        assert any(link.startswith(f"/my/documents/{document}") for link in hire.get(start).links), start
    page = hire.get(f"/my/documents/{document}?back=/my/papers/contract")
    picture, file = (hire.client.get(f"/my/documents/{document}{path}") for path in ("/pages/1", "/file"))

    assert page.status == 200 and f"/my/documents/{document}/pages/1?size=normal" in page.html and "/my/papers/contract" in page.links
    assert not [link for link in page.links if link.startswith("/documents")]
    assert picture.headers["content-type"] == "image/png" and file.content == data.pdf()
    assert all(answer.headers["content-security-policy"].startswith("default-src 'none'; sandbox") for answer in (picture, file))
    assert portal.world.actions(case)[-2:] == ["document-opened", "document-handed-out"], "each look is on record"

    other = portal.hire_of(portal.world.hire("h2"))
    for path in ("", "/pages/1", "/file"):
        assert other.get(f"/my/documents/{document}{path}").status == 404
        assert portal.visitor(data.PAY).get(f"/my/documents/{document}{path}").status == 404
        assert portal.visitor().get(f"/my/documents/{document}{path}", follow=False).headers["location"].startswith("/start")
