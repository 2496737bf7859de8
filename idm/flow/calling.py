"""Calling a target: only while the claim holds, and with every ending told in the words that the engine knows."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from pathlib import PurePath
from typing import TypeVar

from idm.connector import Change, Connector, Description, Observed, Ref, Refused, Retry, TargetError, Unknown
from idm.errors import IdmError, Unavailable
from idm.ports import App

_Answer = TypeVar("_Answer")


class ClaimLost(Exception):
    """Another worker has claimed the lane: it reads what was done here before it goes on, and nothing more may be done."""


class Unexpected(Unknown):
    """A connector raised what it never should: it may have happened, and it says nothing of the target as a whole."""


class Claim:
    """A claim of this worker on a lane, which is kept for as long as calls follow each other."""

    def __init__(self, app: App, case: str, lane: str, epoch: int, since: float) -> None:
        """`since` is when its lease began, by `time.monotonic`."""
        self._app = app
        self.case = case
        self.lane = lane
        self.epoch = epoch
        self.since = since

    def keep(self, deadline: float) -> None:
        """Make sure that the lease outlasts a call of at most `deadline` seconds. Raises `ClaimLost`.

        The lease is longer than any deadline. Once half of what it is longer is gone, it is renewed, which also shows whose it is.
        """
        now = time.monotonic()
        if now - self.since <= (self._app.lease - deadline) / 2:
            return
        app = self._app
        if not app.store.renew(self.case, self.lane, self.epoch, app.owner, app.clock.machine(), app.lease):
            raise ClaimLost
        self.since = now


class Calls:
    """A connector whose calls are made under a claim (None: nobody else may work, as in a dry run)."""

    def __init__(self, connector: Connector, claim: Claim | None) -> None:
        self._connector = connector
        self._claim = claim

    def describe(self) -> Description:
        """See the protocol."""
        return self._connector.describe()

    def read(self, ref: Ref) -> Observed | None:
        """See the protocol."""
        return self._call(lambda: self._connector.read(ref))

    def perform(self, change: Change) -> str:
        """See the protocol."""
        return self._call(lambda: self._connector.perform(change))

    def _call(self, call: Callable[[], _Answer]) -> _Answer:
        if self._claim is not None:
            self._claim.keep(self._connector.describe().deadline)
        try:
            return call()
        except TargetError:
            raise
        except Unavailable as error:
            raise Retry(f"{error.message} {error.next_step}".strip(), down=False) from error
        except IdmError as error:
            raise Refused(error.message) from error
        except Exception as error:  # whatever a connector trips over is its fault, not idm's: the step must not end as idm's own
            raise Unexpected(f"the connector broke off with {place_of(error)}") from error


def place_of(error: BaseException) -> str:
    """The kind of an error and where it came from. Not its words: they may hold what was being sent."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
