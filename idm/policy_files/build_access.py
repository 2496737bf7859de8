"""access.yaml as the domain's policy, every rule with the file and line it stands at."""

from __future__ import annotations

from idm.domain.access_policy import MANAGERS_START, AccessPolicy, StartRule
from idm.policy_files.models_access import AccessFile
from idm.policy_files.read import ReadFile


def access(file: ReadFile, model: AccessFile) -> AccessPolicy:
    """Payroll staff, auditors, and who starts hires: managers where nothing is said of it."""
    return AccessPolicy(
        tuple(model.payroll_staff or ()),
        tuple(model.auditors or ()),
        MANAGERS_START
        if model.start_hires is None
        else tuple(
            StartRule(id_, tuple(rule.holders or ()), tuple(rule.units or ()), tuple(rule.positions or ()), file.source("start_hires", id_))
            for id_, rule in model.start_hires.items()
        ),
    )
