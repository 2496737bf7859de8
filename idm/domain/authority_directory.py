"""The directory of powers: who may do what, where, since when, until when and on whose word; and what is missing or odd in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from idm.domain.authority import Delegation, Matter, may_delegate
from idm.domain.authority_powers import Confirmation, Powers, Substitution
from idm.domain.authority_resolution import resolve
from idm.domain.journey import Actor
from idm.domain.people import Organisation

WANTED = (Actor.MANAGER, Actor.PAY, Actor.IT)
"""What every unit needs somebody for."""


@dataclass(frozen=True, slots=True)
class Use:
    """When a power was last used so: by which delegation (or none), as which authority, by whom, how (`via`), in whose place."""

    delegation: str
    authority: str
    person: str
    via: str
    place_of: str
    at: datetime

    @property
    def principal(self) -> str:
        """Whose power it was."""
        return self.place_of or self.person


@dataclass(frozen=True, slots=True)
class Power:
    """One power of one person. `how`: `manager`, `delegation`, `team`, `substitute` or `backup`; `state`: `holds`, or why it doesn't.

    `unit` "" means everywhere; `word` is on whose word it stands: the granter, whoever entered the substitute, or the line of policy.
    """

    person: str
    authority: str
    unit: str
    how: str
    state: str = "holds"
    since: date | None = None
    until: date | None = None
    word: str = ""
    confirmed_on: date | None = None
    limits: str = ""
    case: str = ""
    delegation: str = ""
    team: str = ""
    place_of: str = ""
    last_used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something missing or odd: its kind, in words, and what it is about."""

    kind: str
    words: str
    unit: str = ""
    authority: str = ""
    person: str = ""
    delegation: str = ""


@dataclass(frozen=True, slots=True)
class Directory:
    """All powers of a day; `gaps`: units that nobody, or only somebody who is away, can act for; `oddities`: what deserves a look."""

    powers: tuple[Power, ...]
    gaps: tuple[Finding, ...]
    oddities: tuple[Finding, ...]


class Ledger:
    """When powers were last used, found quickly."""

    def __init__(self, uses: Iterable[Use] = ()) -> None:
        self._own: dict[tuple[str, str, str], list[Use]] = {}
        self._in_place: dict[tuple[str, str], datetime] = {}
        for use in uses:
            self._own.setdefault((use.principal, use.authority, use.delegation), []).append(use)
            if use.place_of:
                pair = (use.person, use.place_of)
                self._in_place[pair] = max(use.at, self._in_place.get(pair, use.at))

    def last(self, person: str, authority: str, *, delegation: str = "", backup: bool = False) -> datetime | None:
        """When a person's power was last used, by themself or in their place."""
        own = self._own.get((person, authority, delegation), ())
        counted = [use.at for use in own if delegation or use.via == "substitute" or (use.via == "backup") is backup]
        return max(counted, default=None)

    def last_in_place(self, person: str, place_of: str) -> datetime | None:
        """When a substitute last decided in someone's place."""
        return self._in_place.get((person, place_of))


@dataclass(frozen=True, slots=True)
class Books:
    """What a directory is drawn from. `over`: the cases that are over, whose own delegations mean nothing any more."""

    organisation: Organisation
    powers: Powers
    day: date
    uses: Ledger
    over: Collection[str] = ()


def directory(books: Books) -> Directory:
    """Every power with its state, every gap and every oddity, each in a fixed order."""
    rows = [*_managers(books), *_delegations(books), *_backups(books), *_substitutes(books)]
    rows.sort(key=lambda row: (row.unit, row.authority, row.how, row.person, row.delegation))
    gaps: list[Finding] = []
    weak: list[Finding] = []
    for found in _gaps(books):
        (weak if found.kind == "only-back-up" else gaps).append(found)
    return Directory(tuple(rows), tuple(gaps), (*weak, *_oddities(books)))


def state_of(delegation: Delegation, powers: Powers, day: date) -> str:
    """Whether a delegation holds on `day`, or why not."""
    if delegation.revoked:
        return "revoked"
    if delegation.since > day:
        return "not-begun"
    if delegation.until is not None and delegation.until < day:
        return "ended"
    return "unconfirmed" if powers.lapsed(delegation, day) else "holds"


def presence(person: str, books: Books) -> str:
    """Whether a person is there to act: "" if so, else why not."""
    if books.powers.people is None:
        return ""
    state = books.powers.people.get(person)
    if state is None:
        return "unknown-person"
    if state.last_day is not None and state.last_day < books.day:
        return "left"
    if state.first_day is not None and state.first_day > books.day:
        return "not-yet-employed"
    return "no-access" if state.no_access else ""


def _managers(books: Books) -> Iterator[Power]:
    for unit in books.organisation.units.values():
        if unit.manager:
            state = presence(unit.manager, books) or "holds"
            used = books.uses.last(unit.manager, Actor.MANAGER.value)
            yield Power(unit.manager, Actor.MANAGER.value, unit.id, "manager", state, word="the organisation", last_used=used)


