from __future__ import annotations

from idm.commands.whole_text import whole_lines


def test_who_approves_the_whole_sees_what_they_approve() -> None:
    takes = {
        "hire": {"unit": "school_north", "end_date": None},
        "values": {"payroll": {"scale_step": "32", "supplements": ["TEACH-UV", "TEACH-MENT"], "cost_centre": ""}},
        "documents": {"contract": "accepted"},
    }

    assert whole_lines(takes) == [
        "  hire.unit: school_north",
        "  hire.end_date: -",
        "  payroll.scale_step: 32",
        "  payroll.supplements: TEACH-UV, TEACH-MENT",
        "  payroll.cost_centre: -",
        "  documents.contract: accepted",
    ]


def test_who_orders_sees_the_catalogue_and_who_approves_the_lines() -> None:
    item = {"item": "laptop", "titles": {"da": "Bærbar", "en": "Laptop"}, "price": "6995.00", "maximum": 1}
    line = {"line": 1, "quantity": 2, "title": "Skærm", "amount": "3590.00", "account": "3.22.01-4010", "state": "proposed"}

    assert whole_lines({"catalogue": [item], "accounts": ["a", "b"], "ordered": []}) == [
        "  may be ordered: laptop, Laptop, 6995.00 kroner, at most 1",
        "  on account: a, b",
    ]
    assert whole_lines({"ordered": [line], "total": "3590.00"}) == [
        "  line 1: 2 x Skærm, 3590.00 kroner on 3.22.01-4010, proposed",
        "  total: 3590.00 kroner",
    ]


def test_other_tasks_have_nothing_to_tell() -> None:
    assert whole_lines({"decisions": ["accept"]}) == []
