from __future__ import annotations

import pytest

from tests import data
from tests.support.portal import Page, Portal


def filled(**changes: str) -> dict[str, str]:
    values = {
        "cpr": data.cpr(77)[:6] + "-" + data.cpr(77)[6:],
        "given_name": "Åse",
        "family_name": "Østergård",
        "private_email": "aase@example.org",
        "mobile": "+4512345678",
        "unit": "school_north",
        "position": "teacher",
        "start_date": data.START,
        "weekly_hours": "37,5",
    }
    return {**values, **changes}


def form_of(portal: Portal, person: str) -> Page:
    page = portal.visitor(person).get("/hires/new")
    assert page.status == 200, page.text
    return page


def test_a_manager_starts_a_hire_and_comes_to_its_page(portal: Portal) -> None:
    visitor = portal.visitor(data.HEAD_NORTH)
    page = form_of(portal, data.HEAD_NORTH)

    answer = visitor.post("/hires/new", {**page.form("/hires/summary").fields, **filled()}, follow=False)

    case = answer.headers["location"].removeprefix("/cases/")
    facts = portal.world.case(case).facts
    assert (facts.unit, facts.position, facts.weekly_hours) == ("school_north", "teacher", "37.5")
    entry = portal.world.store.audit(case)[0]
    assert data.HEAD_NORTH in entry.actor


def test_the_same_form_sent_twice_makes_one_hire(portal: Portal) -> None:
    visitor = portal.visitor(data.HEAD_NORTH)
    sent = {**form_of(portal, data.HEAD_NORTH).form("/hires/summary").fields, **filled()}

    first, second = (visitor.post("/hires/new", sent, follow=False).headers["location"] for _ in range(2))

    assert first == second and len(portal.world.store.list_cases()) == 1


def test_a_manager_is_offered_their_own_units_and_those_below_alone(portal: Portal) -> None:
    north = form_of(portal, data.HEAD_NORTH).form("/hires/summary").choices["unit"]
    director = form_of(portal, data.DIRECTOR).form("/hires/summary").choices["unit"]

    assert north == ["", "school_north"] and {"school_north", "school_south", "care"} <= set(director)


def test_a_hire_into_anothers_unit_is_refused_beside_the_field(portal: Portal) -> None:
    answer = portal.visitor(data.HEAD_NORTH).post("/hires/new", filled(unit="school_south"))

    assert answer.status == 422 and 'href="#f-unit"' in answer.html and not portal.world.store.list_cases()


@pytest.mark.parametrize("person", [data.TEACHER, data.PAY, data.IT])
def test_who_manages_nothing_finds_no_such_page(portal: Portal, person: str) -> None:
    assert portal.visitor(person).get("/hires/new").status == 404
    assert portal.visitor(person).post("/hires/new", filled()).status == 404


def test_every_fault_is_told_at_once_beside_its_field_and_nothing_typed_is_lost(portal: Portal) -> None:
    answer = portal.visitor(data.HEAD_NORTH).post("/hires/new", filled(cpr="3113701234", mobile="12", weekly_hours="99"))

    assert answer.status == 422 and not portal.world.store.list_cases()
    for field in ("cpr", "mobile", "weekly_hours"):
        assert f'href="#f-{field}"' in answer.html
    assert answer.form("/hires/summary").fields["given_name"] == ["Åse"]


@pytest.mark.parametrize("address", ["/hires/check", "/hires/summary", "/hires/new"])
def test_a_cpr_number_in_a_name_is_refused_beside_the_field(portal: Portal, address: str, caplog: pytest.LogCaptureFixture) -> None:
    typed = filled(given_name="Signe Maj 010190-1234", start_date="2027-01-04")

    answer = portal.visitor(data.HEAD_NORTH).post(address, typed)

    assert answer.status == 422 and 'href="#f-given_name"' in answer.html and not portal.world.store.list_cases()
    assert "holds ten digits that begin with a date" in answer.text and "010190" not in answer.text
    assert "010190" not in caplog.text and "010190" not in str(answer.headers)


