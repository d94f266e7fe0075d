"""A client at the other end of a socket."""

from __future__ import annotations

from core.exchange.fault_panel import FaultPanel
from core.exchange.server import SocketPeer


class Transport:
    def __init__(self, unsent_bytes: int) -> None:
        self.unsent_bytes = unsent_bytes
        self.is_aborted = False

    def get_write_buffer_size(self) -> int:
        return self.unsent_bytes

    def abort(self) -> None:
        self.is_aborted = True


class Connection:
    def __init__(self, unsent_bytes: int) -> None:
        self.transport = Transport(unsent_bytes)


def test_a_client_with_too_much_unread_is_dropped() -> None:
    connection = Connection(unsent_bytes=1001)
    SocketPeer(connection, 1000, FaultPanel(None)).send(b"{}")
    assert connection.transport.is_aborted
