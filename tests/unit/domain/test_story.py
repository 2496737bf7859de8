from __future__ import annotations

import ast
import re
import string
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import idm
from idm.bootstrap import shipped
from idm.domain.audit import GENESIS, Entry, chain
from idm.domain.case import Approval
from idm.domain.journey import TaskKind
from idm.domain.story import by_day, tell
from idm.domain.story_da import DANISH
from idm.domain.story_en import ENGLISH
from idm.domain.story_says import Names
from idm.domain.story_words import Words
from idm.policy_files import PolicyFolder

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""Ten o'clock in Denmark."""

NAMES = Names(
    hire="Gunnar Bæk",
    people={"boss": "Nanna Nord", "pia": "Pia Lønholm", "ivan": "Ivan Teknik", "p-1": "Gunnar Bæk"},
    steps={
        "appoint": "vouch for the hire",
        "account": "account",
        "payroll_form": "fill in the payroll form",
        "opening": "The start date came",
    },
    papers={"contract": "Signed contract"},
    systems_of={"account": "ldap", "record": "payroll", "rights": "ldap"},
    lanes={"ldap": "ldap", "payroll": "payroll"},
    roles={"teacher": "Teaching"},
    reasons={"negotiation": "Negotiation with the union"},
)

Said = tuple[float, str, str, Mapping[str, Any]]


def story(*said: Said, words: Words = ENGLISH, names: Names = NAMES) -> list[str]:
    return [f"{each.time} {each.text}" for each in tell(entries(*said), names, words)]


def entries(*said: Said) -> list[Entry]:
    made: list[Entry] = []
    for minutes, actor, action, payload in said:
        head = (made[-1].seq, made[-1].hash) if made else (0, GENESIS)
        made.append(chain("c-1", head, START + timedelta(minutes=minutes), actor, action, payload, "salt"))
    return made


WHOLE: tuple[Said, ...] = (
    (0, "/hr/test", "hire-taken", {"event": "1", "person": "p-1", "by_itself": {}}),
    (5, "boss", "appoint-appoint", {"step": "appoint", "task": "t", "pay": ["pia"], "it": ["ivan"], "administrator": "root"}),
    (6, "idm", "step-started", {"step": "account", "attempt": 1}),
    (6, "idm", "step-done", {"step": "account", "changes": ["create account"]}),
    (20, "p-1", "document-handed-in", {"kind": "contract", "document": "d-1"}),
    (25, "pia", "review-accept", {"step": "review", "task": "t", "kind": "contract"}),
    (30, "pia", "form-submit", {"step": "payroll_form", "task": "t", "form": "payroll", "fields": ["class"]}),
    (35, "ivan", "rights-confirm", {"step": "rights", "task": "t", "roles": ["teacher"], "added": ["teacher"], "removed": []}),
    (36, "idm", "step-started", {"step": "rights"}),
    (36, "idm", "step-done", {"step": "rights", "changes": ["grant account a", "grant account b"]}),
    (60, "idm", "timer-fell", {"step": "opening"}),
)


def test_a_whole_hire_in_english() -> None:
    assert story(*WHOLE) == [
        "10:00 The source /hr/test reported the hire of Gunnar Bæk.",
        "10:05 Nanna Nord vouched for the hire, with Pia Lønholm for pay and Ivan Teknik for IT. Typed by root.",
        "10:06 The directory: account made.",
        "10:20 Gunnar Bæk handed in: Signed contract.",
        "10:25 Pia Lønholm accepted: Signed contract.",
        "10:30 Pia Lønholm filled in the payroll form.",
        "10:35 Ivan Teknik confirmed the rights: Teaching. Added: Teaching.",
        "10:36 The directory: rights a and b given.",
        "11:00 The start date came.",
    ]


