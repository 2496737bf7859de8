from __future__ import annotations

from tests import data
from tests.support.portal import Portal


def test_the_manager_sees_what_follows_before_the_start_is_moved(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    manager = portal.visitor(data.HEAD_NORTH)
    page = manager.get(f"/cases/{case}/move")
    assert page.status == 200, page.text

    foreseen = manager.send(page, page.url, start_date="2027-02-01", button=("step", "look"))
    assert "What follows" in foreseen.text and world.case(case).facts.start_date.isoformat() == data.START

    manager.send(foreseen, page.url, button=("step", "do"))
    assert world.case(case).facts.start_date.isoformat() == "2027-02-01"


def test_what_cannot_be_is_said_beside_the_field_and_nothing_changes(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    manager = portal.visitor(data.HEAD_NORTH)
    page = manager.get(f"/cases/{case}/move")

    wrong = manager.send(page, page.url, end_date="2026-12-01", weekly_hours="99", button=("step", "look"))

    assert wrong.status == 422 and 'href="#f-weekly_hours"' in wrong.html
    assert world.case(case).facts.end_date is None


def test_a_manager_is_offered_the_units_in_which_they_can_start_hires(portal: Portal) -> None:
    case = portal.world.hire()
    manager = portal.visitor(data.HEAD_NORTH)

    page = manager.get(f"/cases/{case}/move")
    elsewhere = manager.send(page, page.url, unit="school_south", button=("step", "look"))

    assert "Nordskolen" in page.text and "Sydskolen" not in page.text
    assert elsewhere.status == 422 and "in which you can start a hire" in elsewhere.text
    assert portal.world.case(case).facts.unit == "school_north"


def test_a_cancel_needs_its_reason_and_is_shown_before_it_is_done(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    manager = portal.visitor(data.HEAD_NORTH)
    page = manager.get(f"/cases/{case}/cancel")

    assert manager.send(page, page.url, button=("step", "look")).status == 422
    foreseen = manager.send(page, page.url, reason="They took another job.", button=("step", "look"))
    assert "What follows" in foreseen.text and world.case(case).state != "cancelled"

    manager.send(foreseen, page.url, button=("step", "do"))
    assert world.case(case).state == "cancelled"


def test_a_cpr_number_in_the_reason_is_refused_before_anything_is_foreseen(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    manager = portal.visitor(data.HEAD_NORTH)
    page = manager.get(f"/cases/{case}/cancel")

    wrong = manager.send(page, page.url, reason="Søren fik 120395-2345", button=("step", "look"))

    assert wrong.status == 422 and 'href="#f-reason"' in wrong.html and "What follows" not in wrong.text
    assert manager.post(page.url, {"reason": "Søren fik 120395-2345", "step": "do"}).status == 422
    assert world.case(case).state != "cancelled"


def test_what_follows_reads_as_sentences_of_titles_and_never_of_ids(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    world.work()
    manager = portal.visitor(data.HEAD_NORTH, language="da")
    page = manager.get(f"/cases/{case}/move")

    moved = manager.send(page, page.url, start_date="2027-02-01", button=("step", "look")).text
    cancelled = manager.post(f"/cases/{case}/cancel", {"reason": "Fik et andet arbejde.", "step": "look"}).text

    assert "Første arbejdsdag ændres fra 4. januar 2027 til 1. februar 2027." in moved
    assert "Postkassen i mailsystemet bliver opdateret." in moved
    assert "Det, der venter på første arbejdsdag, sker 1. februar 2027." in moved
    assert "Opgaven »Aflever underskrevet ansættelseskontrakt« bortfalder." in cancelled
    assert "Kontoen i brugerkataloget blev aldrig åbnet og bliver slettet." in cancelled


def test_a_hire_that_has_begun_offers_no_cancel_and_says_why(portal: Portal) -> None:
    case = portal.world.whole_hire()
    manager = portal.visitor(data.HEAD_NORTH)

    shown = manager.get(f"/cases/{case}")
    page = manager.get(f"/cases/{case}/cancel")

    assert f"/cases/{case}/move" in shown.html and f"/cases/{case}/cancel" not in shown.html
    assert page.status == 200 and "completed and has begun" in page.text and "<textarea" not in page.html
    assert manager.post(f"/cases/{case}/cancel", {"reason": "Too late.", "step": "do"}).status == 409


def test_only_the_manager_in_charge_finds_these_pages(portal: Portal) -> None:
    case = portal.world.hire()

    for person in (data.PAY, data.IT, data.TEACHER, data.HEAD_SOUTH):
        for path in ("move", "cancel"):
            assert portal.visitor(person).get(f"/cases/{case}/{path}").status == 404
            assert portal.visitor(person).post(f"/cases/{case}/{path}", {"reason": "x", "step": "do"}).status == 404


def test_the_hours_stand_and_are_read_as_the_language_writes_them(portal: Portal) -> None:
    world = portal.world
    case = world.hire(weekly_hours="32.5")
    manager = portal.visitor(data.HEAD_NORTH, language="da")
    page = manager.get(f"/cases/{case}/move")

    assert page.form(page.url).fields["weekly_hours"] == ["32,5"]
    assert "32,5" in manager.get(f"/cases/{case}").text

    same = manager.send(page, page.url, button=("step", "look"))
    assert "32.5" not in same.text
    foreseen = manager.send(page, page.url, weekly_hours="30,25", button=("step", "look"))
    manager.send(foreseen, page.url, button=("step", "do"))

    assert world.case(case).facts.weekly_hours == "30.25"
