from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.connector import Change, Confidential, Effect, KindInfo, Observed, Ref, State, Verb
from idm.domain.desired import Reason, Wanted
from idm.domain.journey import OPENING, RIGHTS
from idm.domain.plan import Holding, Owned, Vanished, differences, owned_by, withdrawal
from tests.support.target import MemoryTarget

WHY = (Reason("r", "f", 1, "h", "c", "a"),)
OWNED = Owned("ldap", "account", "p-1", "p-1", "e-1", "link-1")


def wanted(rights: tuple[str, ...] = (), **more: Any) -> Wanted:
    made: dict[str, Any] = {"state": State.DISABLED, "attributes": {"name": "Åse"}, "gated": True, **more}
    return Wanted("ldap", "account", "p-1", "p-1", "e-1", reasons=WHY, entitlements=dict.fromkeys(rights, WHY), **made)


def there(**more: Any) -> Observed:
    made: dict[str, Any] = {"state": State.DISABLED, "attributes": {"name": "Åse"}, **more}
    return Observed("account", "p-1", "link-1", **made)


def verbs(changes: Any) -> list[str]:
    return [f"{change.verb} {change.entitlement or ''}".strip() for change in changes]


def test_what_is_not_there_is_made_closed_if_a_date_opens_it() -> None:
    (made,) = differences(wanted(state=State.ENABLED), None, None, ())
    assert (made.verb, made.state, made.effect_key, made.link) == (Verb.CREATE, State.DISABLED, "account/p-1/record", None)
    (made,) = differences(wanted(state=State.ENABLED, gated=False), None, None, ())
    assert made.state is State.ENABLED


def test_each_scope_does_its_own_and_nothing_else() -> None:
    want = wanted(("a",), state=State.ENABLED, attributes={"name": "New"})
    held = there(entitlements=frozenset({"b"}))
    owned = replace(OWNED, entitlements=frozenset({"b"}))

    assert verbs(differences(want, held, owned, ("account",))) == ["update"]
    assert verbs(differences(want, held, owned, (RIGHTS,))) == ["grant a", "revoke b"]
    assert verbs(differences(want, held, owned, (OPENING,))) == ["enable"]
    assert verbs(differences(want, held, owned, ())) == ["update", "grant a", "revoke b", "enable"]
    assert verbs(differences(want, None, None, (RIGHTS, OPENING))) == []


def test_what_was_opened_is_closed_by_an_opening_only_if_a_date_rules_it() -> None:
    held = there(state=State.ENABLED)
    assert verbs(differences(wanted(), held, OWNED, ())) == ["disable"]
    assert verbs(differences(wanted(gated=False), held, OWNED, ())) == []


def test_a_posting_happens_once_and_is_never_converged() -> None:
    mail = wanted(posting=True, gated=False)
    assert verbs(differences(mail, None, None, ())) == ["post"]
    assert verbs(differences(mail, None, OWNED, ())) == ["post"]
    assert verbs(differences(replace(mail, attributes={"name": "New"}), there(), OWNED, ())) == []


def test_rights_that_idm_did_not_grant_are_left_alone() -> None:
    held = there(entitlements=frozenset({"theirs", "ours"}))
    assert verbs(differences(wanted(), held, replace(OWNED, entitlements=frozenset({"ours", "gone"})), ())) == ["revoke ours"]
    assert verbs(differences(wanted(), held, None, ())) == []


def test_a_record_that_idm_made_and_is_gone_is_never_made_again_by_itself() -> None:
    with pytest.raises(Vanished) as gone:
        list(differences(wanted(), None, OWNED, ()))
    assert gone.value.owned is OWNED
    assert "account" in str(gone.value)
    assert verbs(differences(wanted(), None, replace(OWNED, gone=True), ())) == ["create"]


@pytest.mark.parametrize(
    ("held", "want", "same"),
    [
        ("x", "x", True),
        ("x", "y", False),
        (None, "x", False),
        (("a", "b"), ("b", "a"), True),
        ("a", ("a",), True),
        (("a",), "a", True),
        (("a", "b"), "a", False),
        (Confidential("x"), Confidential("x"), True),
        (Confidential("x"), Confidential("y"), False),
    ],
)
def test_values_are_compared_without_order(held: Any, want: Any, same: bool) -> None:
    attributes = {} if held is None else {"name": held}
    assert (verbs(differences(wanted(attributes={"name": want}), there(attributes=attributes), OWNED, ())) == []) is same


