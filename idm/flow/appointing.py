"""Appointing steps that nobody need be asked about: standing delegations name both contacts already."""

from __future__ import annotations

from collections.abc import Mapping

from idm.domain.authority import APPOINTED, Matter
from idm.domain.case import Approval
from idm.domain.four_eyes import rule_for
from idm.domain.journey import Actor, Journey, TaskKind
from idm.domain.matching import Circumstances
from idm.domain.people import Organisation
from idm.flow.powers import PowersNow
from idm.ports import App


def decided_by_itself(
    app: App, journey: Journey, matter: Matter, organisation: Organisation, hire: Circumstances
) -> Mapping[str, Approval]:
    """The approvals of appointing steps that standing delegations decide: both authorities have a contact for the unit.

    None where policy wants two persons to look at this hire's appointing: a delegation is one person's word.
    """
    if rule_for(app.policies.current().authority.four_eyes, (TaskKind.APPOINT.value,), hire) is not None:
        return {}
    now, powers = app.clock.now(), PowersNow(app, organisation)
    # A back-up holds no delegation: it acts where nobody else can, but names nobody in the manager's place.
    found = {
        authority: [holder for holder in powers.resolve(Actor(authority.value), matter).holders if holder.delegation]
        for authority in APPOINTED
    }
    if not all(found.values()):
        return {}
    first = next(iter(found.values()))[0]
    approval = Approval(
        by=first.granted_by,
        authority=Actor.MANAGER.value,
        at=now,
        delegation=",".join(sorted({holder.delegation for holders in found.values() for holder in holders})),
        granted_by=first.granted_by,
    )
    return {step.id: approval for step in journey.steps if step.by_itself and step.task is TaskKind.APPOINT}
