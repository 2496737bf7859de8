"""Which documents and checks a hire needs: the kinds that policy declares, and those that fit its circumstances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from idm.domain.journey import PAY, Actor, Paper, Source
from idm.domain.matching import EVERYBODY, Circumstances, Match

PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document: who reviews it and who hands it in, what may be uploaded (media types, bytes), and of whom it is asked.

    `blocks`: what waits for it. `needed_by`: days from the start (negative: before it). `watch`: days before its last day at which it is
    asked for anew (0: it doesn't end). `waive`: days before the start from which the pay waits for it no longer (None: it always does).
    `why` says to the new employee what it is for.
    """

    id: str
    titles: Mapping[str, str]
    reviewer: Actor
    media_types: tuple[str, ...]
    max_bytes: int
    when: Match = EVERYBODY
    provider: Actor = Actor.HIRE
    blocks: tuple[str, ...] = (PAY,)
    needed_by: int | None = None
    watch: int = 0
    waive: int | None = None
    source: Source = Source()
    why: Mapping[str, str] = field(default_factory=dict)

    @property
    def joined(self) -> bool:
        """Whether several files become one: as a PDF, so only where a PDF is taken."""
        return PDF in self.media_types

    def paper(self) -> Paper:
        """What a case pins of it."""
        return Paper(self.id, self.reviewer, self.blocks, self.provider, (), 0, self.watch, self.waive)


@dataclass(frozen=True, slots=True)
class CheckKind:
    """A check that is a process: which of its tasks there are, who orders and receives it and who assesses it, and of whom it is asked.

    `lapses`: days after which a consent that nobody made use of has to be given again (0: never). `why` says to the new
    employee what it is for.
    """

    id: str
    titles: Mapping[str, str]
    steps: tuple[str, ...]
    provider: Actor
    reviewer: Actor
    when: Match = EVERYBODY
    blocks: tuple[str, ...] = ()
    needed_by: int | None = None
    lapses: int = 0
    source: Source = Source()
    why: Mapping[str, str] = field(default_factory=dict)

    def paper(self) -> Paper:
        """What a case pins of it."""
        return Paper(self.id, self.reviewer, self.blocks, self.provider, self.steps, self.lapses)


def wanted_papers(
    documents: Mapping[str, DocumentKind], checks: Mapping[str, CheckKind], circumstances: Circumstances
) -> tuple[Paper, ...]:
    """The documents and checks that a hire in those circumstances needs, in the order of the policy file."""
    kinds: list[DocumentKind | CheckKind] = [*documents.values(), *checks.values()]
    return tuple(kind.paper() for kind in kinds if kind.when.fits(circumstances))
