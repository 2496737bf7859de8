"""The policies folder: all its files as one set, and the set in force while people edit it."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from idm.domain.access_policy import AccessPolicy
from idm.domain.authority_powers import AuthorityPolicy
from idm.domain.deadlines import DeadlinePolicy
from idm.domain.equipment import EquipmentPolicy
from idm.domain.journey import Journey
from idm.domain.payroll_watch import warnings as payroll_warnings
from idm.domain.people import Organisation
from idm.domain.policy import Policies
from idm.errors import Fault, PolicyInvalid
from idm.policy_files import (
    build,
    build_papers,
    build_roles,
    models,
    models_forms,
    models_journey,
    models_naming,
    models_papers,
    models_roles,
)
from idm.policy_files.build import Draft
from idm.policy_files.build_access import access
from idm.policy_files.build_authority import authority
from idm.policy_files.build_deadlines import deadlines
from idm.policy_files.build_equipment import equipment
from idm.policy_files.build_waiting import waiting
from idm.policy_files.check_access import access_faults, access_warnings
from idm.policy_files.check_authority import authority_faults, authority_warnings
from idm.policy_files.check_deadlines import deadline_faults, deadline_warnings
from idm.policy_files.check_equipment import equipment_faults, equipment_warnings
from idm.policy_files.check_examples import example_faults
from idm.policy_files.check_forms import form_faults, form_warnings
from idm.policy_files.check_journeys import graph_only, journey_faults
from idm.policy_files.check_papers import paper_faults, paper_warnings
from idm.policy_files.check_roles import role_faults, role_warnings
from idm.policy_files.check_rules import rule_faults, warnings
from idm.policy_files.check_sense import sense_faults, sense_warnings
from idm.policy_files.equipment import EquipmentFile
from idm.policy_files.models_access import AccessFile
from idm.policy_files.models_approvals import ApprovalsFile
from idm.policy_files.models_authority import AuthorityFile
from idm.policy_files.models_deadlines import DeadlinesFile
from idm.policy_files.models_waiting import WaitingFile
from idm.policy_files.payroll import payroll_faults, payroll_tables, read_tables
from idm.policy_files.payroll_csv import table_of
from idm.policy_files.read import PolicyText, nearest, policy_text, read, shape_of
from idm.policy_files.when import GroupsFile

_NEXT = "Mend the files and run `idm policy check`."
_NEEDED = ("documents.yaml", "roles.yaml", "systems.yaml", "naming.yaml")


def read_texts(folder: Path) -> tuple[list[PolicyText], list[Fault]]:
    """The text of every policy file in `folder`, in order of name, and the faults of those that can't be read."""
    texts: list[PolicyText] = []
    faults: list[Fault] = []
    for file in _names(folder):
        try:
            texts.append(policy_text(file, (folder / file).read_bytes().decode("utf-8")))
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            faults.append(Fault(f"{file}:{line}", "encoding", "the file is not UTF-8; save it as UTF-8"))
        except OSError as error:
            faults.append(Fault(f"{file}:1", "unreadable", f"the file can't be read: {error.strerror}"))
    return texts, faults


def _names(folder: Path) -> list[str]:
    """The files that take part: YAML and payroll tables, not hidden, at any depth, with `/` between folders."""
    return sorted(name for name, _ in _entries(str(folder), ""))


