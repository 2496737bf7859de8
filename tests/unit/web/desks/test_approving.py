from __future__ import annotations

import dataclasses

from idm.domain.approvals import AskedOf
from idm.domain.authority import Authority
from idm.domain.journey import Source
from idm.domain.matching import EVERYBODY
from idm.flow.delegate import delegate
from tests import data
from tests.support.portal import Portal


def test_payroll_control_sees_the_answers_by_their_titles_and_what_the_pay_comes_to(portal: Portal) -> None:
    world = portal.world
    delegate(world.app, Authority.CONTROL, "town", [data.TEACHER])
    policies = world.policies.current()
    asked = dataclasses.replace(policies.approvals["payroll_control"], asked=(AskedOf("all", EVERYBODY, Source("approvals.yaml", 3, "h")),))
    world.policies.edit(approvals={**policies.approvals, "payroll_control": asked})
    case = world.hire()
    world.people_act(case)

    page = portal.visitor(data.TEACHER, language="da").get(f"/tasks/{world.task_of(case, 'payroll_control')}")

    assert "Lærere i folkeskolen m.fl. (TEACH)" in page.text and "Månedsløn" in page.text and "monthly" not in page.text
    assert "4. januar 2027" in page.text and "2027-01-04" not in page.text
    assert "Løn pr. måned" in page.text
