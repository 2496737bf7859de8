from __future__ import annotations

import io
from datetime import timedelta

import pytest

from idm.flow.depart import Word, cancel
from idm.flow.invitations import invite
from tests import data
from tests.support.portal import Portal


def test_a_paper_is_handed_in_and_comes_back_on_top_with_its_reason(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    hire = portal.hire_of(case)
    name, content = data.file_of("contract")
    page = hire.get("/my/papers/contract")

    after = hire.send(page, "/my/papers/contract", files={"file": (name, content)}, button=("step", "done"))
    assert after.url == "/my" and "we have it now" in after.text and "With us" in after.text

    world.do(case, "review-contract", data.PAY, "return", "Page 2 is missing.")
    home = hire.get("/my").html
    assert home.index("Page 2 is missing.") < home.index("/my/papers/diploma")


def test_a_first_day_that_is_past_is_told_as_past(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    start = world.case(case).facts.start_date

    told = []
    for day in (start, start + timedelta(days=1)):
        world.clock.set_day(day)
        told.append(portal.hire_of(case).get("/my").text)

    assert "Your first day is" in told[0] and "Your first day was" in told[1] and "Your first day is" not in told[1]


def test_a_file_that_is_not_what_it_claims_is_refused_beside_the_field_and_nothing_is_kept(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    hire = portal.hire_of(case)

    refused = hire.send(hire.get("/my/papers/contract"), "/my/papers/contract", files={"file": ("a.pdf", b"GIF89a", "application/pdf")})
    none = hire.post("/my/papers/contract", files={"other": ("", b"")})

    assert refused.status == 422 and none.status == 422 and "f-file-error" in none.ids
    picture = hire.send(hire.get("/my/papers/contract"), "/my/papers/contract", files={"file": data.file_of("photo")})
    assert picture.status == 422 and picture.text.count("Send a PDF file.") == 1, "what to do is said once"
    assert "or PNG" not in picture.text, "nobody is told to send what isn't taken here"
    assert "PDF, at most 10 MB each" in hire.get("/my/papers/contract").text and "PDF, JPEG or PNG" in hire.get("/my/papers/diploma").text
    assert world.states(case)["document-contract"] == "waiting" and not world.store.documents(case)


def test_several_pages_are_added_one_removed_and_the_rest_handed_in_as_one(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    hire = portal.hire_of(case)
    name, content = data.file_of("diploma")
    page = hire.get("/my/papers/diploma")
    for number in range(3):
        page = hire.send(page, "/my/papers/diploma", files={"file": (f"{number}-{name}", content)}, button=("step", "add"))
    assert page.url == "/my/papers/diploma" and world.states(case)["document-diploma"] == "waiting"

    page = hire.send(page, next(form.action for form in page.forms if form.action.endswith("/remove")))
    assert f"0-{name}" not in page.text and f"1-{name}" in page.text
    hire.send(page, "/my/papers/diploma", button=("step", "done"))

    assert world.states(case)["document-diploma"] == "done" and len(world.store.documents(case)) == 1


def test_a_page_says_which_files_its_kind_takes_and_whether_several_become_one(portal: Portal) -> None:
    case = portal.world.hire(position="it_technician")
    hire = portal.hire_of(case)
    photo, contract = hire.get("/my/papers/id_photo"), hire.get("/my/papers/contract")

    assert "JPEG or PNG, at most 5 MB" in photo.text and "PDF" not in photo.text and "Several" not in photo.text
    assert "Several become one paper" in contract.text and " multiple" in contract.html and " multiple" not in photo.html
    assert [button for form in photo.forms for button in form.buttons if button[0] == "step"] == [("step", "done")]

    kept = hire.send(photo, "/my/papers/id_photo", files={"file": data.file_of("id_photo")}, button=("step", "done"))
    assert kept.url == "/my", "a picture alone is handed in as it is"


def test_of_several_files_the_wrong_one_is_named_the_others_are_kept_and_none_comes_twice(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    hire = portal.hire_of(case)
    good, wrong = ("file", ("side 1.pdf", data.pdf())), ("file", ("side 2.gif", b"GIF89a"))
    page = hire.get("/my/papers/contract")

    refused = hire.send(page, "/my/papers/contract", files=[wrong, good], button=("step", "done"))
    assert refused.status == 422 and "side 2.gif" in refused.text and "kept" in refused.text
    assert world.states(case)["document-contract"] == "waiting"
    again = hire.send(page, "/my/papers/contract", files=[good, wrong], button=("step", "done"))
    assert len([form for form in again.forms if form.action.endswith("/remove")]) == 1

    secret = hire.send(page, "/my/papers/contract", files={"file": ("cpr 010190-1234.gif", b"GIF89a")}, button=("step", "done"))
    assert secret.status == 422 and "010190" not in secret.text


def test_nobody_removes_a_page_that_is_anothers(portal: Portal) -> None:
    from idm.flow.pages import add_page, pages_of

    world = portal.world
    mine, other = world.hire("h1"), world.hire("h2")
    name, content = data.file_of("contract")
    page = add_page(world.app, other, "contract", name, io.BytesIO(content), world.case(other).person)

    assert portal.hire_of(mine).post(f"/my/papers/contract/{page.id}/remove").status == 404
    assert len(pages_of(world.app, other)) == 1


def test_a_form_is_saved_and_gone_on_with_another_day_and_its_receipt_tells_no_answer(portal: Portal) -> None:
    case = portal.world.hire()
    hire = portal.hire_of(case)
    hire.send(hire.get("/my/forms/personal"), "/my/forms/personal", {"v.street": "Nørregade 10"}, button=("step", "save"))

    assert "Saved, not handed in" in hire.get("/my").text
    later = portal.hire_of(case).get("/my/forms/personal")
    assert later.form("/my/forms/personal").fields["v.street"] == ["Nørregade 10"] and "You saved this" in later.text
    values = {"v.residence": "denmark", "v.postcode": "8000", "v.town": "Aarhus C", "v.pay_to": "nemkonto"}
    hire.send(later, "/my/forms/personal", values, button=("step", "done"))

    shown = hire.get("/my/receipt")
    assert "Answered" in shown.text and "Nørregade" not in shown.html


def test_what_is_typed_is_looked_at_before_it_is_handed_in(portal: Portal) -> None:
    case = portal.world.hire()
    part = portal.hire_of(case).post(
        "/my/forms/personal/check", {"v.residence": "denmark", "v.postcode": "80", "v.town": ""}, hx_request="true"
    )

    assert "<html" not in part.html and "f-postcode-error" in part.ids and "f-town-error" not in part.ids
    assert "f-country" not in part.ids


def test_consent_is_given_or_refused_by_the_hire_alone(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    hire = portal.hire_of(case)
    page = hire.get("/my/consents/child_protection")

    hire.send(page, "/my/consents/child_protection", button=("decision", "give"))

    assert world.states(case)["consent-child_protection"] == "done"
    assert "You agreed" in hire.get("/my/consents/child_protection").text


def test_of_two_answers_to_a_consent_the_page_says_which_one_counts(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    hire = portal.hire_of(case)
    page = hire.get("/my/consents/child_protection")

    hire.send(page, "/my/consents/child_protection", button=("decision", "refuse"))
    refused = hire.get("/my/consents/child_protection")
    assert "You didn't agree" in refused.text and "change your answer here" in refused.text and "came back" not in refused.text
    assert "You didn't agree" in hire.get("/my").text and "Came back" not in hire.get("/my").text

    hire.send(page, "/my/consents/child_protection", button=("decision", "give"))
    late = hire.send(page, "/my/consents/child_protection", button=("decision", "refuse"))
    assert late.status == 409 and "was not noted" in late.text and "You agreed" in late.text and "/my/help" in late.links
    assert world.states(case)["consent-child_protection"] == "done"


def test_personal_data_is_asked_mended_and_handed_in(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    hire = portal.hire_of(case)
    page = hire.get("/my/forms/personal")
    values = {"v.residence": "denmark", "v.street": "Nørregade 10", "v.postcode": "800", "v.town": "Aarhus C", "v.pay_to": "nemkonto"}

    wrong = hire.send(page, "/my/forms/personal", values)
    assert wrong.status == 422 and 'href="#f-postcode"' in wrong.html
    assert wrong.form("/my/forms/personal").fields["v.street"] == ["Nørregade 10"]
    done = hire.send(wrong, "/my/forms/personal", {**values, "v.postcode": "8000"})

    assert done.url == "/my", done.text
    assert world.states(case)["personal_data"] == "done"
    assert "Nørregade" not in hire.get("/my").html


def test_a_question_reaches_the_case_and_its_answer_the_hire(portal: Portal) -> None:
    from idm.flow.comments import add_comment, comments_of

    world = portal.world
    case = world.hire()
    hire = portal.hire_of(case)
    hire.send(hire.get("/my/help"), "/my/help", text="Where do I park?")
    add_comment(world.app, case, data.HEAD_NORTH, "Behind the school.", to_hire=True)
    add_comment(world.app, case, data.HEAD_NORTH, "For colleagues alone.")

    page = hire.get("/my/help")

    assert "Behind the school." in page.text and "For colleagues alone." not in page.text
    assert "Where do I park?" in {comment.text for comment in comments_of(world.app, case, data.PAY)}


@pytest.mark.parametrize("path", ["/my/papers/nothing", "/my/forms/payroll", "/my/consents/contract", "/tasks", "/cases/c-1"])
def test_what_is_not_asked_of_the_hire_is_not_there(portal: Portal, path: str) -> None:
    case = portal.world.hire()

    assert portal.hire_of(case).get(path).status == 404


def test_staff_find_none_of_these_pages_and_who_has_no_session_is_told_of_their_link(portal: Portal) -> None:
    portal.world.hire()

    assert portal.visitor(data.PAY).get("/my").status == 404
    assert "personal link" in portal.visitor().get("/my").text


def test_whose_hire_was_cancelled_reads_what_becomes_of_it_and_does_nothing_more(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    document = world.hand_in(case)
    invite(world.app, case, data.HEAD_NORTH)
    hire = portal.hire_of(case)
    cancel(world.app, case, Word(reason="withdrew"))

    home, receipt = hire.get("/my"), hire.get("/my/receipt")
    assert "Your hire was cancelled" in home.text and "deleted under the rules of retention" in home.text and "Nanna Nord" in home.text
    assert "/my/receipt" in home.links and "/my/help" not in home.links
    assert "contract.pdf" in receipt.text and f"/my/documents/{document}" not in receipt.links
    for path in ("/my/help", "/my/papers/contract", "/my/forms/personal", f"/my/documents/{document}"):
        assert hire.get(path).status == 404, path
    assert hire.post("/my/help", {"text": "Why?"}).status == 404

    world.clock.set_day(world.clock.today() + timedelta(days=60))
    assert hire.get("/my", follow=False).headers["location"].startswith("/start")
