"""What came of cases, in a form that two runs can be compared by: content, without ids, names of persons and times."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tests.acceptance.stack import SYSTEMS, Stack

INVERSES = {
    "create": {"delete", "end"},
    "enable": {"disable", "end", "delete"},
    "disable": {"enable"},
    "grant": {"revoke", "end", "delete"},
    "revoke": {"grant"},
    "end": {"create", "enable"},
    "delete": {"create"},
}
"""Which operations undo which."""
OWN = ("link", "cpr", "receipt")
"""Fields whose value no two records share."""


def doubles(journal: Iterable[Mapping[str, Any]]) -> list[str]:
    """The effects that happened twice: two `applied` of one operation and effect key with no inverse between."""
    last: dict[tuple[str, str], list[str]] = {}
    found = []
    for entry in journal:
        if entry["result"] != "applied":
            continue
        since = last.setdefault((entry["system"], entry["effect_key"]), [])
        undone = INVERSES.get(entry["op"], set())
        before = next((op for op in reversed(since) if op == entry["op"] or op in undone), None)
        if before == entry["op"]:
            found.append(f"{entry['system']}: {entry['op']} {entry['effect_key']}")
        since.append(entry["op"])
    return found


def outcome(stack: Stack, case: str) -> dict[str, Any]:
    """Steps, documents, records in the targets, effects in the journals and mails of one case, with its own ids named by role."""
    shown = stack.case(case)
    person = stack.app.store.person(shown["person"])
    assert person is not None
    own = {
        shown["id"]: "<case>",
        shown["employment"]: "<employment>",
        shown["person"]: "<person>",
        person.address: "<address>",
        person.username: "<username>",
        person.given_name: "<given>",
        person.family_name: "<family>",
        person.private_email.reveal(): "<private>",
        **{document["id"]: f"<{document['kind']}>" for document in shown["documents"] if document["id"]},
    }
    named = re.compile("|".join(re.escape(id) for id in sorted(own, key=len, reverse=True)))

    def plain(value: Any) -> Any:
        if isinstance(value, str):
            return named.sub(lambda match: own[match.group()], value)
        if isinstance(value, Mapping):
            return {key: plain(part) for key, part in value.items() if key not in OWN}
        return [plain(part) for part in value] if isinstance(value, list | tuple) else value

    ids = set(own)
    effects = [entry for entry in stack.journal() if entry["result"] == "applied" and any(id in entry["effect_key"] for id in ids)]
    return {
        "state": shown["state"],
        "steps": {step["id"]: step["state"] for step in shown["steps"]},
        "documents": sorted((document["kind"], document["state"]) for document in shown["documents"]),
        "targets": {system: sorted((plain(item) for item in stack.targets(case, [system])[system]), key=str) for system in SYSTEMS},
        "effects": Counter((entry["system"], entry["op"], _general(plain(entry["effect_key"]))) for entry in effects),
        "mails": sum(mail.count(f"X-Idm-Key: {shown['employment']}") for mail in stack.mails()),
    }


def _general(effect_key: str) -> str:
    """An effect's key without the hash of a value, which differs from person to person."""
    return re.sub(r"/[0-9a-f]{6,}$", "/<hash>", effect_key)