def test_only_what_differs_is_sent_and_foreign_attributes_are_left_alone() -> None:
    held = there(attributes={"name": "Åse", "title": "Old", "theirs": "x"})
    (change,) = differences(wanted(attributes={"name": "Åse", "title": "New"}), held, OWNED, ())
    assert change.attributes == {"title": "New"}


def test_a_value_that_went_away_is_removed_and_one_that_never_was_is_not_sent() -> None:
    want = wanted(attributes={"name": "Åse", "to_date": ""})
    (removed,) = differences(want, there(attributes={"name": "Åse", "to_date": "2027-12-31"}), OWNED, ())
    assert (removed.verb, removed.attributes) == (Verb.UPDATE, {"to_date": ""})
    assert list(differences(want, there(), OWNED, ())) == []
    (made,) = differences(want, None, None, ("account",))
    assert made.attributes == {"name": "Åse"}


def test_an_effect_key_tells_one_update_from_another_and_no_secret() -> None:
    def key(**attributes: Any) -> str:
        (change,) = differences(wanted(attributes=attributes), there(attributes={}), OWNED, ())
        return change.effect_key

    assert key(a="1") == key(a="1")
    assert len({key(a="1"), key(a="2"), key(b="1"), key(a="1", b="2")}) == 4
    assert key(cpr=Confidential("0101700001")) == key(cpr=Confidential("0202800002"))


def test_taking_back_ends_what_was_used_and_deletes_what_never_was() -> None:
    owned = replace(OWNED, entitlements=frozenset({"ours", "gone"}))
    held = there(entitlements=frozenset({"ours", "theirs"}))

    assert verbs(withdrawal(owned, held, used=False)) == ["revoke ours", "delete"]
    assert verbs(withdrawal(owned, held, used=True)) == ["revoke ours", "end"]
    assert verbs(withdrawal(owned, None, used=True)) == []
    assert verbs(withdrawal(owned, there(state=State.ENDED), used=True)) == []


def test_holdings_gather_by_record_with_the_rights_that_still_hold() -> None:
    record = Holding("ldap", "account", "p-1", "", "p-1", "e-1", "link-1", opened=True)
    rights = [replace(record, entitlement="a"), replace(record, entitlement="b", gone=True)]
    other = replace(record, system="erp", gone=True)

    assert owned_by([rights[0], record, rights[1], other]) == {
        ("ldap", "account", "p-1"): replace(OWNED, entitlements=frozenset({"a"}), opened=True),
        ("erp", "account", "p-1"): replace(OWNED, system="erp", opened=True, gone=True),
    }
    assert owned_by(rights) == {}


NAMES = st.sampled_from(["a", "b", "c", "d"])
VALUES = st.sampled_from(["x", "y"]) | st.sets(st.sampled_from(["x", "y"]), min_size=1).map(lambda found: tuple(sorted(found)))


@given(
    want=st.builds(
        wanted,
        st.sets(NAMES).map(tuple),
        state=st.sampled_from([State.ENABLED, State.DISABLED]),
        attributes=st.dictionaries(NAMES, VALUES),
        gated=st.booleans(),
    ),
    held=st.none()
    | st.builds(
        there,
        state=st.sampled_from([State.ENABLED, State.DISABLED]),
        attributes=st.dictionaries(NAMES, VALUES),
        entitlements=st.frozensets(NAMES),
    ),
    granted=st.frozensets(NAMES),
    scope=st.sets(st.sampled_from(["account", RIGHTS, OPENING])).map(tuple),
)
def test_what_was_performed_is_not_asked_for_again(
    want: Wanted, held: Observed | None, granted: frozenset[str], scope: tuple[str, ...]
) -> None:
    """Performing the differences and asking again gives nothing; and no right that idm didn't grant is ever taken."""
    target = MemoryTarget({"account": KindInfo(Effect.KEYED)})
    if held is not None:
        target.perform(Change(Verb.CREATE, "account", "p-1", "k", attributes=held.attributes, state=held.state))
        for right in held.entitlements:
            target.perform(Change(Verb.GRANT, "account", "p-1", "k", entitlement=right))
    owned = replace(OWNED, entitlements=granted) if held is not None else None
    for _ in range(2 if held is None else 1):
        for change in differences(want, target.read(Ref("account", "p-1")), owned, scope):
            target.perform(change)
        if held is None and target.read(Ref("account", "p-1")) is None:
            return
        owned = owned or OWNED

    now = target.read(Ref("account", "p-1"))
    assert now is not None
    assert list(differences(want, now, owned, scope)) == []
    if held is not None:
        assert held.entitlements - granted <= now.entitlements