def _entries(folder: str, within: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Each file that takes part, by its name, with the directory's entry. Asked often, so it makes no more of them than it must."""
    try:
        listed = os.scandir(folder)
    except OSError:
        return
    with listed as entries:
        for entry in entries:
            name = f"{within}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith("."):
                    yield from _entries(entry.path, f"{name}/")
            elif _takes_part(entry.name):
                yield name, entry


def _takes_part(name: str) -> bool:
    return name.endswith((".yaml", ".yml", ".csv")) and not name.startswith(".")


def check_texts(
    texts: Sequence[PolicyText], *, organisation: Organisation | None = None, unread: Sequence[Fault] = (), today: date | None = None
) -> tuple[Policies | None, list[Fault], list[Fault]]:
    """The policies that `texts` declare (None if there are faults), the faults and the warnings, each in order of file and line."""
    faults = list(unread)
    files = []
    for text in texts:
        shape = shape_of(text.file)
        if table_of(text.file) is not None:
            continue
        if shape is None:
            words = f"no policy file is called so{nearest(text.file, models.SHAPES)}; nothing in it would be in force"
            faults.append(Fault(f"{text.file}:1", "unknown-file", words))
        else:
            files.append(read(text, shape))
    draft = Draft(tuple(files), read_tables(texts))
    faults.extend(fault for file in draft.files for fault in file.faults)
    faults.extend(_missing({text.file for text in texts} | {fault.path.rpartition(":")[0] for fault in unread}))
    faults.extend(_misnamed(draft))
    faults.extend(journey_faults(draft))
    faults.extend(rule_faults(draft))
    faults.extend(form_faults(draft))
    faults.extend(role_faults(draft))
    faults.extend(deadline_faults(draft))
    faults.extend(paper_faults(draft))
    faults.extend(authority_faults(draft))
    faults.extend(access_faults(draft))
    faults.extend(equipment_faults(draft))
    faults.extend(payroll_faults(draft, unread))
    faults.extend(sense_faults(draft))
    found = sorted(dict.fromkeys(faults), key=_place)
    doubts = [
        *warnings(draft, organisation),
        *role_warnings(draft, organisation),
        *deadline_warnings(draft),
        *paper_warnings(draft, organisation),
        *authority_warnings(draft, organisation),
        *form_warnings(draft),
        *access_warnings(draft, organisation),
    ]
    doubts += [*equipment_warnings(draft, organisation), *sense_warnings(draft, organisation)]
    policies = None if found else _policies(draft)
    if policies is not None and (found := sorted(example_faults(draft, policies, organisation), key=_place)):
        policies = None
    if policies is not None and today is not None:
        doubts += payroll_warnings(policies.payroll, today, organisation)
    return policies, found, sorted(doubts, key=_place)


def _place(fault: Fault) -> tuple[str, int]:
    file, _, line = fault.path.rpartition(":")
    return file, int(line)


def _missing(files: set[str]) -> Iterator[Fault]:
    for name in _NEEDED:
        if name not in files:
            yield Fault(f"{name}:1", "missing-file", f"the policies folder has no {name}; copy the shipped one back and edit it")
    if not any(file.startswith("journeys/") for file in files):
        yield Fault("journeys/hire.yaml:1", "missing-file", "the policies folder has no journey, so no event could start anything")


def _misnamed(draft: Draft) -> Iterator[Fault]:
    named = [(file, "journey", model.journey) for file, model in draft.each(models_journey.JourneyFile)]
    named += [(file, "form", model.form) for file, model in draft.each(models_forms.FormFile)]
    for file, key, name in named:
        if file.stem != name:
            yield file.fault((key,), "file-name", f"this declares '{name}', so the file must be called {key}s/{name}.yaml")


def _policies(draft: Draft) -> Policies:
    """All files as one set. Call it only when there are no faults."""
    documents, roles = draft.one(models_papers.DocumentsFile), draft.one(models_roles.RolesFile)
    systems, naming = draft.one(models.SystemsFile), draft.one(models_naming.NamingFile)
    if documents is None or roles is None or systems is None or naming is None:
        raise AssertionError("a needed file is missing, which is a fault")
    lanes, groups, optional = draft.lanes(), draft.one(GroupsFile), draft.one(ApprovalsFile)
    late, ordered, powers = draft.one(DeadlinesFile), draft.one(EquipmentFile), draft.one(AuthorityFile)
    files = {file.text.file: file.text.hash for file in draft.files} | {table.text.file: table.text.hash for table in draft.payroll}
    return Policies(
        journeys={model.journey: build.journey(file, model, lanes) for file, model in draft.each(models_journey.JourneyFile)},
        documents=build_papers.documents(*documents),
        checks=build_papers.checks(*documents),
        approvals=build_papers.approvals(*optional) if optional else {},
        forms={model.form: build.form(file, model) for file, model in draft.each(models_forms.FormFile)},
        roles=build_roles.roles(*roles),
        role_rules=build_roles.role_rules(*roles),
        conflicts=build_roles.conflicts(*roles),
        systems=build.systems(*systems),
        naming=build.naming(*naming),
        groups=build_roles.groups(*groups) if groups else {},
        deadlines=deadlines(*late) if late else DeadlinePolicy(),
        authority=authority(*powers) if powers else AuthorityPolicy(),
        equipment=equipment(*ordered) if ordered else EquipmentPolicy(),
        payroll=payroll_tables(draft),
        access=access(*doors) if (doors := draft.one(AccessFile)) else AccessPolicy(),
        waiting=waiting(*may_wait) if (may_wait := draft.one(WaitingFile)) else {},
        hash=_hash(files),
        files=files,
    )


def _hash(files: Mapping[str, str]) -> str:
    lines = "".join(f"{hash_}  {file}\n" for file, hash_ in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def check(
    folder: Path, organisation: Organisation | None = None, today: date | None = None
) -> tuple[Policies | None, list[Fault], list[Fault]]:
    """Read the policies in `folder`: the set (None if there are faults), every fault, every warning. Never raises for what a file holds.

    With `organisation`, ids of units and positions are held against it (warnings), and all examples of role rules are run. With
    `today`, it is told which payroll rows end soon.
    """
    texts, unread = read_texts(folder)
    return check_texts(texts, organisation=organisation, unread=unread, today=today)


def load(folder: Path) -> Policies:
    """The policies in `folder`. Raises PolicyInvalid with every fault of every file."""
    texts, unread = read_texts(folder)
    return _load(folder, texts, unread)


def _load(folder: Path, texts: Sequence[PolicyText], unread: Sequence[Fault]) -> Policies:
    policies, faults, _ = check_texts(texts, unread=unread)
    if policies is None:
        raise PolicyInvalid(f"The policies in {folder} break {len(faults)} rule(s).", faults=faults, next_step=_NEXT)
    return policies


def journey_from_text(text: str, file: str, lanes: Mapping[str, str] | None = None) -> Journey:
    """The journey that a stored text declares, as a case pinned it; `lanes` by system, else each system's own name.

    Raises PolicyInvalid if it isn't a sound journey by itself; whether its names still exist is not asked.
    """
    found = read(policy_text(file, text), models_journey.JourneyFile)
    faults = list(found.faults)
    if not faults and isinstance(found.model, models_journey.JourneyFile):
        journey = build.journey(found, found.model, lanes or {})
        faults = graph_only(journey)
        if not faults:
            return journey
    raise PolicyInvalid(f"{file} is not a sound journey.", faults=faults, next_step=_NEXT)


class PolicyFolder:
    """The policies in force: those in the folder, or the last valid set while what stands there now is broken. Thread-safe."""

    def __init__(self, folder: Path, last: Mapping[str, str] | None = None) -> None:
        """Reads nothing yet; the first call of `current` or `texts` does. `last` are the texts by file of the set last in force."""
        self._folder = folder
        self._last = last or {}
        self._lock = threading.Lock()
        self._seen: Mapping[str, tuple[int, int, int]] | None = None
        self._policies: Policies | None = None
        self._texts: Mapping[str, tuple[str, str]] = {}
        self._fault: PolicyInvalid | None = None

    def current(self) -> Policies:
        """The set in force. Reads the folder again when a file changed; raises PolicyInvalid only if no set was ever valid."""
        with self._lock:
            return self._refreshed()

    def fault(self) -> PolicyInvalid | None:
        """Why what stands in the folder now isn't in force, or None if it is."""
        with self._lock:
            self._refresh()
            return self._fault

    def texts(self) -> Mapping[str, tuple[str, str]]:
        """File -> (content hash, text) of the set in force. Raises PolicyInvalid only if no set was ever valid."""
        with self._lock:
            self._refreshed()
            return self._texts

    def _refreshed(self) -> Policies:
        self._refresh()
        if self._policies is not None:
            return self._policies
        if self._fault is None:
            raise AssertionError("neither policies nor the reason why not")
        raise PolicyInvalid(self._fault.message, faults=self._fault.faults, next_step=self._fault.next_step)

    def _refresh(self) -> None:
        now = self._signature()
        if now == self._seen:
            return
        texts, unread = read_texts(self._folder)
        try:
            self._policies = _load(self._folder, texts, unread)
        except PolicyInvalid as error:
            self._fault = error.with_traceback(None)
            if self._policies is None:
                self._fall_back()
        else:
            self._fault = None
            self._texts = {text.file: (text.hash, text.text) for text in texts}
        self._seen = now

    def _fall_back(self) -> None:
        """Put the set last in force into force again, if it is sound."""
        texts = [policy_text(file, text) for file, text in sorted(self._last.items())]
        policies = check_texts(texts)[0] if texts else None
        if policies is not None:
            self._policies = policies
            self._texts = {text.file: (text.hash, text.text) for text in texts}

    def _signature(self) -> dict[str, tuple[int, int, int]]:
        """What tells that a file changed: time of change, size and inode, as an editor may write a new file in its place."""
        seen: dict[str, tuple[int, int, int]] = {}
        for file, entry in _entries(str(self._folder), ""):
            try:
                stat = entry.stat()
            except OSError:
                seen[file] = (0, 0, 0)
            else:
                seen[file] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        return seen
