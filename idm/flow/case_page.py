"""Everything that the page of one case shows, as far as the visitor may see it (`idm.domain.access_rules`). Nothing else is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from idm.domain.access_rules import Act, Relation
from idm.domain.authority import manager_of
from idm.domain.case import Case, CaseState, DocumentState
from idm.domain.comments import seen_by
from idm.domain.departures import cancellable
from idm.domain.grants import PLAIN
from idm.domain.journey import DOCUMENT, PAY, START, Graph, Paper
from idm.domain.orders import LineState
from idm.domain.people import Organisation
from idm.domain.picture import Mark, Node, Picture
from idm.domain.policy import Policies
from idm.flow.case_picture import Looker, case_picture
from idm.flow.graphs import graph_of
from idm.flow.powers import matter_of
from idm.flow.waiting import pauses_shown, waited_days
from idm.ports import App
from idm.rows import DocumentRow


@dataclass(frozen=True, slots=True)
class Head:
    """Who is hired, where, as what and from when; `manager` is the name of the manager of the unit, or the one the event named."""

    name: str
    position: str
    unit: str
    start: date
    end: date | None
    hours: str
    manager: str
    state: CaseState
    short_notice: bool


@dataclass(frozen=True, slots=True)
class DayOne:
    """Whether everything is open on the first day: `met`, `safe` (so far), `at_risk` or `missed`; and the steps because of which."""

    how: str
    because: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperShown:
    """A wanted document or check: where it is, and what waits for it. `document`: the stored one, if the visitor may look at it.

    `state` is a document's, or for a check the mark of the step that it is at, with that step's title.
    """

    kind: str
    title: str
    check: bool
    state: str
    step: str
    name: str
    document: str
    handed_in: datetime | None
    expires: date | None
    reason: str
    blocks_pay: bool
    blocks_start: bool
    waived: bool

    @property
    def settled(self) -> bool:
        """Whether nothing waits for it any more."""
        return self.waived or self.state in (DocumentState.ACCEPTED, Mark.DONE)


@dataclass(frozen=True, slots=True)
class CommentShown:
    """A comment: by whom (their name, and whether that is the visitor), when, whether the person hired sees it; None text was erased.

    `of_hire`: the person hired wrote it.
    """

    id: str
    by: str
    mine: bool
    at: datetime
    to_hire: bool
    text: str | None
    of_hire: bool = False


@dataclass(frozen=True, slots=True)
class RightShown:
    """A confirmed role on its terms. `rule`: what proposed it, "" where somebody added it; `accepted_by` who took a conflict, and why."""

    title: str
    rule: str
    start: date | None
    until: date | None
    units: tuple[str, ...]
    below: bool
    amount: Decimal | None
    accepted_by: str
    accepted_because: str


@dataclass(frozen=True, slots=True)
class OrderShown:
    """A line of the equipment order, with what it costs in kroner; `confirm`: somebody confirms that it came."""

    number: int
    title: str
    quantity: int
    amount: Decimal
    state: LineState
    by: str
    at: datetime
    confirm: bool


@dataclass(frozen=True, slots=True)
class PauseShown:
    """A period in which the case, or the task called `step`, waited with good reason."""

    reason: str
    step: str
    since: date
    until: date
    by: str
    runs: bool
    days: int


@dataclass(frozen=True, slots=True)
class CasePage:
    """All of it. What the visitor may not see is None, and what they may do is in `may`."""

    id: str
    version: int
    head: Head
    picture: Picture
    day_one: DayOne | None
    papers: tuple[PaperShown, ...]
    comments: tuple[CommentShown, ...] | None
    rights: tuple[RightShown, ...] | None
    orders: tuple[OrderShown, ...] | None
    pauses: tuple[PauseShown, ...]
    waited: int
    may: frozenset[Act]


OFFERED = (Act.SEE_STORY, Act.WRITE_COMMENT, Act.MOVE_HIRE, Act.CANCEL_HIRE, Act.APPOINT, Act.INVITE, Act.RECEIVE_ORDER)
"""What the page leads on to, if the visitor may."""


def case_page(app: App, case: Case, person: str, relations: Collection[Relation], language: str) -> CasePage:
    """What the page of `case` shows `person`, who is `relations` to it, in `language`. The number of queries is fixed."""
    looker = Looker(person, frozenset(relations))
    tree, policies = app.store.organisation(), app.policies.current()
    picture = case_picture(app, case, language, looker, tree)
    may_discuss = looker.may(case, Act.SEE_COMMENTS)
    said = seen_by(person, case.person, app.store.comments(case.id)) if may_discuss else []
    rows = {row.id: row for row in app.store.documents(case.id)}
    manager = manager_of(matter_of(case), tree)
    wanted = {case.person, manager} | {comment.author for comment in said} | {grant.by for grant in case.grants.values()}
    wanted |= {line.by for line in case.orders} | {pause.by for pause in case.pauses}
    names = {id: each.full_name for id, each in app.store.people(wanted - {""}).items()}
    return CasePage(
        id=case.id,
        version=case.version,
        head=_head(case, tree, names, manager),
        picture=picture,
        day_one=day_one_of(case, picture, app.clock.today()),
        papers=tuple(_papers(case, graph_of(app, case), looker, policies, picture, rows, language)),
        comments=tuple(
            CommentShown(
                each.id,
                names.get(each.author, each.author),
                each.author == person,
                each.at,
                each.to_hire,
                each.text,
                each.author == case.person,
            )
            for each in said
        )
        if may_discuss
        else None,
        rights=tuple(_rights(case, policies, tree, names, language)) if looker.may(case, Act.SEE_RIGHTS) else None,
        orders=tuple(_orders(case, names)) if looker.may(case, Act.SEE_RIGHTS) or looker.may(case, Act.RECEIVE_ORDER) else None,
        pauses=tuple(_pauses(app, case, picture, names, language)),
        waited=waited_days(app, case),
        may=_offered(case, looker, app.clock.today()),
    )


def _offered(case: Case, looker: Looker, today: date) -> frozenset[Act]:
    """What the page leads on to: what the visitor may do, and can still be done."""
    return frozenset(act for act in OFFERED if looker.may(case, act) and (act is not Act.CANCEL_HIRE or cancellable(case, today)))


def _head(case: Case, tree: Organisation, names: Mapping[str, str], manager: str) -> Head:
    facts = case.facts
    unit, position = tree.units.get(facts.unit), tree.positions.get(facts.position)
    return Head(
        names.get(case.person, case.person),
        position.title if position is not None else facts.position,
        unit.name if unit is not None else facts.unit,
        facts.start_date,
        facts.end_date,
        facts.weekly_hours,
        names.get(manager, manager),
        case.state,
        case.short_notice,
    )


def day_one_of(case: Case, picture: Picture, today: date) -> DayOne | None:
    """Whether the first day is met; None of a cancelled hire, or where nothing is opened."""
    deciding = [node for node in picture.nodes if node.day_one]
    if case.state is CaseState.CANCELLED or not deciding:
        return None
    if all(node.mark in (Mark.DONE, Mark.PASSED) for node in deciding):
        return DayOne("met")
    risky = tuple(node for node in deciding if node.risk)
    if risky:
        return DayOne("missed" if today > case.facts.start_date else "at_risk", risky)
    return DayOne("safe")


def _papers(
    case: Case, graph: Graph, looker: Looker, policies: Policies, picture: Picture, rows: Mapping[str, DocumentRow], language: str
) -> Iterator[PaperShown]:
    nodes = {node.id: node for node in picture.nodes}
    for paper in case.wanted:
        if not looker.may(case, Act.SEE_DOCUMENT_LIST, paper):
            continue
        check = paper.sort != DOCUMENT
        known = policies.checks.get(paper.kind) if check else policies.documents.get(paper.kind)
        document = case.documents.get(paper.kind)
        at = _where(paper, graph, nodes)
        row = rows.get(document.id) if document is not None else None
        looks = row is not None and looker.may(case, Act.READ_DOCUMENT, paper)
        yield PaperShown(
            kind=paper.kind,
            title=known.titles.get(language, paper.kind) if known is not None else paper.kind,
            check=check,
            state=document.state.value if document is not None else at.mark.value if at is not None else "",
            step=at.title if at is not None else "",
            name=document.name if document is not None and looks else "",
            document=row.id if row is not None and looks else "",
            handed_in=row.added_at if row is not None else None,
            expires=document.expires if document is not None else None,
            reason=document.reason if document is not None and document.state is DocumentState.RETURNED else "",
            blocks_pay=PAY in paper.blocks,
            blocks_start=START in paper.blocks,
            waived=paper.kind in case.waived,
        )


def _where(paper: Paper, graph: Graph, nodes: Mapping[str, Node]) -> Node | None:
    """The step at which a paper is: the first that isn't done, else the last."""
    own = [nodes[step.id] for step in graph if step.document == paper.kind and step.actor is not None]
    left = [node for node in own if node.mark not in (Mark.DONE, Mark.PASSED)]
    return left[0] if left else own[-1] if own else None


