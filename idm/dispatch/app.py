"""The Celery app: one task, one queue per lane, quorum queues on RabbitMQ, kombu's memory transport in one process."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from celery import Celery
from kombu import Exchange, Queue

ADVANCE = "idm.advance"
"""The name of the one task: advance a lane of a case. Its arguments are the ids of both."""
OTHERS = "default"
"""The lane whose queue takes what no queue is known for: a system that came or went while this process ran."""
_EXCHANGE = Exchange("idm", type="topic", durable=True)


def queue_name(lane: str) -> str:
    """The queue of a lane."""
    return f"idm.{lane}"


def make_celery(broker_url: str, lanes: Iterable[str], advance: Callable[[str, str], object] | None = None) -> Celery:
    """The app for `broker_url` with a queue for each of `lanes`. `advance` is what the task does, in a process that works."""
    embedded = broker_url.startswith("memory:")
    # kombu complains of a broker without a host, also where there is none.
    app = Celery("idm", broker="memory://localhost" if embedded else broker_url, set_as_current=False)
    arguments = {} if embedded else {"x-queue-type": "quorum"}
    app.conf.update(
        task_queues=[
            Queue(queue_name(lane), _EXCHANGE, routing_key=queue_name(lane), queue_arguments=arguments or None)
            for lane in sorted({*lanes, OTHERS})
        ],
        task_default_queue=queue_name(OTHERS),
        task_create_missing_queues=False,
        task_ignore_result=True,
        task_acks_late=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_detect_quorum_queues=not embedded,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=4,
        # A broker that is away for a day must not leave a worker that has given up.
        broker_connection_max_retries=None,
        broker_transport_options={"polling_interval": 0.01} if embedded else {"confirm_publish": True},
    )
    if embedded:
        app.conf.broker_transport = "idm.dispatch.memory:Transport"
    if advance is not None:
        # Not shared: each app of a process has its own, of its own installation.
        app.task(name=ADVANCE, ignore_result=True, shared=False)(advance)
    return app
