from __future__ import annotations

from idm.commands.rights_text import rights_lines

OPEN = {"units": [], "below": True, "amount": None, "most_days": None}


def test_the_task_is_told_with_rules_reach_and_what_excludes_what() -> None:
    lines = rights_lines(
        {
            "proposed": {"teaching": "teachers", "leader": "heads"},
            "grantable": ["purchaser"],
            "terms": {
                "teaching": OPEN,
                "leader": {**OPEN, "units": ["north", "south"]},
                "purchaser": {"units": ["north"], "below": False, "amount": "50000", "most_days": 90},
            },
            "held": {"remote_access": {"from": "2027-02-01", "until": None}, "maps": {"from": None, "until": None}},
            "conflicts": [{"severity": "refuse", "words": "'a' keeps apart x and y"}, {"severity": "needs_reason", "words": "'b' too"}],
        }
    )
    assert lines == [
        "  proposed: teaching by rule teachers",
        "  proposed: leader by rule heads (in north and south and below)",
        "  may be added: purchaser (in north alone, up to 50000 kroner, for at most 90 days)",
        "  held so far: remote_access from 2027-02-01",
        "  held so far: maps",
        "  never together: 'a' keeps apart x and y",
        "  together only for a reason: 'b' too",
    ]


def test_other_tasks_have_nothing_to_tell() -> None:
    assert rights_lines({"decisions": ["accept"]}) == []


def test_a_role_without_terms_is_named_alone() -> None:
    assert rights_lines({"grantable": ["maps"]}) == ["  may be added: maps"]