def _rights(case: Case, policies: Policies, tree: Organisation, names: Mapping[str, str], language: str) -> Iterator[RightShown]:
    for id in case.roles:
        grant, role = case.grants.get(id, PLAIN), policies.roles.get(id)
        reach = grant.reach
        yield RightShown(
            title=role.titles.get(language, id) if role is not None else id,
            rule=grant.rule,
            start=grant.start,
            until=grant.until,
            units=tuple(tree.units[unit].name if unit in tree.units else unit for unit in reach.units),
            below=reach.below,
            amount=reach.amount,
            accepted_by=names.get(grant.by, grant.by) if grant.accepted else "",
            accepted_because=grant.reason if grant.accepted else "",
        )


def _orders(case: Case, names: Mapping[str, str]) -> Iterator[OrderShown]:
    for line in case.orders:
        yield OrderShown(
            line.number, line.title, line.quantity, line.amount, line.state, names.get(line.by, line.by), line.at, line.confirm
        )


def _pauses(app: App, case: Case, picture: Picture, names: Mapping[str, str], language: str) -> Iterator[PauseShown]:
    titles = {node.id: node.title for node in picture.nodes}
    for told, pause in zip(pauses_shown(app, case), case.pauses, strict=True):
        yield PauseShown(
            told["titles"].get(language, pause.reason),
            titles.get(pause.step, pause.step),
            pause.since,
            pause.last,
            names.get(pause.by, pause.by),
            told["runs"],
            told["working_days"],
        )
