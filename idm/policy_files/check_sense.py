"""Values that each file may hold but that can hardly be meant: what they would lead to is said where they stand.

What can't be meant at all is a fault; the rest are warnings, as some organisation may have a reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from idm.domain.people import Organisation
from idm.errors import Fault
from idm.policy_files import sense_journeys, sense_payroll, sense_systems, sense_when
from idm.policy_files.build import Draft
from idm.policy_files.models_approvals import ApprovalsFile
from idm.policy_files.models_authority import AuthorityFile
from idm.policy_files.models_deadlines import DeadlinesFile
from idm.policy_files.models_papers import Check, Document, DocumentsFile, as_bytes
from idm.policy_files.models_waiting import WaitingFile
from idm.policy_files.payroll_models import PayrollFile
from idm.policy_files.read import ReadFile, nearest
from idm.policy_files.yaml_tree import Path

_HALF_A_YEAR = 183
_LONG_CONSENT = 90
_SMALLEST_SCAN = 50 * 1024


def sense_faults(draft: Draft) -> Iterator[Fault]:
    """Values that can't be meant, whatever the organisation."""
    yield from sense_journeys.faults(draft)
    yield from sense_when.faults(draft)
    yield from sense_systems.faults(draft)
    yield from sense_payroll.faults(draft)
    if papers := draft.one(DocumentsFile):
        for at, kind in _papers(papers[1]):
            yield from _due_after_what_it_blocks(papers[0], at, kind)


def sense_warnings(draft: Draft, organisation: Organisation | None) -> Iterator[Fault]:
    """Values that can hardly be meant. With the organisation, positions of documents are held against it too."""
    yield from sense_journeys.warnings(draft)
    yield from sense_when.warnings(draft, organisation)
    yield from sense_systems.warnings(draft)
    yield from sense_payroll.warnings(draft)
    if papers := draft.one(DocumentsFile):
        for at, kind in _papers(papers[1]):
            yield from _needed_by(papers[0], at, kind)
        for id_, document in papers[1].documents.items():
            yield from _document(papers[0], ("documents", id_), document, organisation)
        for id_, check in papers[1].checks.items():
            yield from _consent(papers[0], ("checks", id_), check)
    if approvals := draft.one(ApprovalsFile):
        yield from _samples(*approvals)
    if deadlines := draft.one(DeadlinesFile):
        yield from _deadlines(*deadlines)
    if waiting := draft.one(WaitingFile):
        yield from _waiting(*waiting)
    if authority := draft.one(AuthorityFile):
        yield from _confirming(*authority)
    if settings := draft.one(PayrollFile):
        yield from _watched(*settings)


def _papers(model: DocumentsFile) -> Iterator[tuple[tuple[str, str], Document | Check]]:
    for id_, document in model.documents.items():
        yield ("documents", id_), document
    for id_, check in model.checks.items():
        yield ("checks", id_), check


def _due_after_what_it_blocks(file: ReadFile, at: tuple[str, str], kind: Document | Check) -> Iterator[Fault]:
    late = kind.needed_by.days if kind.needed_by else 0
    if late > 0 and "start" in kind.blocks:
        words = f"'{at[1]}' blocks the start, but is due {late} days after it: nobody could ever begin on the day agreed"
        yield file.fault((*at, "needed_by"), "late-for-start", words)


def _needed_by(file: ReadFile, at: tuple[str, str], kind: Document | Check) -> Iterator[Fault]:
    days = kind.needed_by.days if kind.needed_by else 0
    if -days > _HALF_A_YEAR:
        words = (
            f"'{at[1]}' is due {-days} days before the start; most hires are known later, so it would be late as soon as it is asked for"
        )
        yield file.fault((*at, "needed_by"), "far-ahead", words)
    if days > 31 and "pay" in kind.blocks:
        words = f"the pay waits for '{at[1]}', but it is due {days} days after the start: the first pay day would pass without pay"
        yield file.fault((*at, "needed_by"), "late-for-pay", words)


def _document(file: ReadFile, at: tuple[str, str], kind: Document, organisation: Organisation | None) -> Iterator[Fault]:
    name = at[1]
    if as_bytes(kind.max_size) < _SMALLEST_SCAN:
        words = f"no scan or photo is as small as {kind.max_size}, so every '{name}' would be refused"
        yield file.fault((*at, "max_size"), "too-small", words)
    waits = kind.pay_waits_until_days_before_start
    if waits is not None and kind.needed_by and waits >= -kind.needed_by.days:
        words = f"the pay stops waiting for '{name}' {waits} days before the start, before it is even due, so it would never be waited for"
        yield file.fault((*at, "pay_waits_until_days_before_start"), "never-waited-for", words)
    watch = kind.expires_watch_days
    if watch is not None and watch < 14:
        words = f"the new '{name}' is asked for {watch} day(s) before the old one runs out: nobody gets one that fast, so work would stop"
        yield file.fault((*at, "expires_watch_days"), "short-watch", words)
    if watch is not None and watch > 366:
        words = f"the new '{name}' is asked for {watch} days ahead, so whoever hands one in that lasts a year would be asked again at once"
        yield file.fault((*at, "expires_watch_days"), "long-watch", words)
    if watch is not None and not kind.blocks:
        words = f"'{name}' runs out but blocks nothing: nobody would be kept from working without it"
        yield file.fault((*at, "blocks"), "blocks-nothing", words)
    known = organisation.positions if organisation else {}
    if organisation and known and set(kind.positions or ()) & set(known):  # none at all is told of by the kind as a whole
        for index, position in enumerate(kind.positions or ()):
            if position not in known:
                words = f"the organisation has no position '{position}'{nearest(position, known)}, so nobody there is asked for '{name}'"
                yield file.fault((*at, "positions", index), "never-matches", words)


