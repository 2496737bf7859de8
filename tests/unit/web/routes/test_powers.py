from __future__ import annotations

from collections.abc import Callable

import pytest

from idm.domain.authority import Authority
from idm.flow.delegate import delegate
from idm.flow.substitute import Absence, list_substitutions, substitute
from tests import data
from tests.support.more_people import import_more
from tests.support.portal import Portal
from tests.support.world import World


@pytest.fixture
def bare(new_world: Callable[..., World]) -> Portal:
    return Portal(new_world())


def test_a_manager_appoints_both_contacts_of_a_unit_and_ends_one(bare: Portal) -> None:
    manager = bare.visitor(data.HEAD_NORTH)
    page = manager.get("/powers")
    assert "has nobody for" in page.text

    after = manager.send(page, "/powers", unit="school_north", authority=["pay", "it"], to_find="Pia Lønholm")

    held = bare.world.store.delegations(units=["school_north"])
    assert {each.authority for each in held} == {Authority.PAY, Authority.IT} and "has nobody for" not in after.text
    ended = next(each for each in held if each.authority is Authority.PAY)
    manager.send(after, f"/powers/{ended.id}/revoke")
    found = bare.world.store.delegation(ended.id)
    assert found is not None and found.revoked


def test_nobody_grants_or_ends_what_another_manages(bare: Portal) -> None:
    south = delegate(bare.world.app, Authority.PAY, "school_south", [data.PAY])[0]
    manager = bare.visitor(data.HEAD_NORTH)

    refused = manager.post("/powers", {"unit": "school_south", "authority": "pay", "to": data.PAY})

    assert refused.status == 422 and len(bare.world.store.delegations(units=["school_south"])) == 1
    assert manager.post(f"/powers/{south.id}/revoke").status == 404
    assert manager.post("/powers/confirm", {"delegation": south.id}).status == 404
    assert bare.visitor(data.TEACHER).get("/powers").status == 404


def test_every_fault_of_an_appointment_is_told_at_once(bare: Portal) -> None:
    answer = bare.visitor(data.HEAD_NORTH).post("/powers", {"unit": "school_north", "since": "soon", "amount": "much"})

    for field in ("authority", "to", "since", "amount"):
        assert f'href="#f-{field}"' in answer.html
    assert answer.status == 422 and not bare.world.store.delegations()


def test_a_limit_that_could_be_thousands_or_a_fraction_is_refused_with_both_ways_to_write_it(bare: Portal) -> None:
    manager = bare.visitor(data.HEAD_NORTH, language="da")

    unclear = manager.post("/powers", {"unit": "school_north", "authority": "pay", "amount": "20.900"})
    clear = manager.post("/powers", {"unit": "school_north", "authority": "pay", "amount": "20.900,00"})

    assert "skriv 20900 eller 20.900,00" in unclear.text and 'href="#f-amount"' in unclear.html
    assert clear.status == 422 and 'href="#f-amount"' not in clear.html


def test_somebody_names_who_stands_in_for_them_and_comes_back(bare: Portal) -> None:
    pay = bare.visitor(data.PAY)
    after = pay.send(pay.get("/absence"), "/absence", substitute=data.IT, until="2027-03-01")

    entered = list_substitutions(bare.world.app, person=data.PAY)[0]
    assert (entered.substitute, str(entered.until)) == (data.IT, "2027-03-01") and "Ivan Teknik" in after.text
    assert bare.visitor(data.IT).post(f"/absence/{entered.id}/end").status == 404
    pay.send(after, f"/absence/{entered.id}/end")
    assert not [each for each in list_substitutions(bare.world.app, person=data.PAY) if each.ended is None]


def test_a_name_that_several_bear_is_answered_with_them_to_choose_from(bare: Portal) -> None:
    import_more(bare.world, ("other_pia", "Pia", "Lønholm", "care"))
    manager = bare.visitor(data.HEAD_NORTH)
    given = {"unit": "school_north", "authority": "pay", "to_find": "Pia Lønholm", "until": "2027-03-01"}

    answer = manager.post("/powers", given)

    form = answer.form("/powers")
    assert answer.status == 422 and 'href="#f-to_find"' in answer.html and not bare.world.store.delegations()
    assert len(form.choices["to"]) == 2 and answer.text.count("Pia Lønholm") == 2 and "Pleje" in answer.text
    assert form.fields["until"] == ["2027-03-01"]
    manager.send(answer, "/powers", to=data.PAY)
    assert [each.to for each in bare.world.store.delegations()] == [data.PAY]


def test_somebody_is_found_without_anything_being_granted(bare: Portal) -> None:
    manager = bare.visitor(data.HEAD_NORTH)

    page = manager.post("/powers/find", {"to_find": "tekn", "unit": "school_north", "authority": "it"})
    part = manager.post("/powers/find?for=to", {"to_find": "tekn"}, hx_request="true")

    assert page.status == part.status == 200 and page.form("/powers").choices["to"] == [data.IT] and data.IT in part.html
    assert "<html" in page.html and "<html" not in part.html and not bare.world.store.delegations()


def test_whoever_is_away_says_whether_somebody_stands_in_and_isnt_their_own_substitute(bare: Portal) -> None:
    pay = bare.visitor(data.PAY)

    said_nothing = pay.send(pay.get("/absence"), "/absence")
    assert said_nothing.status == 422 and 'href="#f-substitute"' in said_nothing.html
    assert "substitute" not in pay.post("/absence/find", {"substitute_find": "Pia Lønholm"}).form("/absence").choices["substitute"][1:]
    pay.send(said_nothing, "/absence", substitute="nobody")

    entered = list_substitutions(bare.world.app, person=data.PAY)
    assert [each.substitute for each in entered] == [""]


def test_an_absence_says_for_what_and_where(bare: Portal) -> None:
    substitute(bare.world.app, Absence(data.HEAD_NORTH, data.IT))
    substitute(bare.world.app, Absence(data.HEAD_NORTH, data.PAY, authorities=("manager", "pay"), units=("school_north",)))

    own, stands_in = bare.visitor(data.HEAD_NORTH).get("/absence").text, bare.visitor(data.PAY).get("/absence").text

    assert "For what Everything" in own and "For what A manager's tasks, Pay" in own
    assert "For what A manager's tasks, Pay" in stands_in and "Units Nordskolen" in stands_in
