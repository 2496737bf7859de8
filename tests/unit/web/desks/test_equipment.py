from __future__ import annotations

from dataclasses import replace

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
