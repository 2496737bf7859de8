"""Dispatch: the Celery app, its queues, the publisher, and a worker that runs in threads. A message carries ids only."""
