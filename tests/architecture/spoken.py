"""Which messages of the code can reach a page of the portal, and which can't, and why."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from functools import cache

from tests.architecture.harvest import Message, messages
from tests.architecture.project import ROOT, short

SPEAKING = (
    "idm/domain/*.py",
    "idm/flow/*.py",
    "idm/inputs/*.py",
    "idm/vault*.py",
    "idm/policy_files/payroll*.py",
    "idm/policy_files/sense_payroll.py",
    "idm/table_keeping.py",
    "idm/connector_http/*.py",
    "connectors/*/*.py",
)

SPEAKING_ERRORS = ("idm/web/*.py", "idm/web/*/*.py")
"""Of these only the errors: what a page says otherwise stands in the pages' own catalogues."""

_FILES = "it is about files and settings that administrators handle on the command line"
_BOTH = "its texts stand there in both languages"
_HEADER = "what is sent to a system"
_PROBE = "what `idm doctor` says"
_LOAD = "it checks policy files as they are loaded"

SILENT: Mapping[str, str] = {
    "idm/domain/graph_faults.py": _LOAD,
    "idm/domain/graph_shape.py:the graph has a cycle": "a graph with a cycle is refused as its policy is loaded",
    "idm/domain/hours.py": "no calendar is so short",
    "idm/domain/working_days.py": "no calendar is so short",
    "idm/domain/story_*.py": _BOTH,
    "idm/domain/sessions.py": "it gives the reasons for the rules themselves",
    "idm/domain/authority_resolution.py:reviewers and providers*": "a mistake of the program",
    "idm/flow/step_titles.py": _BOTH,
    "idm/flow/wording.py": _BOTH,
    "idm/flow/access.py": "administrators take access away on the command line",
    "idm/flow/decide_paper.py:idm document add*": "the command of a task, which its page has a form for",
    "idm/flow/drain.py": "administrators work the lanes on the command line",
    "idm/flow/identified.py": _FILES,
    "idm/flow/notice_desk.py": "administrators look after mails on the command line",
    "idm/flow/notices.py:the digest has no list*": "a mistake of the program",
    "idm/flow/organisation.py": _FILES,
    "idm/flow/seal.py": "administrators seal the audit on the command line",
    "idm/flow/targets.py": "administrators look after target systems on the command line",
    "idm/flow/equipment_rules.py:equipment.yaml": "a file's name",
    "idm/inputs/csv_*.py": _FILES,
    "idm/inputs/organisation.py": _FILES,
    "idm/inputs/table.py": _FILES,
    "idm/inputs/json_text.py": "the portal sends forms, never JSON",
    'idm/inputs/events.py:must be "1.0"': "of the envelope of an event, which the portal makes itself",
    "idm/inputs/events.py:must be {wanted}": "of the envelope of an event, which the portal makes itself",
    "idm/inputs/events.py:is not taken; send*": "of the envelope of an event, which the portal makes itself",
    "idm/inputs/events.py:must be application/json*": "of the envelope of an event, which the portal makes itself",
    "idm/inputs/fields.py:*extension*": "of the envelope of an event, which the portal makes itself",
    "idm/vault.py:a position before the beginning": "a mistake of the program",
    "idm/vault_keys.py": _FILES,
    "idm/policy_files/payroll.py:choice, date, integer or decimal": _LOAD,
    "idm/policy_files/payroll.py:'{id}' is of type*": _LOAD,
    "idm/policy_files/payroll_models.py": _LOAD,
    "idm/connector_http/client.py:url must*": _FILES,
    "idm/connector_http/client.py:deadline must*": _FILES,
    "idm/connector_http/client.py:The settings of the system*": _FILES,
    "idm/connector_http/client.py:Correct them in*": _FILES,
    "idm/connector_http/client.py:multipart*": _HEADER,
    "idm/connector_http/client.py:Bearer*": _HEADER,
    "idm/connector_http/records.py:* answers and lets idm write": _PROBE,
    "connectors/ldap/accounts.py:* answers; logged in as*": _PROBE,
    "connectors/ldap/accounts.py:idm*": "marks of idm in the directory",
    "connectors/*/settings.py": _FILES,
    "idm/web/cloudevents.py": "it answers systems that send events",
    "idm/web/login_oidc.py:*{path}*": "it is said as idm starts",
    "idm/web/portal.py:This route's access*": "a mistake of the program",
}
"""What is said to nobody in the portal, as a file or as `file:text` (both may have `*`), with the reason."""

ANSWERS: Mapping[str, tuple[str, ...]] = {
    "_when": ("", ": it ended on {day}", ": it begins on {day}"),
    "_until": ("", " until {day}"),
    "nearest": ("", " (did you mean '{near}'?)"),
}
"""What functions answer that are called within a text, where it begins with a blank or a mark, or may be nothing."""

BESIDE = (
    "{one}, who is substitute for {other}",
    "'{field}' {phrase}",
    "DKK {amount}",
    "temporary",
    "request",
    "everybody",
    "away",
    "nothing",
)
"""Texts that the code puts together from parts, which the harvest sees as no text of their own."""


def spoken() -> list[Message]:
    """Every message that can reach a page, each text once."""
    found: dict[str, Message] = {}
    for message in [*_of_files(), *_of_errors(), *(Message("beside", text) for text in BESIDE)]:
        found.setdefault(message.shape, message)
    return list(found.values())


def idle_exemptions() -> list[str]:
    """Entries of SILENT that exempt nothing."""
    everything = [(name, message.text) for name, message in _all()]
    return [entry for entry in SILENT if not any(_meant(entry, name, text) for name, text in everything)]


def _of_files() -> Iterator[Message]:
    return (message for name, message in _all() if not any(_meant(entry, name, message.text) for entry in SILENT))


@cache
def _all() -> tuple[tuple[str, Message], ...]:
    return tuple(_read())


def _read() -> Iterator[tuple[str, Message]]:
    for pattern in (*SPEAKING, *SPEAKING_ERRORS):
        for path in sorted(ROOT.glob(pattern)):
            for message in messages(path, short(path), ANSWERS, errors_only=pattern in SPEAKING_ERRORS):
                yield short(path), message


def _meant(entry: str, name: str, text: str) -> bool:
    file, _, words = entry.partition(":")
    return fnmatch(name, file) and (not words or fnmatch(text, words))


def _of_errors() -> Iterator[Message]:
    """The messages that errors have of themselves: the first lines of their classes' words."""
    for node in ast.parse((ROOT / "idm" / "errors.py").read_text()).body:
        if isinstance(node, ast.ClassDef) and node.name != "Fault":
            words = inspect.cleandoc(ast.get_docstring(node) or "")
            yield Message(f"idm/errors.py:{node.lineno}", " ".join(words.split("\n\n")[0].split()))
