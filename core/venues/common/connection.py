"""A WebSocket connection whose frames reach their reader in the callback that brought them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.frames import DATA_OPCODES, Frame
from websockets.protocol import Event, State

MAX_UNSENT_BYTES = 1 << 20
"""A peer that lets this much pile up is not reading; its orders would be stale anyway."""


class DirectConnection(ClientConnection):
    """
    Hand messages over without the library's queue, which costs a task switch.

    The library keeps the handshake, keepalive and close. An exception of a callback
    becomes `failure` and ends the connection.
    """

    def __init__(
        self,
        protocol: ClientProtocol,
        *,
        on_message: Callable[[bytes | bytearray | memoryview], None],
        on_batch_end: Callable[[int], None],
        **options: Any,
    ) -> None:
        super().__init__(protocol, **options)
        self._on_message = on_message
        self._on_batch_end = on_batch_end
        self._fragments: list[bytes] = []
        self.failure: Exception | None = None

    def process_event(self, event: Event) -> None:
        """Take data frames out of the library's way."""
        if isinstance(event, Frame) and event.opcode in DATA_OPCODES:
            self._take(event)
        else:
            super().process_event(event)

    def data_received(self, data: bytes) -> None:
        """Let the library cut the bytes into frames, then say that this was all for now."""
        if self.failure is not None:
            return
        received_ns = time.perf_counter_ns()
        try:
            super().data_received(data)
            self._on_batch_end(received_ns)
        except Exception as error:  # noqa: BLE001  whatever it is, `run` raises it again
            self.failure = error
            self.transport.abort()

    def write(self, frames: Iterable[bytes]) -> bool:
        """
        Send text frames now, in one write.

        Returns:
            False if nothing was written: the connection is closing, or the peer does not
            read, in which case the connection is dropped.
        """
        if self.protocol.state is not State.OPEN:
            return False
        if self.transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            self.transport.abort()
            return False
        for frame in frames:
            self.protocol.send_text(frame)
        self.transport.write(b"".join(self.protocol.data_to_send()))
        return True

    def _take(self, frame: Frame) -> None:
        if frame.fin and not self._fragments:
            self._on_message(frame.data)
            return
        # The library bounds the sum of the fragments by its max_size.
        self._fragments.append(bytes(frame.data))
        if frame.fin:
            whole = b"".join(self._fragments)
            self._fragments.clear()
            self._on_message(whole)
