"""What is asked of some hires only: approvals and other optional steps, by rule or by a random sample of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from idm.domain.journey import Source
from idm.domain.matching import EVERYBODY, Circumstances, Match


@dataclass(frozen=True, slots=True)
class AskedOf:
    """A rule by which an optional step is asked of everybody whom it means."""

    id: str
    when: Match = EVERYBODY
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an optional step is asked, and why, in words."""

    asked: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """An optional step: the rules by which it is asked, and the percentage of all others that is drawn at random.

    Pay and amount are known only when the payroll form is filled in; what no other fact can make asked is told at once.
    """

    id: str
    titles: Mapping[str, str]
    asked: tuple[AskedOf, ...] = ()
    sample_percent: Decimal = Decimal(0)
    source: Source = Source()

    def verdict(self, hire: Circumstances, draw: float) -> Verdict:
        """Whether it is asked of `hire`. `draw` is a random number from 0 up to, not including, 1."""
        for rule in self.asked:
            if rule.when.fits(hire):
                words = "; ".join(rule.when.asks()) or "everybody"
                return Verdict(True, f"asked by rule {self.id}.{rule.id} ({rule.source.file}:{rule.source.line}): {words}")
        if Decimal(str(draw)) * 100 < self.sample_percent:
            return Verdict(True, f"drawn at random: {self.sample_percent.normalize():f} % of those that no rule asks ({self._place()})")
        return Verdict(False, f"no rule of {self.id} asks it here ({self._place()})")

    def never(self, hire: Circumstances) -> Verdict | None:
        """The verdict that it isn't asked, if that is certain before anything else is known of `hire`; None if it may still be."""
        later = {"agreements", "pay_classes", "amount_from", "hourly"}
        for rule in self.asked:
            known = Match(**{name: getattr(rule.when, name) for name in rule.when.asked() if name not in later})
            if known.fits(hire):
                return None
        return Verdict(False, f"no rule of {self.id} asks it here ({self._place()})") if not self.sample_percent else None

    def _place(self) -> str:
        return f"{self.source.file}:{self.source.line}"
