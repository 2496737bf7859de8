"""Real servers, started by hand for a test session: own folder, own loopback ports, nothing left behind.

Each server is one class with `start`, `stop`, `kill_hard` and a context manager. `NotInstalled` says that the machine
lacks its programs, and how to get them.
"""

from __future__ import annotations


class NotInstalled(Exception):
    """The programs of a server aren't on this machine; the text says how to get them."""
