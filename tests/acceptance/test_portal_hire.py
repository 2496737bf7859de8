"""A complete hire by people at browsers: real pages, a real server, a real Chromium, and the systems that hold the person in the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from idm.domain.timers import HOME
from tests import data
from tests.acceptance.at_the_portal import PHONE, NewHire, Staff, at_a_browser, personal_link
from tests.acceptance.command_line import CommandLine
from tests.acceptance.stack import Stack
from tests.support.browser import Chromium, chromium
from tests.support.papers import contract, photograph

__all__ = ["chromium"]

CPR = "010190-1234"
REASON = "The picture is blurred or too dark to read."


@pytest.fixture
def stack(tmp_path: Path, chromium: Chromium) -> Iterator[Stack]:
    """An installation that runs, with equipment for pedagogues, who have papers of every kind."""
    made = Stack(tmp_path)
    made.change_policy("equipment.yaml", lambda policy: policy["ask"]["positions"].append("pedagogue"))
    try:
        made.open()
        # People write, and are written to, by day.
        made.move_clock(datetime.combine(made.app.clock.today() + timedelta(days=1), time(9), HOME))
        made.start()
        yield made
    finally:
        made.close()


def start_hire(manager: Staff) -> str:
    """The manager starts the hire; its case."""
    page = manager.page
    page.goto("/hires")
    manager.press("Start a hire")
    manager.fill(
        CPR_number=CPR, Given_name="Freja", Family_name="Fjord", **{"Private e-mail": "freja@example.net", "Mobile number": "+4520304050"}
    )
    page.get_by_label("English", exact=True).check()
    page.get_by_label("Unit", exact=True).select_option("school_north")
    page.get_by_label("Position", exact=True).select_option("pedagogue")
    manager.fill(First_day=data.START, Hours_a_week="37")
    manager.press("Go on")
    read_through(manager)
    manager.press("Start the hire")
    manager.is_told("The hire is started.")
    return page.url.rpartition("/")[2].partition("#")[0]


def read_through(manager: Staff) -> None:
    """Before it starts, the manager reads what they wrote, goes back to change the hours, and finds nothing lost."""
    page = manager.page
    expect(page.get_by_role("heading", name="Check what you wrote")).to_be_visible()
    expect(page.get_by_text(CPR)).to_have_count(0)
    manager.press("Change the job")
    expect(page.get_by_label("Given name", exact=True)).to_have_value("Freja")
    manager.fill(Hours_a_week="36.5")
    manager.press("Go on")
    expect(page.get_by_role("main")).to_contain_text("36.5")


def test_a_whole_hire_in_the_browser(stack: Stack, chromium: Chromium) -> None:
    with ExitStack() as windows:

        def staff(name: str) -> Staff:
            person = Staff(windows.enter_context(at_a_browser(chromium, stack.url)).page)
            person.sign_in(name)
            return person

        manager, pay, it = staff("Nanna Nord"), staff("Pia Lønholm"), staff("Ivan Teknik")
        case = start_hire(manager)
        manager.open_task("Name the contacts")
        for title, name in (("Pay contact", "Pia Lønholm"), ("IT contact", "Ivan Teknik")):
            group = manager.page.get_by_role("group", name=title)
            group.get_by_role("searchbox").press_sequentially(name[:6].lower())
            group.get_by_role("radio", name=name).check()
        manager.press("Appoint them")
        manager.is_told("The contacts are appointed.")

        hire = NewHire(windows.enter_context(at_a_browser(chromium, stack.url, width=PHONE)).page)
        hire.come_in(stack, personal_link(stack))
        hire.open("Your personal data")
        hire.page.get_by_label("I live in Denmark").check()
        hire.fill(Street_and_number="Nørregade 10", Postcode="8000", Town="Aarhus C")
        hire.page.get_by_label("To my NemKonto").check()
        hire.press("Hand it in")
        hire.is_told("Thank you: we have it now.")
        hire.open("Child protection certificate")
        hire.press("I agree")
        hire.is_told("Your consent is noted.")
        hire.hand_in("Signed contract of employment", "kontrakt.pdf", "application/pdf", contract())
        hire.hand_in("Proof of earlier employment", "anciennitet.pdf", "application/pdf", contract(1, "Tidligere job"))
        hire.hand_in("Diploma or authorisation", "bevis.jpg", "image/jpeg", photograph(blurred=True))
        hire.hand_in("Photo for the identity card", "mig.jpg", "image/jpeg", photograph())

        pay.open_task("Review diploma or authorisation")
        pay.page.get_by_label(REASON).check()
        pay.press("Return it")
        pay.is_told("back")
        first = hire.start().first
        expect(first).to_contain_text("Diploma or authorisation")
        expect(first).to_contain_text(REASON)
        hire.hand_in("Diploma or authorisation", "bevis2.jpg", "image/jpeg", photograph())
        for title in ("diploma or authorisation", "signed contract of employment", "proof of earlier employment"):
            pay.decide(f"Review {title}", "Accept", "accepted")
        it.decide("Review photo for the identity card", "Accept", "accepted")

        for title, button, told in (
            ("Order child protection certificate", "It is done", "It is noted."),
            ("Note the receipt of child protection certificate", "It is done", "It is noted."),
            ("Assess child protection certificate", "It is clear", "The check is noted as clear."),
        ):
            manager.decide(title, button, told)
        pay.open_task("Fill in the pay")
        fill_funnel(pay)
        it.decide("Confirm rights", "Confirm the rights", "confirmed")
        it.open_task("Order equipment")
        it.page.get_by_label("How many").first.fill("1")
        it.page.get_by_label("Account").first.select_option(index=1)
        it.press("Order")
        it.is_told("The equipment is ordered.")
        it.open_task("Confirm the receipt of equipment")
        it.page.get_by_role("checkbox").first.check()
        it.press("It has come")
        it.is_told("The receipt is noted.")

        stack.wait_until_idle()
        assert [item["state"] for item in stack.targets(case)["ldap"]] == ["disabled"], "not before the first day"
        CommandLine(stack.home, **settings(stack)).process("clock", "set", f"{data.START}T08:00")
        stack.installation.clock.forget()
        stack.wait_until_idle()
        manager.page.goto(f"/cases/{case}")
        expect(manager.page.get_by_text("This hire is complete.")).to_be_visible()
    held_in_the_systems(stack, case)


def fill_funnel(pay: Staff) -> None:
    """Say since when seniority counts, choose the first of what is left in each field, from above, until payroll would get an amount;
    then hand it in."""
    page = pay.page
    since = page.get_by_label("Seniority counts from")
    expect(since).to_have_value("")
    standing = since.element_handle()
    since.fill("2021-08-01")
    standing.wait_for_element_state("hidden")
    expect(since).to_have_value("2021-08-01")
    open_fields = page.locator("#fields select:has(option[value='']:checked):has(option:nth-child(2))")
    asked = 0
    while open_fields.count():
        field = open_fields.first.element_handle()
        field.select_option(index=1)
        # The answer brings all fields anew: as long as this one stands there, those that it leaves open don't.
        field.wait_for_element_state("hidden")
        asked += 1
        assert asked < 15, page.locator("#fields").aria_snapshot()
    assert asked, "nothing was left to choose: the form never narrowed"
    expect(page.get_by_role("heading", name="What payroll will get")).to_be_visible()
    pay.press("Hand in and approve")
    pay.is_told("The form is handed in")


def settings(stack: Stack) -> dict[str, str]:
    """The environment that the installation's own commands run in."""
    return {f"IDM_{name.upper()}": str(value) for name, value in stack.settings.model_dump().items() if value not in ("", 0, 0.0)}


def held_in_the_systems(stack: Stack, case: str) -> None:
    """Every system holds the person: an open account with rights, a profile, a mailbox, a payroll record, and the papers."""
    held: dict[str, list[dict[str, Any]]] = stack.targets(case)
    assert {system: [item["state"] for item in held[system]] for system in ("ldap", "erp", "mailbox")} == {
        "ldap": ["enabled"],
        "erp": ["enabled"],
        "mailbox": ["enabled"],
    }
    assert "school-north" in held["ldap"][0]["entitlements"]
    assert held["payroll"][0]["attributes"]["agreement"] == "EDU"
    assert len(held["personnel_file"]) == 1 + 4
    assert stack.case(case)["state"] == "completed"
    assert CPR.replace("-", "") not in stack.output()
