from __future__ import annotations

from idm.flow.checklist import checklist
from tests.support.world import World


def test_everything_that_is_asked_says_what_it_is_for_in_both_languages(world: World) -> None:
    world.import_municipality()
    world.delegate()
    case = world.case(world.hire("h1", position="pedagogue"))

    danish, english = (checklist(world.app, case, language).entries for language in ("da", "en"))

    assert {entry.id for entry in english} >= {"contract", "id_photo", "personal"}
    assert [entry.id for entry in (*danish, *english) if not entry.why] == []
    assert {entry.why for entry in danish} & {entry.why for entry in english} == set()


def test_what_is_handed_in_is_with_us_until_it_was_looked_at(world: World) -> None:
    world.delegate()
    case = world.hire()
    before = checklist(world.app, world.case(case), "da")
    assert before.left == len(before.entries) > 0 and before.with_us == 0

    world.hand_in(case)
    handed_in = checklist(world.app, world.case(case), "da")
    world.accept(case, "contract")
    accepted = checklist(world.app, world.case(case), "da")

    assert (handed_in.left, handed_in.with_us) == (before.left - 1, 1)
    assert (accepted.left, accepted.with_us) == (before.left - 1, 0)
