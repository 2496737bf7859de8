"""Checked as typed."""

from __future__ import annotations

import pytest

from idm.errors import BadInput
from idm.flow.check_form import check_values
from tests import data
from tests.support.world import World


def test_what_is_typed_is_checked_and_nothing_saved(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    task = world.task_of(case, "personal_data")
    typed = {"residence": "denmark", "postcode": "80", "pay_to": "account", "account_number": "12x"}
    version = world.case(case).version

    everything = {fault.path for fault in check_values(world.app, task, typed)}
    only = check_values(world.app, task, typed, only=["postcode"])

    assert {"values.postcode", "values.account_number", "values.street", "values.registration_number"} <= everything
    assert [(fault.path, fault.rule) for fault in only] == [("values.postcode", "postcode")]
    assert check_values(world.app, task, typed, only=["residence", "pay_to"]) == ()
    assert world.case(case).version == version


def test_the_payroll_form_is_checked_by_its_tables(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.all_documents(case)
    task = world.task_of(case, "payroll_form")
    assert check_values(world.app, task, data.payroll_values()) == ()
    wrong = check_values(world.app, task, data.payroll_values(pay_type="hourly"), only=["pay_type"])
    assert [fault.path for fault in wrong] == ["values.pay_type"]
    assert "payroll/" in wrong[0].rule


def test_what_is_no_form_is_refused(world: World) -> None:
    case = world.hire()
    with pytest.raises(BadInput):
        check_values(world.app, world.task_of(case, "appoint"), {})
