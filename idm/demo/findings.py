"""What must be true before, during and after: the findings that decide whether the demo is as it should be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

from idm.demo.expected import Ending
from idm.demo.hires import Hire
from idm.demo.stage import Stage
from idm.domain.case import DocumentState, StepState
from idm.flow.targets import show_target
from idm.flow.tasks import open_tasks
from idm.flow.verify import verify_audit
from idm.simulators import control
from idm.simulators.files import SYSTEMS

GATED = {"ldap": "account", "erp": "profile", "mailbox": "mailbox"}
"""The records that stay closed until the first day of work."""


TEMPLATE_HEADER = "X-Idm-Template"
"""The header of a mail that names its text."""
PAID = ("institution", "agreement", "pay_class", "scale_step", "pension_code", "pay_type")
"""What the payroll form says that the record holds under the same name."""

TOLD = ("street", "town", "pay_to")
"""What every new employee told of themself that the record holds."""


def check_doors(stage: Stage, when: str, hires: Iterable[Hire], aside: Iterable[Hire] = ()) -> None:
    """Every account, profile and mailbox is open exactly if its person is one of `hires`, who have begun; of `aside` it may be either."""
    begun = {stage.persons[hire.number] for hire in hires}
    either = {stage.persons[hire.number] for hire in aside}
    wrong = []
    opened = 0
    for system, kind in GATED.items():
        held = {item["key"]: item["state"] for item in show_target(stage.app, system) if item["kind"] == kind and item["managed"]}
        enabled = {key for key, state in held.items() if state == "enabled"}
        wrong += [f"{system}: {key} is {held.get(key, 'missing')}" for key in sorted((enabled ^ begun) - either)]
        opened += len(enabled)
    of = f"{len(begun)} people who have begun" + (f", and {len(either)} who begin at this moment" if either else "")
    detail = "; ".join(wrong) or f"{opened} open in {', '.join(GATED)}, of {of}"
    stage.check(f"doors are open for those who have begun, and for nobody else ({when})", not wrong, detail)


def check_never_early(stage: Stage, moved: datetime, begun: Iterable[Hire]) -> None:
    """By the target systems' own journals nothing was enabled before the clock was moved to the first start date, but for the `begun`."""
    before = {stage.persons[hire.number] for hire in begun}
    enabled = [entry for entry in _journal(stage) if entry["op"] == "enable" and entry["result"] == "applied"]
    early = [entry for entry in enabled if datetime.fromisoformat(entry["at"]) < moved and entry["key"] not in before]
    stage.check(
        "no account was enabled before its date", bool(enabled) and not early, f"{len(enabled)} enabled, {len(early)} of them early"
    )


def check_somebody(stage: Stage) -> None:
    """Whatever still waits for people waits for somebody who is there, even after two years."""
    open_ones = [(task, may) for task, may in open_tasks(stage.app) if task.case in stage.cases.values()]
    nobody = [f"{task.case}: {task.step}" for task, may in open_ones if not may]
    detail = "; ".join(nobody) or f"{len(open_ones)} open tasks, each with somebody who may do it"
    stage.check("no task waits for nobody", bool(open_ones) and not nobody, detail)


def check_rights(stage: Stage, people: list[dict[str, Any]]) -> None:
    """In directory and ERP system each person has the rights of all their positions, and no others."""
    by_employment = {entry["employment"]: entry["systems"] for entry in people}
    for system in ("ldap", "erp"):
        wrong, count = [], 0
        for hire in (hire for hire in stage.taken if hire.stays):
            wanted = set(getattr(hire.expected, system))
            held = set(by_employment[stage.case(hire).employment].get(system, {}).get("entitlements", ()))
            count += len(held)
            wrong += [f"{hire.id}: {right} {'is missing' if right in wanted else 'is too much'}" for right in sorted(wanted ^ held)]
        detail = "; ".join(wrong) or f"{count} rights as the roles say"
        stage.check(f"rights in {system} follow from the positions", not wrong, detail)


