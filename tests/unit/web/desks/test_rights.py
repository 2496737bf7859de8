from __future__ import annotations

from dataclasses import replace

import pytest

from idm.domain.roles import NEEDS_REASON, Conflict
from tests import data
from tests.support.portal import Page, Portal, Visitor

CONFIRM = ("decision", "confirm")


def rights_page(portal: Portal, language: str = "en") -> tuple[Visitor, Page]:
    case = portal.world.hire()
    it = portal.visitor(data.IT, language=language)
    return it, it.get(f"/tasks/{portal.world.task_of(case, 'confirm_rights')}")


def test_beside_a_role_stands_why_in_words_and_where_its_rule_stands_is_folded_away(portal: Portal) -> None:
    _, page = rights_page(portal)

    before_fold, fold, behind = page.text.partition("Why? The rules behind it")
    assert "Because: position Lærer" in before_fold and "Everybody who is hired gets it." in before_fold
    assert "roles.yaml" not in before_fold and fold and "Rule teachers, in roles.yaml on line" in behind


@pytest.mark.parametrize(
    "name, day, words",
    [("until", "2026-01-01", "lies in the past"), ("from", "soon", "must be a date"), ("until", "soon", "must be a date")],
)
def test_a_wrong_day_is_told_with_its_role_and_beside_its_field(portal: Portal, name: str, day: str, words: str) -> None:
    it, page = rights_page(portal)

    answer = it.send(page, page.url, {"role": ["employee", "purchaser"], f"{name}.purchaser": day}, button=CONFIRM)

    told = {"until": "holds until", "from": "holds from"}[name]
    assert answer.status == 422 and f"f-{name}-purchaser-error" in answer.ids, answer.text
    assert f'href="#f-{name}-purchaser">Purchaser, {told}: {words}' in answer.html


def test_what_may_not_be_granted_at_all_is_told_above_and_leads_nowhere(portal: Portal) -> None:
    it, page = rights_page(portal)

    answer = it.post(page.url, {"role": ["employee", "school_leadership"], "decision": "confirm"})

    assert answer.status == 422 and "not one that an IT contact may add" in answer.text
    assert [link for link in answer.links if link.startswith("#f-") and link[1:] not in answer.ids] == []


def test_roles_that_clash_are_called_by_their_titles(portal: Portal) -> None:
    policies = portal.world.policies
    titles = {"da": "Køb og undervisning", "en": "Buying and teaching"}
    policies.edit(conflicts=(Conflict("buys_and_teaches", ("purchaser", "teaching"), NEEDS_REASON, titles),))
    it, page = rights_page(portal)
    told = "'Buying and teaching' keeps apart Purchaser and Teaching"
    assert told in page.text and "buys_and_teaches" not in page.text and "e-" not in page.text.partition(told)[2][:40]

    answer = it.send(page, page.url, {"role": [*page.form(page.url).fields["role"], "purchaser"]}, button=CONFIRM)

    assert answer.status == 422 and "f-reason-error" in answer.ids and "buys_and_teaches" not in answer.text
    policies.edit(conflicts=(replace(policies.current().conflicts[0], severity="refuse"),))
    assert "Nobody may have both" in it.get(page.url).text
