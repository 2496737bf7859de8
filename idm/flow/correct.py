"""A person is otherwise than was told: their CPR number, their name, how to reach them. All their employments follow at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from idm.domain import audit
from idm.domain.case import Case, CaseState
from idm.domain.consequences import Consequence, consequences
from idm.domain.hire import Correction
from idm.domain.people import Person
from idm.domain.prose import sound_reason
from idm.errors import Conflict, Fault, NotFound
from idm.flow.changing import Note, prepare
from idm.flow.depart import Word, demand_newest, revised, told_of
from idm.flow.facts import records_of
from idm.flow.graphs import graph_of, load
from idm.flow.known_as import known_as
from idm.ports import App
from idm.ports_store import Duplicate
from idm.rows import Commit


def foresee_correction(app: App, person: str, correction: Correction) -> tuple[Consequence, ...]:
    """What `correct` would bring about. Raises what it would raise; changes nothing."""
    known = _known(app, person)
    after = _corrected(app, known, correction)
    if after == known:
        return ()
    told = [Consequence("person", name, f"{name} is corrected") for name in _changed(known, after)]
    for case in app.store.cases_of(known.id):
        if case.state is CaseState.CANCELLED:
            continue
        graph = graph_of(app, case)
        then = revised(app, case, graph, case.facts, after, "the person was corrected", app.clock.now())
        told += consequences(case, then, graph, graph_of(app, then), records_of(app, known.id))
    return tuple(dict.fromkeys(told))


def correct(app: App, person: str, correction: Correction, word: Word) -> Person:
    """Write the person as they are, and bring every system into line that holds something of them. User name and address stay.

    Raises `Conflict` if the CPR number belongs to somebody else here: then one of the two was hired by mistake, and nothing is done.
    """
    known = _known(app, person)
    for _ in range(50):
        after = _corrected(app, known, correction)
        changed = _changed(known, after)
        try:
            _write(app, known, after, changed, word)
        except Duplicate:
            raise _taken(app, after) from None
        except _Moved:
            known = _known(app, person)
            continue
        return after
    raise Conflict(f"The cases of person {person} keep changing; nothing was done.", next_step="Try again in a moment.")


def _write(app: App, known: Person, after: Person, changed: tuple[str, ...], word: Word) -> None:
    """Write person, event and every case of theirs in one transaction. Raises `_Moved` if one of the cases has moved meanwhile."""
    now = app.clock.now()
    commits = [commit for case in app.store.cases_of(known.id) if _goes_on(case) for commit in _commits(app, case, after, changed, word)]
    payload = {"person": known.id, "fields": list(changed), "reason": sound_reason(word.reason), "administrator": word.administrator}
    if app.store.person(known.id) != known:
        # Another correction came since this one looked; the cases above are newer than that look.
        raise _Moved
    with app.store.write() as writer:
        if word.event is not None:
            writer.add_event(word.event, now)
        if changed:
            writer.put_person(after, app.keys.blind_index("cpr", after.cpr.reveal()), app.keys.encrypt(after.cpr.reveal()))
        for commit in commits:
            if not writer.commit_case(commit):
                raise _Moved
        if not changed:
            return
        writer.append(
            "people", lambda head: audit.chain("people", head, now, word.actor, "person-corrected", payload, app.random(12).hex())
        )


class _Moved(Exception):
    """A case or the person changed while the person was being corrected."""


def _goes_on(case: Case) -> bool:
    return case.state is not CaseState.CANCELLED


def _commits(app: App, case: Case, person: Person, changed: Sequence[str], word: Word) -> Iterator[Commit]:
    """The commit of one case of the person, if it changes. The case of the hire that an event is about keeps the event's time."""
    loaded = load(app, case.id)
    now = app.clock.now()
    told = word.event is not None and word.event.case == case.id
    if told:
        demand_newest(loaded.case, word)
    if not changed:
        made = told_of(loaded.case, word) if told else None
        if made is not None:
            yield prepare(app, loaded, made[0], graph_of(app, made[0]), made[1], now)
        return
    after = revised(app, loaded.case, graph_of(app, loaded.case), loaded.case.facts, person, f"{', '.join(changed)} corrected", now)
    note = Note(
        word.actor, "person-corrected", {"fields": list(changed), "reason": sound_reason(word.reason), "administrator": word.administrator}
    )
    if told and word.told_at is not None:
        after = replace(after, told_at=word.told_at)
    yield prepare(app, loaded, after, graph_of(app, after), note, now, person=person)


def _known(app: App, person: str) -> Person:
    found = app.store.person(known_as(app, person))
    if found is None:
        raise NotFound(f"There is no person '{person}'.", next_step="`idm org people` lists them.")
    return found


def _corrected(app: App, known: Person, correction: Correction) -> Person:
    after = replace(known, **{name: getattr(correction, name) for name in correction.fields})
    if correction.cpr is not None:
        other = app.store.person_by_cpr(app.keys.blind_index("cpr", correction.cpr.reveal()))
        if other is not None and other.id != known.id:
            raise _taken(app, after)
    return after


def _taken(app: App, after: Person) -> Conflict:
    other = app.store.person_by_cpr(app.keys.blind_index("cpr", after.cpr.reveal()))
    id = other.id if other is not None else "another person"
    return Conflict(
        f"The CPR number belongs to {id}, who is known here already: the two are one person, or one of the numbers is wrong.",
        faults=[Fault("person.cpr", "person-exists", f"it belongs to {id}")],
        next_step=f"If they are one, cancel the hire and send it anew under a new id with that number: it then becomes {id}'s.",
    )


def _changed(before: Person, after: Person) -> tuple[str, ...]:
    names = ("cpr", "given_name", "family_name", "private_email", "mobile", "citizenship", "language")
    return tuple(name for name in names if _plain(getattr(before, name)) != _plain(getattr(after, name)))


def _plain(value: object) -> object:
    reveal = getattr(value, "reveal", None)
    return reveal() if reveal is not None else value
