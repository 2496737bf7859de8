"""The main menu: where a visitor may go, by what they are to the house."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from idm.domain.access_rules import Act, Relation, may
from idm.domain.case import CaseState
from idm.domain.sessions import Session, SessionKind


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its text in the visitor's language, where it leads, and whether the visitor is there."""

    text: str
    to: str
    current: bool = False


def menu(
    session: Session | None,
    globally: Callable[[], frozenset[Relation]],
    state: Callable[[], CaseState],
    say: Callable[[str], str],
    here: str,
) -> Sequence[Entry]:
    """The entries for a visitor at the address `here`; none for whoever isn't signed in. `state`: of a new hire's own case."""
    if session is None:
        return ()
    if session.kind is SessionKind.HIRE:
        entries = [(say("My start"), "/my")]
        entries += [(say("Ask for help"), "/my/help")] if may([Relation.HIRE], Act.SEE_COMMENTS, state()) else []
    else:
        relations = globally()
        entries = [(say("My tasks"), "/tasks")]
        entries += [(say("Hires"), "/hires")]
        entries += [(say("Powers"), "/powers")] if may(relations, Act.DELEGATE) else []
        entries += [(say("When I am away"), "/absence")]
        entries += [(say("Payroll tables"), "/payroll")] if may(relations, Act.KEEP_TABLES) else []
    # The page of a hire, and what is done there, stand below the list of hires.
    place = f"/hires{here}" if here.startswith("/cases/") else here
    longest = max((to for _, to in entries if place == to or place.startswith(f"{to}/")), key=len, default="")
    return [Entry(text, to, to == longest) for text, to in entries]
