"""The task graph of one case as a viewer is shown it: read in a fixed number of queries, however many steps the case has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from idm.domain.access_rules import Act, Relation, may
from idm.domain.authority import Holder
from idm.domain.case import Case, CaseState, Step, StepState
from idm.domain.day_one import at_risk, decides_day_one
from idm.domain.graph_shape import folded, group_needs, reduced
from idm.domain.hours import HOME
from idm.domain.journey import CHECK, RIGHTS, Graph, Paper, StepDef, StepKind, TaskKind
from idm.domain.people import Organisation
from idm.domain.picture import Ahead, Fold, Mark, Next, Node, Picture, Waiter, mark_of, whose
from idm.domain.projection import Task
from idm.domain.story_words import Words
from idm.domain.timers import falls, timers
from idm.domain.titles import standing, within
from idm.flow.deadlines import Lateness, lateness
from idm.flow.graphs import graph_of
from idm.flow.history import LANGUAGES, timer_titles
from idm.flow.powers import PowersNow
from idm.flow.step_titles import shown_title
from idm.ports import App

PAY = "payroll"
"""The name of the facts that those who mayn't see the pay mayn't read of."""

_UNNAMED = {"da": ("et dokument", "en attest"), "en": ("a document", "a certificate")}
"""What a document and a check are called for somebody who mayn't know which are wanted."""


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks at a case: their id, and what they are to it."""

    person: str
    relations: frozenset[Relation]

    def may(self, case: Case, act: Act, paper: Paper | None = None) -> bool:
        """Whether they may do `act` in `case`, as to `paper`."""
        return may(self.relations, act, case.state, document=paper)


def case_picture(app: App, case: Case, language: str, looker: Looker, organisation: Organisation | None = None) -> Picture:
    """The picture of `case` in `language`, as `looker` may see it."""
    return _Painter(app, case, language, looker, organisation).picture()


class _Painter:
    """Reads what the picture needs, once, and makes its nodes."""

    def __init__(self, app: App, case: Case, language: str, looker: Looker, organisation: Organisation | None) -> None:
        self.case, self.looker, self.language = case, looker, language
        self.graph: Graph = graph_of(app, case)
        self.policies = app.policies.current()
        self.words: Words = LANGUAGES[language]
        self.tasks: Mapping[str, Task] = {row.step: row for row in app.store.tasks(case=case.id, state="open")}
        self.late: Lateness = lateness(app)
        self.today: date = self.late.today
        self.holders = dict(self._holders(PowersNow(app, organisation)))
        asked = [holder for held in self.holders.values() for holder in held]
        people = {person for holder in asked for person in (holder.person, holder.granted_by, *holder.substitute_for) if person}
        people |= {approval.by for approval in case.approvals.values()}
        self.names = {id: person.full_name for id, person in app.store.people(people).items()}
        self.wanted = {paper.kind: paper for paper in case.wanted}
        self.papers = {id: self._paper(id) for id in {*self.policies.documents, *self.policies.checks, *self.wanted}}
        dues = {step: row.due for step, row in self.tasks.items() if row.due is not None}
        self.reduced = reduced({step.id: step.needs for step in self.graph})
        self.day_one = decides_day_one(self.graph) if case.state is not CaseState.CANCELLED else frozenset()
        self.risky = frozenset(at_risk(case, self.graph, self.today, dues))

    def _holders(self, powers: PowersNow) -> Iterator[tuple[str, tuple[Holder, ...]]]:
        """Who may act on each open task."""
        for step in self.graph:
            row = self.tasks.get(step.id)
            if row is not None and step.actor is not None:
                yield step.id, powers.holders(self.case, step.actor, step, row.escalated)

    def picture(self) -> Picture:
        nodes = tuple(self._node(number, step) for number, step in enumerate(self.graph, 1))
        return Picture(nodes, self._folds(nodes), Counter(node.mark for node in nodes), tuple(self._ahead(nodes)))

    def _folds(self, nodes: tuple[Node, ...]) -> tuple[Fold, ...]:
        """The nodes with what systems have done folded together, and without what this hire doesn't ask for: nothing waits for that."""
        by_id = {node.id: node for node in nodes if node.mark is not Mark.PASSED}
        needs = {id: tuple(need for need in node.needs if need in by_id) for id, node in by_id.items()}
        machines = [id for id, node in by_id.items() if node.mark is Mark.DONE and self.graph[id].kind is StepKind.AUTOMATIC]
        groups = folded(needs, (machines,))
        return tuple(Fold(id, tuple(by_id[step] for step in groups[id]), asked) for id, asked in group_needs(needs, groups).items())

    def _node(self, number: int, step: StepDef) -> Node:
        status, mark, row = self.case.steps[step.id], mark_of(self.case, step), self.tasks.get(step.id)
        hidden = bool(status.reason) and not self._may_know_why(step)
        approval = self.case.approvals.get(step.id)
        return Node(
            id=step.id,
            number=number,
            title=self._title(step),
            whose=whose(step),
            mark=mark,
            since=status.since,
            needs=step.needs,
            system=self._system(step),
            waits_for=tuple(self._waiter(holder) for holder in self.holders.get(step.id, ())),
            until=self._until(step, status),
            due=row.due if row is not None else None,
            late=self.late.of(row) if row is not None else 0,
            by=self._name(approval.by) if approval is not None and mark is Mark.DONE else "",
            reason="" if hidden else status.reason,
            hidden=hidden,
            attempts=status.attempts,
            escalated=row.escalated if row is not None else 0,
            task=row.id if row is not None else "",
            next=self._next(step, status, mark),
            day_one=step.id in self.day_one,
            risk=step.id in self.risky,
            paused=self._paused(step) if mark is Mark.WAITING else None,
            after=self._after(step) if mark is Mark.TO_COME else (),
        )

    def _title(self, step: StepDef) -> str:
        return shown_title(step, self.papers, self.policies, self.language)

    def _system(self, step: StepDef) -> str:
        return self.words.systems.get(step.system, step.system) if step.system else ""

    def _waiter(self, holder: Holder) -> Waiter:
        principal = holder.substitute_for[0] if holder.substitute_for else ""
        return Waiter(holder.person, self._name(holder.person), holder, self._name(holder.granted_by), self._name(principal))

    def _name(self, person: str) -> str:
        return self.names.get(person, person)

    def _until(self, step: StepDef, status: Step) -> datetime | None:
        if status.state in (StepState.DONE, StepState.WITHDRAWN, StepState.PENDING):
            return None
        return falls(self.case, step.until) if step.kind is StepKind.TIMER else status.until

    def _next(self, step: StepDef, status: Step, mark: Mark) -> Next:
        match mark:
            case Mark.DONE | Mark.PASSED | Mark.WITHDRAWN | Mark.WORKING:
                return Next.NOTHING
            case Mark.TO_COME:
                return Next.BEFORE
            case Mark.FAILED:
                return Next.LOOK
        if step.kind is StepKind.TIMER:
            return Next.DATE
        if step.kind is StepKind.AUTOMATIC:
            return Next.READ if status.state is StepState.UNKNOWN else Next.AGAIN
        asked = self.holders.get(step.id, ())
        if not asked:
            return Next.NOBODY
        return Next.ACT if any(holder.person == self.looker.person for holder in asked) else Next.WAIT

    def _paused(self, step: StepDef) -> date | None:
        running = [pause.last for pause in self.case.pauses if pause.step in ("", step.id) and pause.runs(self.today)]
        return max(running, default=None)

    def _after(self, step: StepDef) -> tuple[str, ...]:
        """The titles of what a step still waits for, without what those wait for anyway."""
        return tuple(self._title(self.graph[need]) for need in self.reduced[step.id] if not self.case.met(need, step, self.graph))

    def _paper(self, kind: str) -> str:
        """What a kind of paper is called for this looker."""
        paper = self.wanted.get(kind)
        if paper is not None and not self.looker.may(self.case, Act.SEE_DOCUMENT_LIST, paper):
            return _UNNAMED[self.language][paper.sort == CHECK]
        known = self.policies.documents.get(kind) or self.policies.checks.get(kind)
        return within(known.titles.get(self.language, kind), self.language) if known is not None else kind

    def _may_know_why(self, step: StepDef) -> bool:
        """Whether the looker may read a step's reason: it may tell of the pay, of a paper, or of rights."""
        if self._about_pay(step) and not self.looker.may(self.case, Act.SEE_PAY):
            return False
        if step.document and not self.looker.may(self.case, Act.SEE_DOCUMENT_LIST, self.wanted.get(step.document)):
            return False
        rights = step.task is TaskKind.RIGHTS or RIGHTS in step.resources
        return not rights or self.looker.may(self.case, Act.SEE_RIGHTS)

    def _about_pay(self, step: StepDef) -> bool:
        """Whether a step's reason may tell of the pay: whoever fills it in, approves it, or the system that gets it."""
        if step.kind is StepKind.HUMAN:
            return PAY in step.approves
        system = self.policies.systems.get(step.system)
        rules = system.resources.values() if system is not None else ()
        return any(PAY in rule.approved_by and (rule.kind in step.resources or not step.resources) for rule in rules)

    def _ahead(self, nodes: tuple[Node, ...]) -> Iterator[Ahead]:
        """The days that are to come, the nearest first: when tasks are due, timers fall, and the employment begins and ends."""
        if self.case.over:
            return
        found = {Ahead(node.due, "due", node.title) for node in nodes if node.due is not None and node.due >= self.today}
        titles = timer_titles(self.case, self.papers, self.words, ahead=True)
        for name, moment in timers(self.case, self.graph):
            if name not in self.graph.steps and moment.astimezone(HOME).date() >= self.today:
                found.add(Ahead(moment.astimezone(HOME).date(), name.partition("@")[0], standing(titles.get(name, name))))
        facts = self.case.facts
        found |= {Ahead(day, what, "") for day, what in ((facts.start_date, "start"), (facts.end_date, "end")) if day and day >= self.today}
        yield from sorted(found, key=lambda each: (each.day, each.what != "start", each.title))
