from __future__ import annotations

import pytest
from sqlalchemy import select

from idm.errors import BadInput, Conflict, NotAllowed, NotFound
from idm.flow.comments import add_comment, comments_of, erase_comment
from idm.flow.show import show_case
from idm.store import schema
from tests import data
from tests.support.world import World


@pytest.fixture
def case(world: World) -> str:
    case = world.hire()
    world.appoint(case)
    return case


def test_those_who_take_part_may_comment(world: World, case: str) -> None:
    hire = world.case(case).person
    for person in (data.HEAD_NORTH, data.PAY, data.IT, hire):
        add_comment(world.app, case, person, f"said by {person}", administrator="root")

    comments = comments_of(world.app, case)
    assert [(each.author, each.administrator, each.text) for each in comments] == [
        (person, "root", f"said by {person}") for person in (data.HEAD_NORTH, data.PAY, data.IT, hire)
    ]
    shown = show_case(world.app, case)["comments"]
    assert [(each["by"], each["to_hire"]) for each in shown][-1] == (hire, True)


def test_nobody_else_may_comment_or_read(world: World, case: str) -> None:
    other = data.HEAD_SOUTH
    with pytest.raises(NotAllowed, match="no part in case"):
        add_comment(world.app, case, other, "text")
    with pytest.raises(NotAllowed, match="no part in case"):
        comments_of(world.app, case, other)
    with pytest.raises(NotFound):
        add_comment(world.app, case, "nobody", "text")
    assert comments_of(world.app, case) == []


def test_the_new_hire_sees_their_own_and_those_to_them_only(world: World, case: str) -> None:
    hire = world.case(case).person
    add_comment(world.app, case, data.PAY, "for staff")
    add_comment(world.app, case, data.PAY, "for the new hire", to_hire=True)
    add_comment(world.app, case, hire, "from the new hire")

    assert [each.text for each in comments_of(world.app, case, hire)] == ["for the new hire", "from the new hire"]
    assert [each.text for each in comments_of(world.app, case, data.IT)] == ["for staff", "for the new hire", "from the new hire"]


def test_the_audit_has_a_digest_of_the_text_and_not_the_text(world: World, case: str) -> None:
    made = add_comment(world.app, case, data.PAY, "a word in confidence")
    entry = world.store.audit(case)[-1]

    assert (entry.actor, entry.action) == (data.PAY, "commented")
    assert made.digest in (entry.payload or "")
    assert "confidence" not in (entry.payload or "")
    assert made.text is not None


def test_an_erased_text_is_gone_and_all_else_stays(world: World, case: str) -> None:
    made = add_comment(world.app, case, data.PAY, "a word in confidence")
    erase_comment(world.app, case, made.id, "names somebody else", "root")

    assert [(each.id, each.author, each.text, each.salt) for each in comments_of(world.app, case)] == [(made.id, data.PAY, None, None)]
    with world.database.reading() as connection:
        assert connection.execute(select(schema.comments.c.body, schema.comments.c.salt)).all() == [(None, None)]
    assert world.actions(case)[-2:] == ["commented", "comment-erased"]
    with pytest.raises(Conflict):
        erase_comment(world.app, case, made.id, "again", "root")
    with pytest.raises(NotFound):
        erase_comment(world.app, case, "n-0", "why", "root")
    with pytest.raises(BadInput):
        erase_comment(world.app, case, made.id, " ", "root")
