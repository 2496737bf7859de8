"""Composed notices: each text gets what it needs, and says it in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from idm.connector import Value
from idm.domain.case import Case
from idm.domain.journey import Graph
from idm.domain.notices import DIGEST
from idm.domain.titles import within
from idm.flow import depart
from idm.flow.board import Board
from idm.flow.changing import Note, change
from idm.flow.compose import NothingToSay, compose
from idm.flow.escalate import nudge_all
from idm.flow.sending import send_due
from idm.render import Renderer
from tests import data
from tests.support.world import World
from tests.unit.flow.test_deadlines import move
from tests.unit.flow.test_digest import morning

SHIPPED = Renderer([Path(__file__).parents[3] / "templates"])


def context_of(attributes: Mapping[str, Value]) -> dict[str, object]:
    """The values of a text, as the mail system makes them of a message's attributes."""
    plain = {name.removeprefix("context."): value for name, value in attributes.items() if name.startswith("context.")}
    parted = {name.removeprefix("context_json."): value for name, value in attributes.items() if name.startswith("context_json.")}
    return {**plain, **{name: json.loads(str(value)) for name, value in parted.items()}}


def test_the_mail_names_people_units_and_documents(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.hand_in(case)
    morning(world)
    (notice,) = [notice for notice in world.store.notices(person=data.PAY) if notice.slug == DIGEST]
    attributes = compose(world.app, notice)
    context = context_of(attributes)
    mail = SHIPPED.render_mail(DIGEST, "da", context)
    person = world.store.person(world.case(case).person)
    assert person is not None
    assert person.full_name in mail.text
    assert "Nordskolen" in mail.text
    assert within(world.policies.current().documents["contract"].titles["da"], "da") in mail.text
    assert mail.html is not None
    assert person.full_name in mail.html
    assert person.cpr.reveal() not in repr(attributes)


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_mail_to_a_new_hire_has_what_its_text_needs(world: World, language: str) -> None:
    policy = world.policies.current().deadlines
    world.policies.edit(deadlines=replace(policy, mail=replace(policy.mail, language=language)))
    case = world.hire()
    world.appoint(case)
    world.hand_in(case)
    world.do(case, "review-contract", data.PAY, "return", "page 2 is missing")
    world.clock.set_day(date(2026, 12, 11))
    nudge_all(world.app, Board(world.app))
    move(world, case, "2027-03-01")
    change_place(world, case)
    seen = set()
    for notice in world.store.notices(case=case):
        mail = SHIPPED.render_mail(notice.slug, language, context_of(compose(world.app, notice)))
        assert "Nord" in mail.text
        seen.add(notice.slug)
    assert seen == {"invitation", "documents_wanted", "document_returned", "reminder", "start_moved", "place_changed", "consent_wanted"}


def change_place(world: World, case: str) -> None:
    """The hire goes to another position."""

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        return replace(before, facts=replace(before.facts, position="pedagogue")), Note("test", "changed", {})

    change(world.app, case, mutate)


def test_of_two_moves_before_a_mail_went_only_the_last_is_told(world: World) -> None:
    case = world.hire()
    for day in ("2027-03-01", "2027-04-01"):
        depart.move(world.app, case, {"start_date": date.fromisoformat(day)}, depart.Word(reason="it is so"))
    for unit, position in (("daycare", "pedagogue"), ("school_south", "teacher")):
        depart.move(world.app, case, {"unit": unit, "position": position}, depart.Word(reason="it is so"))

    for slug, fact, kept in (("start_moved", "start_date", "2027-04-01"), ("place_changed", "unit", "school_south")):
        notices = {notice.context[fact]: notice for notice in world.store.notices(case=case) if notice.slug == slug}
        last = notices.pop(kept)
        (overtaken,) = notices.values()
        with pytest.raises(NothingToSay, match="again"):
            compose(world.app, overtaken)
        assert compose(world.app, last)


@pytest.mark.parametrize("worked", [False, True])
def test_who_is_cancelled_is_told_of_access_taken_back_only_if_some_was_made(world: World, worked: bool) -> None:
    case = world.hire()
    send_due(world.app)
    if worked:
        world.appoint(case)
        world.work()
    depart.cancel(world.app, case, depart.Word(reason="withdrew"))
    (notice,) = [each for each in world.store.notices(case=case) if each.slug == "hire_cancelled"]
    for language, said in (("da", "trukket tilbage"), ("en", "withdrawn")):
        policy = world.policies.current().deadlines
        world.policies.edit(deadlines=replace(policy, mail=replace(policy.mail, language=language)))
        mail = SHIPPED.render_mail("hire_cancelled", language, context_of(compose(world.app, notice)))
        assert [said in text for text in (mail.text, str(mail.html))] == [worked, worked]
