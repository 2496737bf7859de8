"""What connectors to systems behind HTTP share: calls that end in time, one reading of answers, and the record interface."""

from __future__ import annotations

from idm.connector_http.client import DEADLINE, HttpClient, NoRecord, Reply, Settings
from idm.connector_http.records import RecordClient

__all__ = ["DEADLINE", "HttpClient", "NoRecord", "RecordClient", "Reply", "Settings"]