def test_a_whole_hire_in_danish() -> None:
    assert story(*WHOLE, words=DANISH) == [
        "10:00 Kilden /hr/test meldte en ansættelse: Gunnar Bæk.",
        "10:05 Nanna Nord stod inde for ansættelsen med Pia Lønholm for løn og Ivan Teknik for it. Tastet af root.",
        "10:06 Brugerkataloget: konto oprettet.",
        "10:20 Gunnar Bæk afleverede: Signed contract.",
        "10:25 Pia Lønholm godkendte: Signed contract.",
        "10:30 Pia Lønholm udfyldte lønskemaet.",
        "10:35 Ivan Teknik bekræftede rettighederne: Teaching. Tilføjet: Teaching.",
        "10:36 Brugerkataloget: rettighederne a og b givet.",
        "11:00 The start date came.",
    ]


def test_a_cancelled_hire_says_why_and_what_is_taken_back() -> None:
    told = story(
        (0, "boss", "cancelled", {"reason": "withdrew the application.", "systems": ["ldap", "payroll"], "administrator": "root"}),
        (1, "idm", "step-started", {"step": "account"}),
        (1, "idm", "step-done", {"step": "account", "changes": ["revoke account a", "delete account"]}),
    )
    assert told == [
        "10:00 Nanna Nord cancelled the hire. Taken back in: The directory and The payroll system. Reason: withdrew the application."
        " Typed by root.",
        "10:01 The directory: account taken back and right a taken away.",
    ]


def test_a_returned_document_says_by_whom_as_whose_substitute_and_why() -> None:
    returned = {"step": "review", "task": "t", "kind": "contract", "reason": "page 2 is missing", "substitute_for": ["pia"]}
    assert story((0, "ivan", "review-return", returned)) == [
        "10:00 Ivan Teknik returned: Signed contract. As substitute for Pia Lønholm. Reason: page 2 is missing."
    ]
    assert story((0, "ivan", "review-return", returned), words=DANISH) == [
        "10:00 Ivan Teknik sendte tilbage: Signed contract. Som stedfortræder for Pia Lønholm. Begrundelse: page 2 is missing."
    ]


def test_a_decision_says_on_whose_word_it_was_made() -> None:
    given = Approval("pia", "pay", START, "d-1", "boss")
    told = story((0, "pia", "review-accept", {"step": "review", "kind": "contract"}), names=replace(NAMES, approvals={"review": given}))
    assert told == ["10:00 Pia Lønholm accepted: Signed contract. As pay contact, on the word of Nanna Nord."]


def test_a_back_up_a_team_and_who_got_it_by_escalation_say_so() -> None:
    def why(**power: str) -> str:
        [told] = story((0, "ivan", "review-accept", {"step": "review", "kind": "contract", **power}))
        return told.removeprefix("10:00 Ivan Teknik accepted: Signed contract. ")

    assert why(via="backup", basis="central back-up for pay") == "As central back-up."
    assert why(via="team", basis="pay contact of town") == "As a member of the team that holds the authority."
    assert why(basis="on escalation: manager of town") == "As it was not done in time."


def test_standing_delegations_that_named_the_contacts_are_told() -> None:
    taken = {"by_itself": {"appoint": {"approver": "boss", "delegation": "d-1"}}}
    assert story((0, "/hr", "hire-taken", taken)) == [
        "10:00 The source /hr reported the hire of Gunnar Bæk."
        " Standing delegations name the contacts, so nobody had to be asked: vouch for the hire, on the word of Nanna Nord."
    ]


def test_attempts_that_failed_become_part_of_how_it_ended() -> None:
    told = tell(
        entries(
            (2, "idm", "step-started", {"step": "account"}),
            (2, "idm", "step-retry", {"step": "account", "reason": "no connection"}),
            (5, "idm", "step-started", {"step": "account"}),
            (5, "idm", "step-unknown", {"step": "account", "reason": "no answer."}),
            (7, "idm", "target-waited-for", {"lane": "ldap"}),
            (15, "idm", "step-started", {"step": "account"}),
            (15, "idm", "step-done", {"step": "account", "changes": ["create account"]}),
        ),
        NAMES,
        ENGLISH,
    )
    assert [(each.text, each.entries) for each in told] == [
        ("The directory: account made. After 3 attempts; The directory did not do it from 10:02 to 10:15 (no answer).", (1, 2, 3, 4, 6, 7))
    ]


