"""deadlines.yaml as the domain's policy."""

from __future__ import annotations

from datetime import date

from idm.domain.deadlines import NOTICES, CutOff, DeadlinePolicy, DueRule, Escalation, MailTimes, ShortNotice, Stranded
from idm.domain.hours import Hours
from idm.policy_files.models_deadlines import Between, DeadlinesFile, MailShape
from idm.policy_files.read import ReadFile


def deadlines(file: ReadFile, model: DeadlinesFile) -> DeadlinePolicy:
    """The deadlines, every rule with the line it stands at."""
    closing, short, climb, nobody = model.closing_days, model.short_notice, model.escalation, model.stranded
    return DeadlinePolicy(
        rules=tuple(
            DueRule(id_, due.days, due.at_least, due.before, tuple(due.tasks or ()), tuple(due.steps or ()), file.source("due", id_))
            for id_, due in model.due.items()
        ),
        cut_offs=tuple(
            CutOff(id_, run.first, run.last, run.closes, run.month == "before", file.source("payroll_cut_offs", id_))
            for id_, run in model.payroll_cut_offs.items()
        ),
        moved_cut_offs={date.fromisoformat(old): date.fromisoformat(new) for old, new in model.moved_cut_offs.items()},
        every_year=frozenset((int(day[:2]), int(day[3:])) for day in closing.every_year),
        closing_days=frozenset(date.fromisoformat(day) for day in closing.days),
        short_notice=ShortNotice(short.days, short.due, file.source("short_notice")),
        reminders=tuple(sorted(set(model.reminders))),
        escalation=Escalation(climb.after, climb.every, file.source("escalation")),
        stranded=Stranded(nobody.manager_above, tuple(nobody.tell or ()), file.source("stranded")),
        mail=_mail(file, model.mail),
        link_days=model.links.days,
        source=file.source(),
    )


def _mail(file: ReadFile, mail: MailShape) -> MailTimes:
    send = tuple(mail.send) if mail.send is not None else NOTICES
    return MailTimes(mail.digest, _hours(mail.staff), _hours(mail.hires), mail.language, dict(mail.citizens), send, file.source("mail"))


def _hours(given: Between) -> Hours:
    return Hours(given.since, given.until, given.closing_days)
