"""documents.yaml and approvals.yaml as the domain's policies."""

from __future__ import annotations

from decimal import Decimal

from idm.domain.approvals import ApprovalPolicy, AskedOf
from idm.domain.journey import Actor
from idm.domain.matching import Match
from idm.domain.paper_rules import CheckKind, DocumentKind
from idm.policy_files.models_approvals import ApprovalsFile
from idm.policy_files.models_papers import Document, DocumentsFile, as_bytes
from idm.policy_files.read import ReadFile
from idm.policy_files.when import match_of


def documents(file: ReadFile, model: DocumentsFile) -> dict[str, DocumentKind]:
    """The kinds of document by id."""
    return {
        id_: DocumentKind(
            id_,
            kind.titles.model_dump(),
            Actor(kind.reviewer),
            tuple(kind.media_types),
            as_bytes(kind.max_size),
            when=_match(kind),
            provider=Actor(kind.provider),
            blocks=tuple(kind.blocks),
            needed_by=kind.needed_by.days if kind.needed_by else None,
            watch=kind.expires_watch_days or 0,
            waive=kind.pay_waits_until_days_before_start,
            source=file.source("documents", id_),
            why=kind.why.model_dump() if kind.why else {},
        )
        for id_, kind in model.documents.items()
    }


def _match(kind: Document) -> Match:
    """`positions` beside a document is short for the same under `when`."""
    when = match_of(kind.when)
    if kind.positions is None:
        return when
    return Match(**{**{name: getattr(when, name) for name in when.asked()}, "positions": tuple(kind.positions)})


def checks(file: ReadFile, model: DocumentsFile) -> dict[str, CheckKind]:
    """The kinds of check by id."""
    return {
        id_: CheckKind(
            id_,
            kind.titles.model_dump(),
            tuple(kind.steps),
            Actor(kind.provider),
            Actor(kind.reviewer),
            when=match_of(kind.when),
            blocks=tuple(kind.blocks),
            needed_by=kind.needed_by.days if kind.needed_by else None,
            lapses=kind.consent_lapses_days or 0,
            source=file.source("checks", id_),
            why=kind.why.model_dump() if kind.why else {},
        )
        for id_, kind in model.checks.items()
    }


def approvals(file: ReadFile, model: ApprovalsFile) -> dict[str, ApprovalPolicy]:
    """What is asked of some hires only, by id."""
    return {
        id_: ApprovalPolicy(
            id_,
            policy.titles.model_dump(),
            tuple(
                AskedOf(rule_id, match_of(rule.when), file.source("approvals", id_, "asked", rule_id))
                for rule_id, rule in policy.asked.items()
            ),
            Decimal(str(policy.sample_percent)),
            file.source("approvals", id_),
        )
        for id_, policy in model.approvals.items()
    }