def test_a_system_that_was_silent_is_told_with_what_it_did_next() -> None:
    assert story(
        (2, "idm", "target-waited-for", {"lane": "payroll"}),
        (15, "idm", "step-started", {"step": "record"}),
        (15, "idm", "step-done", {"step": "record", "changes": ["create record"]}),
    ) == ["10:15 The payroll system: pay record made. The payroll system was not answering from 10:02 to 10:15."]


def test_what_has_not_ended_is_told_as_it_stands() -> None:
    assert story(
        (2, "idm", "step-retry", {"step": "account", "reason": "no connection"}),
        (9, "idm", "step-retry", {"step": "account", "reason": "busy"}),
        (10, "idm", "target-waited-for", {"lane": "payroll"}),
    ) == [
        "10:09 The directory: account has not succeeded yet. Tried 2 times since 10:02 (busy).",
        "10:10 The payroll system has not answered since 10:10; what it has to do waits.",
    ]


def test_a_refusal_says_why() -> None:
    assert story((3, "idm", "step-refused", {"step": "account", "reason": "the name is taken", "changes": []})) == [
        "10:03 The directory refused: account. Somebody must look at it. Reason: the name is taken."
    ]


def test_a_step_that_had_nothing_to_do_belongs_to_what_the_system_did_before() -> None:
    told = tell(
        entries(
            (1, "idm", "step-done", {"step": "account", "changes": ["create account", "post document", "post document"]}),
            (2, "idm", "step-done", {"step": "rights", "changes": []}),
        ),
        NAMES,
        ENGLISH,
    )
    assert [(each.text, each.entries) for each in told] == [("The directory: account made and document sent (2).", (1, 2))]


def test_a_move_says_what_it_was_and_what_it_is() -> None:
    moved = {"facts": {"start_date": "2027-02-01"}, "was": {"start_date": "2027-01-04"}, "reason": "", "administrator": "root"}
    assert story((0, "boss", "hire-moved", moved)) == [
        "10:00 Nanna Nord changed the hire: start date from Monday 4 January 2027 to Monday 1 February 2027. Typed by root."
    ]


def test_waiting_says_why_and_until_when() -> None:
    began = {"reason": "negotiation", "until": "2026-12-11", "step": "payroll_form"}
    assert story((0, "pia", "waiting-began", began), (1, "pia", "waiting-ended", {"reason": "negotiation", "until": "2026-12-11"})) == [
        "10:00 Pia Lønholm let “fill in the payroll form” wait until Friday 11 December 2026: Negotiation with the union.",
        "10:01 Pia Lønholm ended the waiting of the case: Negotiation with the union.",
    ]


def test_two_pairs_of_eyes_and_who_gets_what_is_late() -> None:
    assert story(
        (0, "pia", "form-first-look", {"step": "payroll_form", "task": "t", "form": "payroll"}),
        (1, "ivan", "form-agree", {"step": "payroll_form", "task": "t", "first": "pia"}),
        (2, "idm", "escalated", {"step": "payroll_form", "late": 3, "to": ["boss"], "waits_for": ["pia"]}),
        (3, "idm", "escalated", {"step": "payroll_form", "late": 5, "to": [], "told": ["boss"], "waits_for": ["pia"]}),
    ) == [
        "10:00 Pia Lønholm answered as the first of two persons: fill in the payroll form.",
        "10:01 Ivan Teknik agreed as the second person: fill in the payroll form. With Pia Lønholm.",
        "10:02 Not done in time, 3 working days late: fill in the payroll form. Nanna Nord may do it now too.",
        "10:03 Not done in time, 5 working days late: fill in the payroll form. Told of it: Nanna Nord.",
    ]


