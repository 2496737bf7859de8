"""The resolution in organisations drawn from seeds; `make campaign` tries ten thousand of them."""

from __future__ import annotations

from collections import Counter

from idm.domain.authority_resolution import resolve
from tests.support.organisations import ACTORS, draw, faults

COUNT = 400


def test_nobody_decides_on_their_own_hire_or_twice_and_nothing_is_stranded() -> None:
    assert [fault for seed in range(COUNT) for fault in faults(seed)] == []


def test_what_is_drawn_holds_everything_that_can_happen() -> None:
    met: Counter[str] = Counter()
    for seed in range(COUNT):
        drawn = draw(seed)
        for matter in drawn.hires:
            for actor in ACTORS:
                found = resolve(actor, matter, drawn.day, drawn.organisation, drawn.powers)
                met.update({holder.via for holder in found.asked})
                met.update({passed.skip.value for passed in found.passed})
                met["nobody"] += not found.holders
                met["only-away"] += bool(found.also and not found.asked)
                met["chain"] += any(len(holder.substitute_for) > 1 for holder in found.asked)
    # The first pair of eyes is known only once it has decided.
    wanted = {"own", "team", "substitute", "backup", "nobody", "only-away", "chain"} | {
        "own-hire",
        "own-word",
        "unknown-person",
        "unknown-team",
        "not-yet-employed",
        "left",
        "no-access",
        "away",
        "revoked",
        "ended",
        "not-begun",
        "unconfirmed",
        "over-limit",
        "loop",
    }
    assert wanted - {name for name, count in met.items() if count >= 5} == set()
