"""A target system behind HTTP: who may do what, which failure is shown now, and a journal entry for every write.

Reading takes the reader's token or idm's own; writing idm's own alone, so that nobody is created around idm.
"""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from idm.simulators.http_routes import Reading, Records, Route, Writing, as_answer
from idm.simulators.http_server import Answer, HttpServer, NoAnswer, Request
from idm.simulators.http_store import Kind, Problem, Store
from idm.simulators.service import Failure, Failures, Journal


class HttpSimulator:
    """One embedded system behind HTTP (a `Service`): its kinds of record and its further addresses (`routes`, asked first)."""

    def __init__(
        self,
        system: str,
        kinds: Sequence[Kind],
        port: int,
        journal: Journal,
        failures: Failures,
        *,
        store: Store,
        secret: str,
        reader_secret: str,
        routes: Sequence[Route] = (),
    ) -> None:
        self.system = system
        self._journal = journal
        self._failures = failures
        self._kinds: Mapping[str, Kind] = {kind.name: kind for kind in kinds}
        self._routes: Sequence[Route] = (*routes, Records(self._kinds, store))
        self._secret = secret
        self._reader_secret = reader_secret
        self._stopping = threading.Event()
        self._server = HttpServer(port, self._answer)

    def start(self) -> str:
        """Open the port and serve; the URL. Raises `idm.errors.Unavailable` if the port can't be had."""
        url = self._server.start()
        self._failures.subscribe(self._follow_failures)
        self._follow_failures()
        return url

    def stop(self) -> None:
        """Close the port and every connection."""
        self._stopping.set()
        self._failures.release()
        self._server.stop()

    def _follow_failures(self) -> None:
        if self._stopping.is_set():
            return
        if self._failures.is_down():
            self._server.pause()
        else:
            self._server.resume()

    def _answer(self, request: Request) -> Answer:
        try:
            return self._decide(request)
        except Problem as problem:
            headers = (("www-authenticate", "Bearer"),) if problem.status == 401 else ()
            return Answer(problem.status, json.dumps(problem.as_json()).encode(), headers=headers)

    def _decide(self, request: Request) -> Answer:
        if request.method == "GET" and request.path == ("health",):
            return Answer(200, json.dumps({"system": self.system, "ok": True}).encode())
        may_write = self._may_write(request)
        if request.method == "GET" and not request.path:
            return self._perform(Reading(lambda: self._about(may_write)))
        if request.method not in ("GET", "HEAD") and not may_write:
            reason = f"Only idm's own credential may write to {self.system}: employees are created through idm only."
            raise Problem(403, "not-allowed", reason)
        for route in self._routes:
            if operation := route(request):
                return self._perform(operation)
        raise Problem(404, "no-address", "There is nothing at this address for this method.")

    def _may_write(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.casefold() == "bearer":
            given = token.strip().encode()
            if hmac.compare_digest(given, self._secret.encode()):
                return True
            if hmac.compare_digest(given, self._reader_secret.encode()):
                return False
        raise Problem(401, "no-credential", f"{self.system} doesn't know this credential; send Authorization: Bearer with its token.")

    def _about(self, may_write: bool) -> Answer:
        about = {"system": self.system, "kinds": sorted(self._kinds), "may_write": may_write}
        return Answer(200, json.dumps(about).encode())

    def _perform(self, operation: Reading | Writing) -> Answer:
        if isinstance(operation, Reading):
            with self._failing(self._failures.take(writes=False)):
                return operation.run()
        try:
            failure = self._failures.take(writes=True)
            with self._failing(failure):
                return self._write(operation, refused=failure is not None and failure.mode == "refuse")
        finally:
            operation.tidy()

    @contextmanager
    def _failing(self, failure: Failure | None) -> Iterator[None]:
        mode = failure.mode if failure else ""
        if mode == "down":
            raise NoAnswer(hold=False)
        if mode == "timeout-before":
            raise NoAnswer(hold=True)
        if failure and mode == "slow":
            failure.over.wait(failure.seconds)
            if self._stopping.is_set():
                raise NoAnswer(hold=False)
        try:
            yield
        finally:
            if mode == "timeout-after":
                raise NoAnswer(hold=True)

    def _write(self, operation: Writing, *, refused: bool) -> Answer:
        try:
            if refused:
                raise Problem(422, "refused", f"{self.system} was told to refuse this.")
            with self._journal.transaction():
                done = operation.run()
                self._journal.record(operation.op, operation.key, operation.effect_key, "applied" if done.applied else "unchanged")
        except Problem:
            self._journal.record(operation.op, operation.key, operation.effect_key, "refused")
            raise
        return as_answer(done.record)