def test_times_and_days_are_danish_around_midnight_and_in_summer() -> None:
    late = replace(entries((0, "boss", "commented", {}))[0], at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    told = tell([late], NAMES, DANISH)
    assert [(each.time, DANISH.day(day)) for day, said in by_day(told).items() for each in said] == [("00:30", "torsdag den 2. juli 2026")]


def test_erased_particulars_leave_a_sentence() -> None:
    erased = [replace(each, payload=None, salt=None) for each in entries(*WHOLE)]
    told = [each.text for each in tell(erased, NAMES, ENGLISH)]
    assert "Nanna Nord: appoint-appoint; the particulars were erased." in told


def test_an_unknown_action_is_told_and_never_lost() -> None:
    assert story((0, "boss", "juggled", {"reason": "for fun"})) == ["10:00 Nanna Nord: juggled. Reason: for fun."]


def recorded() -> set[str]:
    """Every action that idm writes down by a name in its source, or that the documentation lists."""
    root = Path(idm.__file__).parent
    found: set[str] = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) > 1:
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                at = {"Note": 1, "chain": 4}.get(called)
                if at is not None and len(node.args) > at and isinstance(told := node.args[at], ast.Constant):
                    found.add(str(told.value))
    page = (root.parent / "docs" / "audit.md").read_text(encoding="utf-8")
    table = page.partition("## The chain")[0]
    found |= {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`([a-z_-]+)`", row)}
    return found


def decided() -> set[str]:
    """Every decision that the code of a kind of task allows by its name."""
    folder = Path(idm.__file__).parent / "flow"
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("decide_*.py")]
    calls = [call for text in texts for call in re.findall(r"demand_decision\(act\.answer, ([^)]*)\)", text)]
    return {name for call in calls for name in re.findall(r'"([a-z_-]+)"', call)}


@pytest.mark.parametrize("words", [ENGLISH, DANISH], ids=["en", "da"])
def test_every_decision_has_its_sentence(words: Words) -> None:
    told = {action.partition("-")[2] for action in words.sentences}
    assert {"appoint", "accept", "return", "submit", "confirm", "approve"} <= decided() <= told


@pytest.mark.parametrize("words", [ENGLISH, DANISH], ids=["en", "da"])
def test_every_action_that_is_recorded_has_its_sentence(words: Words) -> None:
    actions = recorded()
    assert {"hire-taken", "review-return", "step-done", "commented", "waiting-began", "escalated", "delegated"} <= actions
    assert sorted(actions - set(words.sentences)) == []
    assert all("{action}" not in words.sentences[action] for action in actions)


def test_both_languages_say_the_same_things() -> None:
    def fields(texts: Mapping[str, str]) -> dict[str, set[str]]:
        return {key: {name for _, name, _, _ in string.Formatter().parse(text) if name} for key, text in texts.items()}

    for part in ("sentences", "verbs", "kinds", "tasks", "resources", "clauses", "forms", "systems", "facts"):
        assert fields(getattr(ENGLISH, part)) == fields(getattr(DANISH, part)), part
    assert set(ENGLISH.tasks) >= {kind.value for kind in TaskKind}


@pytest.mark.parametrize("words", [ENGLISH, DANISH], ids=["en", "da"])
def test_every_kind_of_thing_that_the_shipped_journeys_make_has_a_name(words: Words) -> None:
    made = {
        kind
        for journey in PolicyFolder(shipped("policies")).current().journeys.values()
        for step in journey.steps
        for kind in step.resources
    }

    assert "order" in made and made - words.kinds.keys() - words.resources.keys() == set()


def test_who_started_the_hire_in_the_portal_is_named() -> None:
    assert story((0, "portal/boss", "hire-taken", {"event": "1", "person": "p-1", "by_itself": {}})) == [
        "10:00 Nanna Nord reported the hire of Gunnar Bæk."
    ]
