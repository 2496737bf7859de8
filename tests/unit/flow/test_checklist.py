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