def _consent(file: ReadFile, at: tuple[str, str], check: Check) -> Iterator[Fault]:
    days = check.consent_lapses_days
    if days is not None and days > _LONG_CONSENT:
        words = f"a consent would count for {days} days, so '{at[1]}' could be ordered long after the hire has forgotten it or changed jobs"
        yield file.fault((*at, "consent_lapses_days"), "long-consent", words)
    if days is not None and days < 4:
        words = f"a consent lapses after {days} day(s), over a weekend already, so the hire would be asked again and again"
        yield file.fault((*at, "consent_lapses_days"), "short-consent", words)


def _samples(file: ReadFile, model: ApprovalsFile) -> Iterator[Fault]:
    for id_, approval in model.approvals.items():
        at: Path = ("approvals", id_, "sample_percent")
        if approval.sample_percent > 50:
            words = (
                f"of a hundred hires {approval.sample_percent:g} are drawn, which is no sample: nearly every hire would wait for '{id_}'"
            )
            yield file.fault(at, "no-sample", f"{words}; for all, write a rule without 'when'")
        if 0 < approval.sample_percent < 0.1:
            words = f"fewer than one hire in a thousand is drawn, so hardly anybody would ever be asked for '{id_}'"
            yield file.fault(at, "never-drawn", words)


def _deadlines(file: ReadFile, model: DeadlinesFile) -> Iterator[Fault]:
    if model.short_notice.days == 0:
        words = "no hire comes in with fewer than 0 days left, so none would ever be marked as one at short notice"
        yield file.fault(("short_notice", "days"), "never-short", words)
    if model.reminders and min(model.reminders) > 10:
        words = f"nobody would be reminded of a task before it is {min(model.reminders)} working days late"
        yield file.fault(("reminders",), "late-reminders", words)
    if model.reminders and max(model.reminders) < -20:
        words = f"the last reminder is {-max(model.reminders)} working days before the due date, when few tasks are open: most get none"
        yield file.fault(("reminders",), "early-reminders", words)
    if len(model.reminders) > 10:
        words = f"each task is reminded of on {len(model.reminders)} days, so people would stop reading the mails"
        yield file.fault(("reminders",), "too-many", words)
    if model.escalation.every > 20:
        words = f"a late task stays {model.escalation.every} working days with each level, so it would hardly ever reach the top"
        yield file.fault(("escalation", "every"), "slow-escalation", words)
    if not model.stranded.manager_above and model.stranded.tell is None:
        words = "neither the manager above nor anybody under 'tell' hears of a task that nobody can do, so it would lie there for good"
        yield file.fault(("stranded", "manager_above"), "nobody-told", words)
    if model.mail.send is not None and "invitation" not in model.mail.send:
        words = "'invitation' is not sent, so a new hire would never get the link with which to hand in anything"
        yield file.fault(("mail", "send"), "no-invitation", words)


def _waiting(file: ReadFile, model: WaitingFile) -> Iterator[Fault]:
    for id_, reason in model.reasons.items():
        if reason.longest_days > _HALF_A_YEAR:
            words = f"for '{id_}' a hire could wait {reason.longest_days} days, more than half a year, and never be late"
            yield file.fault(("reasons", id_, "longest_days"), "long-wait", words)


def _confirming(file: ReadFile, model: AuthorityFile) -> Iterator[Fault]:
    confirm = model.confirm
    if confirm is None:
        return
    if confirm.every_months > 36:
        words = (
            f"a power is looked at anew after {confirm.every_months} months only, so those of people who changed jobs would stand for years"
        )
        yield file.fault(("confirm", "every_months"), "rarely-confirmed", words)
    if confirm.warn_days == 0:
        words = "nobody is told before a power must be confirmed, so managers would hear of it when it is late"
        yield file.fault(("confirm", "warn_days"), "never-warned", words)
    if confirm.grace_days > _HALF_A_YEAR:
        words = f"a power that nobody confirms would hold {confirm.grace_days} days more, so asking for it would change nothing"
        yield file.fault(("confirm", "grace_days"), "long-grace", words)


def _watched(file: ReadFile, model: PayrollFile) -> Iterator[Fault]:
    days = model.payroll.warn_days
    if days > 366:
        words = f"rows are told of {days} days before they end, longer than most hold, so the warnings would never stop"
        yield file.fault(("payroll", "warn_days"), "always-warned", words)
    if days < 14:
        words = f"payroll staff would hear only {days} day(s) ahead that rows end, too late to have new ones agreed and entered"
        yield file.fault(("payroll", "warn_days"), "late-warning", words)
