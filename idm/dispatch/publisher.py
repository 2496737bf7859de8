"""The publisher: one message per lane of a case, confirmed by the broker before it counts as sent."""

from __future__ import annotations

from collections.abc import Sequence

from celery import Celery
from kombu import pools
from kombu.exceptions import KombuError

from idm.dispatch.app import ADVANCE, OTHERS, queue_name
from idm.errors import Unavailable


class CeleryPublisher:
    """`idm.ports.Publisher` over a Celery app."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._known = {queue.name for queue in app.conf.task_queues}

    def publish(self, runs: Sequence[tuple[str, str]]) -> None:
        """See the protocol."""
        try:
            with pools.producers[self._app.connection_for_write()].acquire(block=True, timeout=5) as producer:
                for case, lane in runs:
                    queue = queue_name(lane)
                    self._app.send_task(
                        ADVANCE,
                        args=(case, lane),
                        queue=queue if queue in self._known else queue_name(OTHERS),
                        producer=producer,
                        retry=False,
                    )
        except (OSError, KombuError) as error:
            raise Unavailable("The broker can't be reached.", next_step="Start it, or correct IDM_BROKER_URL; nothing is lost.") from error
