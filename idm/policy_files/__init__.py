"""The policy files that administrators own: YAML in, the domain's policies out, with file and line in every fault."""

from __future__ import annotations

from idm.domain.policy import Policies
from idm.policy_files.folder import PolicyFolder, check, check_texts, journey_from_text, load
from idm.policy_files.models import schema
from idm.policy_files.read import PolicyText, policy_text

__all__ = ["PolicyFolder", "PolicyText", "check", "check_texts", "entitlements", "journey_from_text", "load", "policy_text", "schema"]


def entitlements(policies: Policies, system: str) -> list[str]:
    """Every entitlement that any role gives in `system`, in order of name: what the system must know, such as its groups."""
    return sorted({name for role in policies.roles.values() for name in role.entitlements.get(system, ())})
