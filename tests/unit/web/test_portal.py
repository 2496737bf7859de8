from __future__ import annotations

import pytest
from starlette.requests import Request

from idm.errors import BadInput, Fault
from idm.flow.sessions import close_all
from idm.web.app import specs
from idm.web.door import HEADERS
from idm.web.forms import Form
from idm.web.portal import Visit, local
from tests import data
from tests.support.portal import Portal


def test_who_is_not_signed_in_is_led_to_where_one_signs_in(portal: Portal) -> None:
    answer = portal.visitor().get("/", follow=False)

    assert (answer.status, answer.headers["location"]) == (303, "/login")


def test_staff_come_to_their_tasks_and_a_new_hire_to_their_start(portal: Portal) -> None:
    case = portal.world.hire()

    assert portal.visitor(data.PAY).get("/", follow=False).headers["location"] == "/tasks"
    assert portal.hire_of(case).get("/", follow=False).headers["location"] == "/my"


def test_a_session_that_was_ended_opens_nothing_any_more(portal: Portal) -> None:
    visitor = portal.visitor(data.PAY)
    assert visitor.get("/", follow=False).headers["location"] == "/tasks"

    close_all(portal.world.app, data.PAY)

    assert visitor.get("/", follow=False).headers["location"] == "/login"


@pytest.mark.parametrize(
    ("sent_to", "page"),
    [
        ("/hires/summary", "/hires/new"),
        ("/hires/new", "/hires/new"),
        ("/absence/find", "/absence"),
        ("/tasks/t1/narrow", "/tasks/t1"),
        ("/sessions/s1/end", "/sessions"),
    ],
)
def test_who_was_signed_out_meanwhile_is_told_that_what_they_sent_is_lost_and_comes_back_to_its_page(
    portal: Portal, sent_to: str, page: str
) -> None:
    visitor = portal.visitor(data.HEAD_NORTH)
    close_all(portal.world.app, data.HEAD_NORTH)

    answer = visitor.post(sent_to, {"given_name": "Hemmelig"}, follow=False)
    assert (answer.status, answer.headers["location"]) == (303, f"/login?back={page}&lost=yes")
    told = visitor.get(answer.headers["location"])
    assert "signed out meanwhile" in told.text and "was not kept" in told.text and "Hemmelig" not in told.html
    assert f"/login/choose?back={page}" in told.links
    assert "signed out meanwhile" not in visitor.get(f"/login?back={page}").text

    live = visitor.post(sent_to, {}, follow=False, hx_request="true")
    assert (live.status, live.headers["hx-redirect"]) == (204, f"/login?back={page}&lost=yes")


def test_a_new_hire_who_was_signed_out_meanwhile_is_told_so_too(portal: Portal) -> None:
    case = portal.world.hire()
    visitor = portal.hire_of(case)
    close_all(portal.world.app, portal.world.case(case).person)

    answer = visitor.post("/my/help", {"text": "x"})

    assert answer.url == "/start" and "signed out meanwhile" in answer.text
    assert "signed out meanwhile" not in visitor.get("/start").text


def test_the_language_switch_of_a_form_that_was_sent_leads_to_the_page_of_that_form(portal: Portal) -> None:
    visitor = portal.visitor(data.HEAD_NORTH)

    wrong = visitor.post("/hires/summary", {"given_name": "Åse"})
    found = visitor.post("/absence/find?for=to", {"to_find": "Tove"})

    assert wrong.form("/language").fields["back"] == ["/hires/new"]
    assert found.form("/language").fields["back"] == ["/absence"]
    assert visitor.send(wrong, "/language", button=("language", "da")).url == "/hires/new"


def test_every_answer_forbids_inline_code_caching_framing_and_telling_where_one_came_from(portal: Portal) -> None:
    for path in ("/nowhere", "/", "/healthz"):
        answer = portal.visitor().get(path, follow=False)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("headers", "lets_in"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": "https://localhost"}, True),
        ({"origin": "https://localhost.example.org"}, False),
        ({"origin": "null"}, False),
        ({}, False),
        ({"sec-fetch-site": "same-origin", "host": "rebound.example.org"}, False),
    ],
)
def test_a_form_is_taken_from_our_own_pages_alone(portal: Portal, headers: dict[str, str], lets_in: bool) -> None:
    answer = portal.visitor().client.post("/language", data={"language": "en"}, headers=headers, follow_redirects=False)

    assert (answer.status_code == 303) is lets_in
    assert (answer.status_code == 403) is not lets_in


@pytest.mark.parametrize(
    ("headers", "lets_in"),
    [
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, True),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, False),
        ({"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}, True),
        ({}, True),
    ],
)
def test_a_link_may_lead_here_but_no_other_page_may_fetch_ours(portal: Portal, headers: dict[str, str], lets_in: bool) -> None:
    answer = portal.visitor().client.get("/", headers=headers, follow_redirects=False)

    assert (answer.status_code != 403) is lets_in


def test_pages_speak_the_language_that_was_chosen_before_the_browsers(portal: Portal) -> None:
    visitor = portal.visitor(language="en-GB,da;q=0.5")
    assert "There is nothing here for you" in visitor.get("/nowhere").text

    chosen = visitor.post("/language", {"language": "da", "back": "/nowhere"})

    assert chosen.url == "/nowhere" and 'lang="da"' in chosen.html


@pytest.mark.parametrize("to", ["https://example.org/", "//example.org/", "/\\example.org", "/a\nb", "javascript:1"])
def test_nobody_is_sent_to_another_site(to: str) -> None:
    assert local(to, "/tasks") == "/tasks"


def test_a_form_that_is_too_large_is_cut_off(portal: Portal) -> None:
    answer = portal.visitor().post("/language", {"language": "d" * 300_000})

    assert answer.status == 413 and "too large" in answer.text


def test_a_file_is_not_taken_where_none_was_asked_for(portal: Portal) -> None:
    assert portal.visitor().post("/language", files={"language": ("a.pdf", b"x", "application/pdf")}).status == 400


def test_faults_stand_beside_their_fields_in_the_visitors_language(portal: Portal) -> None:
    error = BadInput("Two fields are wrong.", faults=[Fault("data.person.cpr", "date", "no such day"), Fault("0", "all", "too few")])
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""})
    faults = Visit(portal.site, request, Form(), None, "en").faults(error, {"0": ""})

    assert (faults.message, faults.of("cpr"), faults.others) == ("Two fields are wrong.", "no such day", ("too few",))


def test_no_route_goes_without_saying_who_may_come() -> None:
    assert specs()
    assert all(callable(getattr(spec.access, "admit", None)) for spec in specs())
