"""A port that a test got stays its own while its server stops and starts again."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from tests.servers.ports import free_port

_TAKE = "import socket, sys; socket.socket().bind(('127.0.0.1', int(sys.argv[1])))"


def serve(port: int) -> None:
    """A server's life: listen, talk with one client, and end first, so that its side of the connection lingers."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen()
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()


def test_a_server_comes_and_goes_on_its_port_and_no_other_test_gets_it_meanwhile() -> None:
    port = free_port()
    serve(port)
    other = subprocess.run([sys.executable, "-c", _TAKE, str(port)], capture_output=True, text=True, check=False)
    assert "Address already in use" in other.stderr
    with pytest.raises(OSError, match="Address already in use"), socket.socket() as here:
        here.bind(("127.0.0.1", port))
    serve(port)