def test_what_is_typed_is_looked_at_and_what_is_still_empty_is_no_fault(portal: Portal) -> None:
    answer = portal.visitor(data.HEAD_NORTH).post("/hires/check", {"cpr": "3113701234"}, hx_request="true")

    assert answer.status == 200 and "<html" not in answer.html
    assert answer.html.count('aria-invalid="true"') == 1 and "f-cpr-error" in answer.ids


def test_no_answer_repeats_a_cpr_number_in_an_address(portal: Portal) -> None:
    answer = portal.visitor(data.HEAD_NORTH).post("/hires/new", filled(), follow=False)

    assert data.cpr(77) not in answer.headers["location"] and data.cpr(77)[6:] not in str(answer.headers)


def test_what_was_written_is_read_through_before_anything_starts(portal: Portal) -> None:
    visitor = portal.visitor(data.HEAD_NORTH)

    answer = visitor.post("/hires/summary", {**form_of(portal, data.HEAD_NORTH).form("/hires/summary").fields, **filled()})

    assert answer.status == 200 and not portal.world.store.list_cases()
    for told in ("Åse", "Østergård", "aase@example.org", "+4512345678", "Nordskolen", "Lærer", "4 January 2027", "37.5", "Denmark"):
        assert told in answer.text
    assert data.cpr(77)[:6] + "-xxxx" in answer.text and data.cpr(77)[6:] not in answer.text and data.cpr(77) not in answer.url
    started = visitor.post("/hires/new", answer.form("/hires/new").fields, follow=False)
    assert portal.world.case(started.headers["location"].removeprefix("/cases/")).facts.weekly_hours == "37.5"


@pytest.mark.parametrize(
    ("start", "told", "untold"),
    [
        ("2027-02-28", ["28 February 2027, is no working day"], ["is past"]),
        ("2026-01-05", ["5 January 2026, is past"], ["no working day"]),
        ("2026-01-03", ["3 January 2026, is past", "3 January 2026, is no working day"], []),
        (data.START, [], ["is past", "no working day", "once more"]),
    ],
)
def test_a_first_day_that_is_past_or_no_working_day_is_told_before_it_starts(
    portal: Portal, start: str, told: list[str], untold: list[str]
) -> None:
    answer = portal.visitor(data.HEAD_NORTH).post("/hires/summary", filled(start_date=start))

    assert answer.status == 200
    assert all(words in answer.text for words in told) and not any(words in answer.text for words in untold)


def test_each_part_leads_back_to_the_form_with_nothing_lost(portal: Portal) -> None:
    visitor = portal.visitor(data.HEAD_NORTH)
    answer = visitor.post("/hires/summary", {"form": "f-1", **filled(end_date="2027-06-30", language="en")})
    assert answer.html.count('formaction="/hires/change#') == 2
    assert answer.html.count('formaction="/hires/change"') == 2, "a way back at the top, and one beside the button that starts"

    back = visitor.post("/hires/change", answer.form("/hires/new").fields).form("/hires/summary").fields

    assert {name: back[name] for name in filled()} == {name: [value] for name, value in filled().items()}
    assert (back["end_date"], back["language"], back["form"]) == (["2027-06-30"], ["en"], ["f-1"])


@pytest.mark.parametrize("wrong", [{"cpr": "3113701234"}, {"unit": "school_south"}, {"position": ""}, {"start_date": "soon"}])
def test_what_is_wrong_is_told_before_it_is_read_through(portal: Portal, wrong: dict[str, str]) -> None:
    answer = portal.visitor(data.HEAD_NORTH).post("/hires/summary", filled(**wrong))

    assert answer.status == 422 and answer.form("/hires/summary").fields["given_name"] == ["Åse"]


def test_what_is_wrong_is_told_in_the_order_of_the_form_and_of_an_empty_field_that_it_is_missing(portal: Portal) -> None:
    sent = filled(cpr="3113701234", mobile="12", unit="", position="", start_date="", weekly_hours="99")
    answer = portal.visitor(data.HEAD_NORTH).post("/hires/summary", sent)

    fields = ("cpr", "mobile", "unit", "position", "start_date", "weekly_hours")
    assert [link.removeprefix("#f-") for link in answer.links if link.startswith("#f-")] == list(fields)
    assert "Unit: is missing" in answer.text and "choose a unit" not in answer.text
