"""The page on security shows the very table that decides who may see and do what.

`PYTHONPATH=. python tests/architecture/test_docs_access.py` prints it, to be pasted.
"""

from __future__ import annotations

import sys

from idm.domain.access_rules import RULES, Act, Relation, Rule
from tests.architecture.docs_pages import page

BEGINS = "<!-- who may what: made from idm/domain/access_rules.py -->\n"


def cell(rule: Rule | None) -> str:
    """A cell as the page shows it."""
    return "" if rule is None else f"{'own ' if rule.theirs else ''}{rule.span.value}"


def table() -> str:
    """The whole table in Markdown."""
    lines = [f"| may | {' | '.join(f'`{each.value}`' for each in Relation)} |", f"|---{'|---' * len(Relation)}|"]
    lines += [f"| `{act.value}` | {' | '.join(cell(RULES[act].get(each)) for each in Relation)} |" for act in Act]
    return "\n".join(lines) + "\n"


def test_the_page_shows_the_table_that_decides() -> None:
    shown = page("security.md").partition(BEGINS)[2].partition("\n\n")[0] + "\n"
    assert shown == table()


def test_a_changed_right_would_be_found() -> None:
    assert "| `see_pay` |  |  |  | kept |  | kept |  |  |  |  | always |" in table().splitlines()


if __name__ == "__main__":
    sys.stdout.write(BEGINS + table())
