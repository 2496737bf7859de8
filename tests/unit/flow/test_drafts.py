"""Save and go on another day."""

from __future__ import annotations

import pytest

from idm.errors import BadInput, Conflict, NotAllowed
from idm.flow.depart import Word, cancel
from idm.flow.drafts import begin_with, draft_of, save_draft, told_before
from idm.flow.own_data import give_anew
from tests import data
from tests.support.world import World

HALF = {"street": "Nørregade 1", "postcode": "80", "town": ""}


def begun(world: World) -> tuple[str, str, str]:
    """A case whose person is asked for their data: case, task, person."""
    case = world.hire()
    world.appoint(case)
    return case, world.task_of(case, "personal_data"), world.case(case).person


def rows(world: World) -> list[str]:
    with world.database.reading() as connection:
        return [str(dict(row)) for row in connection.exec_driver_sql("select * from drafts").mappings()]


def test_what_was_typed_comes_back_unchecked_and_is_encrypted_meanwhile(world: World) -> None:
    _, task, person = begun(world)
    assert draft_of(world.app, person, task) is None
    save_draft(world.app, person, task, HALF)
    saved = save_draft(world.app, person, task, {**HALF, "street": "Nørregade 10"})

    assert draft_of(world.app, person, task) == saved
    assert saved.values == {"street": "Nørregade 10", "postcode": "80"}
    assert begin_with(world.app, person, task) == saved.values
    assert len(rows(world)) == 1 and "Nørregade" not in rows(world)[0]


def test_it_goes_when_the_task_is_answered(world: World) -> None:
    case, task, person = begun(world)
    save_draft(world.app, person, task, HALF)
    world.tell_personal(case)
    assert (draft_of(world.app, person, task), rows(world)) == (None, [])


def test_it_goes_when_the_task_is_withdrawn(world: World) -> None:
    case, task, person = begun(world)
    save_draft(world.app, person, task, HALF)
    cancel(world.app, case, Word(reason="withdrew"))
    assert (draft_of(world.app, person, task), rows(world)) == (None, [])


def test_a_pay_contact_saves_the_payroll_form_and_a_colleague_has_one_of_their_own(world: World) -> None:
    case, _, _ = begun(world)
    world.all_documents(case)
    task = world.task_of(case, "payroll_form")
    save_draft(world.app, data.PAY, task, {"institution": "0210", "supplements": ["A1"]})
    assert begin_with(world.app, data.PAY, task) == {"institution": "0210", "supplements": ["A1"]}
    with pytest.raises(NotAllowed):
        save_draft(world.app, data.IT, task, {"institution": "0210"})
    assert draft_of(world.app, data.IT, task) is None


def test_only_open_forms_and_their_own_fields_are_saved(world: World) -> None:
    case, task, person = begun(world)
    with pytest.raises(BadInput) as refused:
        save_draft(world.app, person, task, {"shoe_size": "43", "street": "x" * 2001})
    assert [fault.path for fault in refused.value.faults] == ["values.shoe_size", "values.street"]
    with pytest.raises(Conflict):
        save_draft(world.app, person, world.task_of(case, "document-contract"), {})
    world.tell_personal(case)
    with pytest.raises(Conflict):
        save_draft(world.app, person, task, HALF)


def test_a_form_begins_with_what_is_known_or_was_told_before(world: World) -> None:
    case, task, person = begun(world)
    known = data.hire_event("h1")["data"]["person"]
    assert begin_with(world.app, person, task) == {"mobile": known["mobile"], "private_email": known["private_email"]}
    world.tell_personal(case)
    give_anew(world.app, case, "personal", person)
    again = begin_with(world.app, person, world.task_of(case, "personal_data"))
    assert again.items() >= data.personal_values().items()


def test_the_pay_contact_is_shown_what_was_told_beside_the_payroll_form(world: World) -> None:
    case, _, person = begun(world)
    world.all_documents(case)
    task = world.task_of(case, "payroll_form")
    assert told_before(world.app, data.PAY, task)["personal"].items() >= data.personal_values().items()
    for other in (data.IT, person):
        with pytest.raises(NotAllowed):
            told_before(world.app, other, task)
