"""`idm case comment`, `comments` and `uncomment`: what people tell each other about a hire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import single
from idm.commands.session import STDIN, administrator, case_id, installation, read_bytes
from idm.commands.text import local

_NONE = {4: "there is no such case or person"}


@single(
    "comment",
    examples=(
        "idm case comment c-4x7k2m9qhv note.txt --as head_north",
        "idm case comment c-4x7k2m9qhv --as pay_officer --to-hire < note.txt",
    ),
    exits={**_NONE, 3: "it is empty, too long, or holds a CPR number; nothing was saved", 5: "that person has no part in the case"},
)
@click.argument("case")
@click.argument("file", required=False, default=STDIN)
@click.option("--as", "person", required=True, metavar="PERSON", help="Who says it; your own name goes on record beside theirs.")
@click.option("--to-hire", is_flag=True, help="The person hired may read it. Without, only the others in the case do.")
def comment(case: str, file: str, person: str, to_hire: bool) -> Answer:
    """Comment on a case, with the text in FILE, or from standard input: never in an argument, which others can see.

    Its manager, its contacts and the person hired may. A text that holds a CPR number is refused.
    """
    from idm.flow.comments import add_comment, comment_shown
    from idm.inputs.comments import read_comment

    text = read_comment(read_bytes(file))
    with installation() as found:
        made = add_comment(found.app, case_id(found.app, case), person, text, to_hire=to_hire, administrator=administrator())
    seen = "everybody in the case, the person hired too" if made.to_hire else "everybody in the case but the person hired"
    return Answer({"case": made.case, **comment_shown(made)}, [f"Comment {made.id} is on case {made.case}, for {seen}."])


@single(
    "comments",
    examples=("idm case comments c-4x7k2m9qhv", "idm case comments c-4x7k2m9qhv --as p-03fpjgh9k5 --json"),
    exits={**_NONE, 5: "that person has no part in the case"},
)
@click.argument("case")
@click.option("--as", "person", default="", metavar="PERSON", help="Only those that this person sees.")
def comments(case: str, person: str) -> Answer:
    """List the comments on a case, the oldest first."""
    from idm.flow.comments import comment_shown, comments_of

    with installation() as found:
        items = [comment_shown(each) for each in comments_of(found.app, case_id(found.app, case), person)]
    return Answer({"items": items}, comment_lines(items) or ["No comments."])


@single(
    "uncomment",
    examples=('idm case uncomment c-4x7k2m9qhv n-7t2k9w4ehm --reason "names somebody who is not concerned"',),
    exits={3: "the reason is missing", 4: "there is no such case or comment", 6: "it was erased before"},
)
@click.argument("case")
@click.argument("comment")
@click.option("--reason", required=True, help="Why, in words; it goes on record.")
def uncomment(case: str, comment: str, reason: str) -> Answer:
    """Erase the text of a comment for good. That there was one, by whom and when, stays."""
    from idm.flow import comments as flow

    with installation() as found:
        erased = flow.erase_comment(found.app, case_id(found.app, case), comment, reason, administrator())
    return Answer({"case": erased.case, **flow.comment_shown(erased)}, [f"The text of comment {erased.id} is erased."])


def comment_lines(comments: Iterable[Mapping[str, Any]]) -> list[str]:
    """Comments as people read them: who and when on a line, the text below."""
    lines: list[str] = []
    for each in comments:
        lines.append(f"  {local(each['at'])} {each['by']}{' (the person hired sees it)' if each['to_hire'] else ''} [{each['id']}]")
        text = each["text"] if each["text"] is not None else "(erased)"
        lines += [f"    {line}" for line in text.splitlines()]
    return lines