def _delegations(books: Books) -> Iterator[Power]:
    for each in books.powers.delegations:
        state = state_of(each, books.powers, books.day)
        for person in books.powers.policy.members(each.to) or (each.to,):
            yield Power(
                person,
                each.authority.value,
                each.unit,
                "team" if each.team else "delegation",
                state if state != "holds" else presence(person, books) or state,
                each.since,
                each.until,
                each.granted_by,
                each.confirmed_on,
                each.limits.words(),
                each.case,
                each.id,
                each.team,
                last_used=books.uses.last(person, each.authority.value, delegation=each.id),
            )


def _backups(books: Books) -> Iterator[Power]:
    for backup in books.powers.policy.backups:
        word = f"{backup.source.file}:{backup.source.line}"
        for holder in backup.holders:
            for person in books.powers.policy.members(holder):
                used = books.uses.last(person, backup.authority, backup=True)
                for unit in backup.units or ("",):
                    state = presence(person, books) or "holds"
                    yield Power(person, backup.authority, unit, "backup", state, word=word, last_used=used)


def _substitutes(books: Books) -> Iterator[Power]:
    for each in _entered(books):
        if each.substitute:
            state = "holds" if each.since <= books.day else "not-begun"
            for authority in each.authorities or ("all",):
                for unit in each.units or ("",):
                    yield Power(
                        each.substitute,
                        authority,
                        unit,
                        "substitute",
                        presence(each.substitute, books) or state,
                        each.since,
                        each.until,
                        each.entered_by,
                        place_of=each.person,
                        last_used=books.uses.last_in_place(each.substitute, each.person),
                    )


def _entered(books: Books) -> Iterator[Substitution]:
    """The substitutions that hold or are to come."""
    for held in books.powers.substitutions.values():
        yield from (each for each in held if each.ended is None and (each.until is None or each.until >= books.day))


def _gaps(books: Books) -> Iterator[Finding]:
    for unit in books.organisation.units:
        for actor in WANTED:
            found = resolve(actor, Matter("", unit, ""), books.day, books.organisation, books.powers)
            said = "manager" if actor is Actor.MANAGER else f"{actor.value} contact"
            if found.asked:
                if all(holder.via == "backup" for holder in found.asked):
                    yield Finding("only-back-up", f"{unit} has no {said} but the central back-up", unit, actor.value)
            elif found.also:
                names = ", ".join(holder.person for holder in found.also)
                yield Finding("away", f"{unit} has no {said} who is there: {names} away, without a substitute", unit, actor.value)
            else:
                yield Finding("nobody", f"{unit} has no {said}, and no level above it has one", unit, actor.value)


def _oddities(books: Books) -> Iterator[Finding]:
    yield from _odd_people(books)
    for each in books.powers.delegations:
        if state_of(each, books.powers, books.day) in ("revoked", "ended"):
            continue
        yield from _odd_delegation(each, books)


_WHY = {
    "left": "{} has left",
    "unknown-person": "there is no person {}",
    "no-access": "{} has no access",
    "not-yet-employed": "{} isn't employed yet",
}


def _odd_people(books: Books) -> Iterator[Finding]:
    """Powers of persons who aren't there: managers, members of teams, back-ups, substitutes."""
    policy = books.powers.policy
    holds = [(unit.manager, f"manages {unit.id}", unit.id) for unit in books.organisation.units.values() if unit.manager]
    holds += [(person, f"is in team {team.id}", "") for team in policy.teams.values() for person in team.members]
    holds += [
        (holder, f"is back-up for {backup.authority}", "")
        for backup in policy.backups
        for holder in backup.holders
        if policy.members(holder) == (holder,)
    ]
    holds += [(each.substitute, f"is substitute for {each.person}", "") for each in _entered(books) if each.substitute]
    for person, what, unit in holds:
        why = presence(person, books)
        if why:
            yield Finding(why, f"{_WHY[why].format(person)}, and {what}", unit, person=person)


def _odd_delegation(each: Delegation, books: Books) -> Iterator[Finding]:
    def found(kind: str, words: str) -> Finding:
        return Finding(kind, f"delegation {each.id}: {words}", each.unit, each.authority.value, each.to, each.id)

    if each.team:
        if each.team not in books.powers.policy.teams:
            yield found("unknown-team", f"policy has no team {each.team}, so nobody holds it")
    elif why := presence(each.to, books):
        yield found(why, f"{_WHY[why].format(each.to)}, and holds the {each.authority.value} authority of {each.unit}")
    if each.unit not in books.organisation.units:
        yield found("unknown-unit", f"there is no unit {each.unit}, so it holds nowhere")
    elif not each.case and not any(may_delegate(person, each.unit, books.organisation) for person in each.word_of):
        yield found(
            "granter", f"{each.granted_by}, who granted it, manages neither {each.unit} nor a unit above it; confirm it or revoke it"
        )
    if each.case and each.case in books.over:
        yield found("case-over", f"its case {each.case} is over")
    rule = books.powers.policy.confirm
    state = rule.state(each, books.day) if rule is not None else Confirmation.FINE
    if rule is not None and state is Confirmation.LAPSED:
        yield found("unconfirmed", f"it was not confirmed by {rule.lapses(each)} and doesn't hold any more")
    elif rule is not None and state is not Confirmation.FINE:
        yield found("to-confirm", f"it is to be confirmed by {rule.due(each)}, and lapses on {rule.lapses(each)}")
