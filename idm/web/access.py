"""Who may come to a route. The rules themselves are the domain's (`idm.domain.access_rules`); here a request is put to them."""

from __future__ import annotations

from dataclasses import dataclass

from idm.domain.access_rules import Act, Relation, may
from idm.domain.sessions import Session, SessionKind
from idm.errors import NotFound
from idm.flow.graphs import graph_of
from idm.flow.relations import Admitted, demand, demand_task
from idm.web.portal import SignInFirst, Visit

INVITED = "/start"
"""Where somebody is told that their personal link lets them in."""


@dataclass(frozen=True, slots=True)
class Anyone:
    """Everybody, signed in or not: the pages that let one in, and what they load."""

    def admit(self, visit: Visit) -> None:
        """See the protocol."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whoever is signed in, of the staff or as a new hire: what concerns their own session alone."""

    def admit(self, visit: Visit) -> None:
        """See the protocol."""
        if visit.session is None:
            raise SignInFirst


@dataclass(frozen=True, slots=True)
class Staff:
    """Whoever is signed in of the staff: pages that show each what is theirs."""

    def admit(self, visit: Visit) -> None:
        """See the protocol."""
        demand_staff(visit)


@dataclass(frozen=True, slots=True)
class Playful:
    """Everybody, in a demo or test installation that only this machine reaches."""

    def admit(self, visit: Visit) -> None:
        """See the protocol."""
        if not visit.site.may_choose:
            raise NotFound


@dataclass(frozen=True, slots=True)
class House:
    """The staff who may do `act` somewhere in the house."""

    act: Act

    def admit(self, visit: Visit) -> None:
        """See the protocol."""
        demand_staff(visit)
        if not may(visit.globally, self.act):
            raise NotFound


@dataclass(frozen=True, slots=True)
class OfCase:
    """The staff who may do `act` in the case that the path names."""

    act: Act

    def admit(self, visit: Visit) -> None:
        """See the protocol."""
        demand_staff(visit)
        _take(visit, demand(visit.app, visit.person, self.act, visit.path["case"], session=visit.session))


@dataclass(frozen=True, slots=True)
class OfTask:
    """The staff who may do `act` with the task that the path names: to do it, they must be who may act on it now."""

    act: Act

    def admit(self, visit: Visit) -> None:
        """See the protocol."""
        demand_staff(visit)
        admitted, visit.task_found = demand_task(visit.app, visit.person, self.act, visit.path["task"], session=visit.session)
        _take(visit, admitted)


@dataclass(frozen=True, slots=True)
class OfDocument:
    """The staff who may do `act` with the stored document that the path names."""

    act: Act

    def admit(self, visit: Visit) -> None:
        """See the protocol."""
        demand_staff(visit)
        found = visit.document_found = visit.app.store.document(visit.path["document"])
        if found is None:
            raise NotFound
        _take(visit, demand(visit.app, visit.person, self.act, found.case, session=visit.session, kind=found.kind))


@dataclass(frozen=True, slots=True)
class NewHire:
    """The person hired, signed in by their personal link: they come to their own case, whatever the address says."""

    act: Act = Act.SEE_CHECKLIST

    def admit(self, visit: Visit) -> None:
        """See the protocol."""
        session = demand_hire(visit)
        _take_own(visit, demand(visit.app, session.person, self.act, session.case, session=session))


@dataclass(frozen=True, slots=True)
class OwnDocument:
    """The person hired, signed in by their personal link, who may do `act` with the document of their own case that the path names."""

    act: Act

    def admit(self, visit: Visit) -> None:
        """See the protocol."""
        session = demand_hire(visit)
        found = visit.document_found = visit.app.store.document(visit.path["document"])
        if found is None or found.case != session.case:
            raise NotFound
        _take_own(visit, demand(visit.app, session.person, self.act, found.case, session=session, kind=found.kind))


def demand_staff(visit: Visit) -> None:
    """Raise unless somebody of the staff is signed in."""
    if visit.session is None:
        raise SignInFirst
    if visit.session.kind is not SessionKind.STAFF:
        raise NotFound


def demand_hire(visit: Visit) -> Session:
    """The session of the new hire who is signed in; raises if it is somebody else, or nobody."""
    if visit.session is None:
        raise SignInFirst(INVITED)
    if visit.session.kind is not SessionKind.HIRE:
        raise NotFound
    return visit.session


def _take_own(visit: Visit, admitted: Admitted) -> None:
    if Relation.HIRE not in admitted.relations:
        raise NotFound
    _take(visit, admitted)


def _take(visit: Visit, admitted: Admitted) -> None:
    visit.case_found = admitted.case
    visit.graph_found = graph_of(visit.app, admitted.case)
    visit.relations = admitted.relations
