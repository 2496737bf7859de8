from __future__ import annotations

from idm.domain.access_policy import MANAGERS_START, AccessPolicy, StartRule
from idm.domain.authority_powers import AuthorityPolicy, Team
from idm.domain.people import Organisation, Position, Unit

TREE = Organisation(
    {
        "town": Unit("town", "Town", None, "boss"),
        "schools": Unit("schools", "Schools", "town", "lead"),
        "north": Unit("north", "North", "schools", "head"),
        "care": Unit("care", "Care", "town", ""),
    },
    {"teacher": Position("teacher", "Teacher"), "nurse": Position("nurse", "Nurse")},
)
TEAMS = AuthorityPolicy(teams={"office": Team("office", {}, ("ann", "bo"), "office@example.org")})


def places(policy: AccessPolicy, person: str, managed: set[str] | None = None) -> dict[str, tuple[str, ...]]:
    return dict(policy.startable(person, managed or set(), TREE, TEAMS).places)


def test_without_policy_managers_start_hires_where_they_manage_into_every_position() -> None:
    assert AccessPolicy().starts == MANAGERS_START
    assert places(AccessPolicy(), "lead", {"schools", "north"}) == {"schools": ("teacher", "nurse"), "north": ("teacher", "nurse")}
    assert places(AccessPolicy(), "ann") == {}


def test_a_rule_narrows_units_with_all_below_them_and_positions() -> None:
    policy = AccessPolicy(starts=(StartRule("managers", units=("schools",), positions=("teacher",)),))

    assert places(policy, "boss", {"town", "schools", "north", "care"}) == {"schools": ("teacher",), "north": ("teacher",)}


def test_others_start_hires_where_their_rule_says_whether_they_manage_or_not() -> None:
    policy = AccessPolicy(starts=(StartRule("office", ("team:office",), ("care",), ("nurse",)), StartRule("head", ("head",), ("north",))))

    assert places(policy, "bo") == {"care": ("nurse",)}
    assert places(policy, "head") == {"north": ("teacher", "nurse")}
    assert places(policy, "boss", {"town", "schools", "north", "care"}) == {}


def test_several_rules_add_up() -> None:
    policy = AccessPolicy(starts=(*MANAGERS_START, StartRule("office", ("head",), ("care",), ("nurse",))))

    found = policy.startable("head", {"north"}, TREE, TEAMS)
    assert dict(found) == {"north": ("teacher", "nurse"), "care": ("nurse",)}
    assert found.allows("care", "nurse")
    assert not found.allows("care", "teacher")
    assert not found.allows("town", "nurse")


def test_staff_and_auditors_are_persons_or_members_of_teams() -> None:
    policy = AccessPolicy(payroll_staff=("team:office", "cy"), auditors=("dan", "team:gone"))

    assert {person for person in ("ann", "bo", "cy", "dan") if policy.is_payroll_staff(person, TEAMS)} == {"ann", "bo", "cy"}
    assert {person for person in ("ann", "bo", "cy", "dan") if policy.is_auditor(person, TEAMS)} == {"dan"}
