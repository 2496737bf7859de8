"""Signing in with what a sign-in service says: which one person its claims mean. Their values go into no log, message or audit."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from idm.domain import audit
from idm.domain.people import Person
from idm.errors import NotAllowed
from idm.ports import App

STREAM = "sign-ins"
"""The audit stream of sign-ins that were refused before it was known whose they are."""

_LONGEST = 320
_VERIFIED = "email_verified"


class Match(enum.StrEnum):
    """By what a claim names a person: their id or one that another system gives them, their user name, e-mail at work, or CPR number."""

    ID = "id"
    USERNAME = "username"
    EMAIL = "email"
    CPR = "cpr"


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """Which claim tells who somebody is, and what of a person it is compared with."""

    claim: str
    match: Match

    @property
    def wanted(self) -> tuple[str, ...]:
        """The further claims that the decision needs."""
        return (_VERIFIED,) if self.match is Match.EMAIL else ()


def who_signs_in(app: App, rule: ClaimRule, claims: Mapping[str, object]) -> str:
    """The id of the one person whom `claims` mean. Whether they may come in is for `open_session` to say.

    An e-mail counts only if the service has verified it. Raises `NotAllowed`, on record, if the claims mean nobody, or several people who
    are here.
    """
    value = _value(claims.get(rule.claim))
    if not value:
        raise _refused(
            app,
            rule,
            "no-claim",
            "The sign-in service doesn't say who you are in the way that idm expects.",
            f"Whoever looks after the sign-in service must let it give idm the claim '{rule.claim}'.",
        )
    if rule.match is Match.EMAIL and claims.get(_VERIFIED) is not True:
        raise _refused(
            app,
            rule,
            "unverified",
            "The sign-in service hasn't verified your e-mail address, so it can't show who you are.",
            f"Whoever looks after the sign-in service must let it give idm the claim '{_VERIFIED}', or idm be told to go by another.",
        )
    found = _people(app, rule.match, value)
    if len(found) > 1:
        found = _here(app, found)
    if len(found) == 1:
        return next(iter(found))
    if found:
        raise _refused(
            app,
            rule,
            "several",
            "What the sign-in service says of you fits several people in idm.",
            "Tell whoever looks after idm: each person needs an address or number of their own.",
        )
    raise _refused(
        app,
        rule,
        "nobody",
        "You are known to the sign-in service, but nobody in idm goes by what it says of you.",
        "If you are to use idm, tell your manager, or whoever looks after idm.",
    )


def _value(claim: object) -> str:
    """A claim as text; "" for what can name nobody."""
    if isinstance(claim, int) and not isinstance(claim, bool):
        claim = str(claim)
    text = claim.strip() if isinstance(claim, str) else ""
    return text if len(text) <= _LONGEST and text.isprintable() else ""


def _people(app: App, match: Match, value: str) -> Collection[str]:
    if match is Match.ID:
        return set(app.store.person_ids([value]).values())
    if match is Match.CPR:
        found: Person | None = app.store.person_by_cpr(app.keys.blind_index("cpr", value.replace("-", "").replace(" ", "")))
        return {found.id} if found else set()
    if not value.isascii():  # idm's user names and addresses at work are, and letters that only look alike must not pass for others
        return set()
    return app.store.people_called(username=value) if match is Match.USERNAME else app.store.people_called(email=value)


def _here(app: App, people: Collection[str]) -> Collection[str]:
    """Those of `people` who haven't left and have access: an address may have been somebody else's before."""
    today = app.clock.today()
    states = app.store.person_states(people)
    return {id for id, state in states.items() if not state.no_access and (state.last_day is None or state.last_day >= today)}


def _refused(app: App, rule: ClaimRule, reason: str, message: str, next_step: str) -> NotAllowed:
    now, payload = app.clock.now(), {"reason": reason, "claim": rule.claim, "match": rule.match.value}
    with app.store.write() as writer:
        writer.append(STREAM, lambda head: audit.chain(STREAM, head, now, "idm", "sign-in-refused", payload, app.random(12).hex()))
    return NotAllowed(message, next_step=next_step)
