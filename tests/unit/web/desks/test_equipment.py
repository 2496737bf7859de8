from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from idm.domain.matching import EVERYBODY
from tests import data
from tests.support.portal import Page, Portal, Visitor

ORDER = ("decision", "order")


def order_page(portal: Portal, language: str = "en") -> tuple[Visitor, Page]:
    policies = portal.world.policies
    policies.edit(equipment=replace(policies.current().equipment, ask=EVERYBODY))
    case = portal.world.hire()
    it = portal.visitor(data.IT, language=language)
    return it, it.get(f"/tasks/{portal.world.task_of(case, 'equipment')}")


def test_what_is_wrong_with_a_line_is_told_with_its_item_and_beside_its_field(portal: Portal) -> None:
    it, page = order_page(portal)

    answer = it.send(page, page.url, {"quantity.laptop": "1", "account.laptop": "", "quantity.chair": "7"}, button=ORDER)

    assert answer.status == 422, answer.text
    assert "f-quantity-chair-error" in answer.ids and "f-quantity-laptop-error" not in answer.ids
    assert 'href="#f-quantity-chair">Office chair, how many: at most 1 for one person, not 7' in answer.html
    assert "'chair'" not in answer.text and [link for link in answer.links if link.startswith("#f-") and link[1:] not in answer.ids] == []


def test_an_order_of_nothing_is_told_above_and_leads_nowhere(portal: Portal) -> None:
    it, page = order_page(portal)
    emptied = {name: "" for name in page.form(page.url).fields if name.startswith("quantity.")}

    answer = it.send(page, page.url, emptied, button=ORDER)

    assert answer.status == 422 and "add at least one line" in answer.text
    assert [link for link in answer.links if link.startswith("#f-") and link[1:] not in answer.ids] == []


ACCOUNT = "3.22.01-4010"


def wanted(page: Page, **quantities: int) -> dict[str, str | list[str]]:
    """The form with these quantities, each on an account of the school, and nothing else."""
    emptied = {name: "" for name in page.form(page.url).fields if name.startswith("quantity.")}
    filled = {f"quantity.{item}": str(count) for item, count in quantities.items()}
    return {**emptied, **filled, **{f"account.{item}": ACCOUNT for item in quantities}}


def costly(page: Page) -> dict[str, str | list[str]]:
    """More than 15,000 kroner in all."""
    return wanted(page, laptop=1, screen=2, chair=1, phone=1)


def test_the_order_shows_what_it_comes_to_and_whether_the_manager_is_asked(portal: Portal) -> None:
    it, page = order_page(portal, "da")
    assert "Over 15.000,00 kr. i alt skal lederen godkende" in page.text

    counted = it.post(f"{page.url}/narrow", costly(page))
    small = it.post(f"{page.url}/narrow", {**wanted(page, screen=2), "quantity.chair": "mange"})

    assert "16.930,00 kr." in counted.text and "Lederen skal godkende bestillingen, før den sendes." in counted.text
    assert "3.590,00 kr." in small.text and "Lederen skal godkende bestillingen, før den sendes." not in small.text


def test_an_order_over_the_limit_says_to_whom_it_is_sent(portal: Portal) -> None:
    it, page = order_page(portal)

    answer = it.send(page, page.url, costly(page), button=ORDER)

    assert "it is sent to Nanna Nord for approval" in answer.text and "The equipment is ordered." not in answer.text


def test_an_order_under_the_limit_is_ordered(portal: Portal) -> None:
    it, page = order_page(portal)

    answer = it.send(page, page.url, wanted(page, screen=2, chair=1), button=ORDER)

    assert "The equipment is ordered." in answer.text


def test_a_receipt_names_what_needs_none_and_the_hire_doesnt_wait_for_that(portal: Portal) -> None:
    it, page = order_page(portal)
    it.send(page, page.url, wanted(page, laptop=1, screen=2), button=ORDER)
    portal.world.work()
    case = portal.world.store.list_cases()[0].id

    receipt = it.get(f"/tasks/{portal.world.task_of(case, 'receive_equipment')}")
    untouched = it.send(receipt, receipt.url, button=("decision", "receive"))

    assert "Needs no receipt" in receipt.text and '2 Screen 27"' in receipt.text
    assert untouched.status == 422 and "tick what has come" in untouched.text and "idm task" not in untouched.text

    it.send(receipt, receipt.url, {"line": ["1"]}, button=("decision", "receive"))
    shown = portal.visitor(data.HEAD_NORTH).get(f"/cases/{case}").text
    assert "Received" in shown and "Ordered, needs no receipt" in shown


def test_an_order_made_anew_needs_approval_and_wasnt_returned_to_who_approves(portal: Portal) -> None:
    it, page = order_page(portal)
    it.send(page, page.url, costly(page), button=ORDER)
    case = portal.world.store.list_cases()[0].id
    manager = portal.visitor(data.HEAD_NORTH)
    asked = manager.get(f"/tasks/{portal.world.task_of(case, 'approve_equipment')}")
    assert "It was returned before" not in asked.text
    manager.send(asked, asked.url, {"reason": "One screen is enough."}, button=("decision", "return"))
    again = it.get(f"/tasks/{portal.world.task_of(case, 'equipment')}")
    assert "It came back to you" in again.text and "One screen is enough." in again.text
    it.send(again, again.url, {**costly(again), "quantity.screen": "1", "quantity.laptop": "1", "quantity.phone": "1"}, button=ORDER)

    told = manager.get(f"/tasks/{portal.world.task_of(case, 'approve_equipment')}").text

    assert "It came back to you" not in told and "Why it needs your approval" in told
    assert "It was returned before" in told and "One screen is enough." in told and "The order was made anew since." in told
    assert "You, " in told


def test_who_approves_an_order_over_both_limits_reads_of_both_in_their_language(portal: Portal) -> None:
    equipment = portal.world.policies.current().equipment
    limits = tuple(replace(limit, line_over=Decimal(1000)) for limit in equipment.approvals)
    portal.world.policies.edit(equipment=replace(equipment, approvals=limits))
    it, page = order_page(portal)
    it.send(page, page.url, costly(page), button=ORDER)
    case = portal.world.store.list_cases()[0].id

    told = portal.visitor(data.HEAD_NORTH, language="da").get(f"/tasks/{portal.world.task_of(case, 'approve_equipment')}").text

    assert "bestillingen kommer op på 16.930,00 kr., mere end 15.000,00 kr.; linje 1 kommer op på" in told.lower()
