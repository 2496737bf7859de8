"""waiting.yaml as the domain's reasons for waiting."""

from __future__ import annotations

from idm.domain.journey import Actor
from idm.domain.pauses import WaitingReason
from idm.policy_files.models_waiting import WaitingFile
from idm.policy_files.read import ReadFile


def waiting(file: ReadFile, model: WaitingFile) -> dict[str, WaitingReason]:
    """The reasons by their ids, each with the line it stands at."""
    return {
        id: WaitingReason(
            id,
            {"da": reason.titles.da, "en": reason.titles.en},
            tuple(Actor(who) for who in reason.who),
            reason.longest_days,
            file.source("reasons", id),
        )
        for id, reason in model.reasons.items()
    }