def check_payroll(stage: Stage, people: list[dict[str, Any]]) -> None:
    """Payroll holds what the pay contacts filled in, for the right dates."""
    by_employment = {entry["employment"]: entry["systems"] for entry in people}
    wrong = []
    paid = [hire for hire in stage.taken if hire.expected.ends is Ending.COMPLETED]
    for hire in paid:
        held = by_employment[stage.case(hire).employment].get("payroll", {}).get("attributes", {})
        wanted = {name: str(hire.answers.pay[name]) for name in PAID}
        wanted |= {"from_date": hire.start.isoformat(), **({"to_date": hire.end.isoformat()} if hire.end else {})}
        # Addresses and accounts are shown to nobody here: only that they are there.
        wrong += [f"{hire.id}: payroll does not know the {name}" for name in TOLD if not held.get(name)]
        wrong += [f"{hire.id}: {name} is not as filled in" for name, value in wanted.items() if str(held.get(name)) != value]
    stage.check("payroll holds the approved facts", not wrong, "; ".join(wrong) or f"{len(paid)} records, agreement, class, step and dates")


def check_archive(stage: Stage) -> None:
    """The personnel files hold the accepted documents, and not the one that was returned."""
    archived = {item["key"] for item in _postings(stage)}
    accepted = {
        document.id
        for hire in stage.taken
        for case in (stage.case(hire),)
        for document in case.documents.values()
        if document.state is DocumentState.ACCEPTED and not hire.cancelled and case.steps["file"].state is StepState.DONE
    }
    missing, extra = accepted - archived, archived - accepted - _documents_of_cancelled(stage)
    stage.check(
        "personnel files hold what was accepted",
        not missing and not extra,
        f"{len(accepted & archived)} documents, {len(missing)} missing, {len(extra)} too many",
    )


def _postings(stage: Stage) -> list[dict[str, Any]]:
    return [
        item
        for hire in stage.taken
        for item in show_target(stage.app, "personnel_file", stage.cases[hire.number])
        if item["kind"] == "document"
    ]


def _documents_of_cancelled(stage: Stage) -> set[str]:
    return {document.id for hire in stage.taken if hire.cancelled for document in stage.case(hire).documents.values()}


def check_taken_back(stage: Stage, hire: Hire) -> None:
    """After a cancel no system holds anything open of the person any more."""
    left = [
        f"{system}: {item['kind']} is {item['state']}"
        for system in SYSTEMS
        for item in show_target(stage.app, system, stage.cases[hire.number])
        if item["state"] != "ended" and item["kind"] != "document"
    ]
    taken = [entry for entry in _journal(stage) if entry["op"] in ("delete", "end") and entry["result"] == "applied"]
    ok = not left and len(taken) >= len(GATED)
    stage.check("a cancelled hire leaves nothing behind", ok, "; ".join(left) or f"{len(taken)} records taken back")


def check_journals(stage: Stage) -> None:
    """No target system was made to do the same twice."""
    entries = _journal(stage)
    twice = list(doubles(entries))
    stage.check("no effect happened twice", not twice, "; ".join(twice) or f"{len(entries)} entries in the journals")


def doubles(entries: Iterable[dict[str, Any]]) -> Iterable[str]:
    """Two `applied` of one effect key and operation with no inverse between."""
    done: dict[tuple[str, str], str] = {}
    for entry in entries:
        if entry["result"] != "applied":
            continue
        key = (entry["system"], entry["effect_key"])
        before = done.get(key)
        if before == entry["op"]:
            yield f"{entry['system']}: {entry['op']} of {entry['effect_key']}"
        done[key] = entry["op"]


def check_audit(stage: Stage) -> None:
    """The audit chains are whole."""
    verified = verify_audit(stage.app)
    stage.check("the audit is whole", not verified.faults, f"{verified.entries} entries, {len(verified.faults)} faults")


def check_mails(stage: Stage) -> dict[str, Any]:
    """One welcome mail for each hire whose rights are in place lies in the folder, among all other mails; where, and how many."""
    folder = stage.home / "mails"
    mails = [message_from_bytes(path.read_bytes(), policy=default) for path in folder.glob("*.eml")]
    welcomed = sum(str(mail[TEMPLATE_HEADER]).startswith("welcome/") for mail in mails)
    wanted = sum(bool(hire.expected.ldap) or hire.cancelled for hire in stage.taken)
    stage.check("each new employee got one welcome mail", welcomed == wanted, f"{welcomed} for {wanted} hires whose rights are in place")
    return {"folder": str(folder), "count": len(mails)}


def _journal(stage: Stage) -> list[dict[str, Any]]:
    return control.journal(stage.simulators)
