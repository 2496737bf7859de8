"""A consent can be used for so many days: the order is due by then, everybody sees until when, and the new hire isn't blamed after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from idm.domain.timers import usable_until
from idm.flow import deadlines
from idm.flow.checklist import AGAIN, checklist
from idm.flow.compose import compose
from idm.flow.graphs import graph_of
from tests import data
from tests.support.world import World
from tests.unit.flow.test_case_picture import picture
from tests.unit.flow.test_compose import SHIPPED, context_of

GIVEN = date(2026, 11, 23)
LAST = date(2026, 12, 6)
"""The last whole day of the 14 that policy gives: a Sunday."""


@pytest.fixture
def case(world: World) -> str:
    """A hire who has consented."""
    world.delegate()
    case = world.hire()
    assert world.clock.today() == GIVEN
    world.do(case, "consent-child_protection", world.case(case).person, "give")
    return case


def due(world: World, case: str, step: str) -> date | None:
    return next(task.due for task in world.store.tasks(case=case, state="open") if task.step == step)


def until(world: World, case: str, step: str) -> date | None:
    return usable_until(world.case(case), graph_of(world.app, world.case(case)), step)


def test_the_order_is_due_while_the_consent_can_be_used(world: World, case: str) -> None:
    assert due(world, case, "ordered-child_protection") == date(2026, 12, 4)
    assert until(world, case, "ordered-child_protection") == LAST

    world.app.store.redate({world.task_of(case, "ordered-child_protection"): date(2026, 12, 22)})
    with world.store.write() as writer:
        writer.put_setting(deadlines.COUNTED_BY, "other rules")
    deadlines.recount(world.app)
    assert due(world, case, "ordered-child_protection") == date(2026, 12, 4)

    world.do(case, "ordered-child_protection", data.HEAD_NORTH, "done")
    assert due(world, case, "received-child_protection") == date(2026, 12, 22), "a consent that was used lapses no more"
    assert until(world, case, "received-child_protection") is None


def test_the_days_ahead_tell_that_a_consent_lapses_not_that_it_has(world: World, case: str) -> None:
    for language, said in (("en", "The consent to child protection certificate lapses"), ("da", "Samtykket til børneattest bortfalder")):
        ahead = picture(world, case, language=language).ahead
        assert [each.title for each in ahead if each.what == "lapse"] == [said]


def test_who_is_asked_again_is_told_that_it_is_not_their_fault(world: World, case: str) -> None:
    world.arrive((GIVEN + timedelta(days=15)).isoformat())
    (entry,) = [entry for entry in checklist(world.app, world.case(case), "en").entries if entry.id == "child_protection"]
    assert entry.state == AGAIN

    (notice,) = [each for each in world.store.notices(case=case) if each.slug == "consent_wanted" and each.context.get("again")]
    for language, said in (("da", "Vi nåede ikke at bruge dit samtykke i tide"), ("en", "We did not use your consent in time")):
        policy = world.policies.current().deadlines
        world.policies.edit(deadlines=replace(policy, mail=replace(policy.mail, language=language)))
        mail = SHIPPED.render_mail("consent_wanted", language, context_of(compose(world.app, notice)))
        assert said in mail.text and said in str(mail.html)
