"""authority.yaml as the domain's policy, every rule with the file and line it stands at."""

from __future__ import annotations

from idm.domain.authority_powers import AuthorityPolicy, Backup, ConfirmRule, Team
from idm.domain.four_eyes import FourEyesRule
from idm.policy_files.models_authority import AuthorityFile
from idm.policy_files.read import ReadFile
from idm.policy_files.when import match_of


def authority(file: ReadFile, model: AuthorityFile) -> AuthorityPolicy:
    """Back-ups, teams, confirmation and four eyes."""
    confirm = model.confirm
    return AuthorityPolicy(
        backups=tuple(
            Backup(id_, each.authority, tuple(each.holders), tuple(each.units or ()), file.source("backups", id_))
            for id_, each in model.backups.items()
        ),
        teams={
            id_: Team(id_, team.titles.model_dump(), tuple(team.members), team.mailbox, file.source("teams", id_))
            for id_, team in model.teams.items()
        },
        confirm=None
        if confirm is None
        else ConfirmRule(confirm.every_months, confirm.grace_days, confirm.warn_days, file.source("confirm")),
        four_eyes=tuple(
            FourEyesRule(id_, tuple(rule.tasks or ()), match_of(rule.when), file.source("four_eyes", id_))
            for id_, rule in model.four_eyes.items()
        ),
        amounts=dict(model.amounts),
    )
