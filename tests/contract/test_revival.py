"""A record per person that idm ended is made anew by a creation: the same record, closed as asked, with the attributes as asked."""

from __future__ import annotations

import pytest

from idm.connector import Ref, State, Verb
from tests.contract.targets import Target, new_key


@pytest.mark.parametrize("target", ["ldap", "erp", "mailbox", "openldap"], indirect=True)
def test_a_creation_takes_what_was_ended_into_use_again(target: Target) -> None:
    connector = target.connect()
    made = target.creation(new_key())
    link = connector.perform(made)
    connector.perform(target.change(Verb.ENABLE, made, link))
    connector.perform(target.change(Verb.END, made, link))
    again = target.creation(made.key)

    assert connector.perform(again) == link
    seen = connector.read(Ref(made.kind, made.key, link))
    assert seen is not None
    assert (seen.state, seen.managed) == (State.DISABLED, True)
    assert {name: seen.attributes[name] for name in again.attributes} == dict(again.attributes)
    if target.entitlement:
        connector.perform(target.change(Verb.GRANT, again, link, entitlement=target.entitlement))
