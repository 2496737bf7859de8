from __future__ import annotations

from idm.bootstrap import shipped
from idm.policy_files.payroll_columns import TABLES
from idm.web.columns import CHOICES, DAYS, EMPTY, MEANINGS, MONEY, TITLES, meaning
from idm.web.texts import read_texts

BY_THEMSELVES = {"valid_from", "valid_to"}


def test_every_column_of_every_table_is_explained_and_nothing_else() -> None:
    columns = {column for table in TABLES.values() for column in table.columns}

    assert set(MEANINGS) == columns - BY_THEMSELVES
    assert set(TITLES) == columns and MONEY | DAYS | set(CHOICES) <= columns
    assert set(EMPTY) <= {column for table in TABLES.values() for column, how in table.columns.items() if how.empty}


def test_what_an_empty_cell_stands_for_is_said_only_where_it_may_be_empty() -> None:
    assert meaning("pay_class", may_be_empty=False) == (MEANINGS["pay_class"],)
    assert meaning("pay_class", may_be_empty=True) == (MEANINGS["pay_class"], EMPTY["pay_class"])
    assert meaning("valid_from", may_be_empty=False) == ()


def test_all_of_it_is_said_in_danish() -> None:
    texts = read_texts([shipped("templates")])

    assert [text for text in (*MEANINGS.values(), *EMPTY.values()) if texts.say("da", text) == text] == []


def test_what_may_be_chosen_is_what_the_table_takes() -> None:
    for table in TABLES.values():
        for id in table.columns.keys() & CHOICES:
            assert [cell for cell in CHOICES[id] if table.columns[id].read(cell) is None] == []
