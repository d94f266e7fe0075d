"""A WebSocket connection whose frames reach their reader in the callback that brought them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.frames import DATA_OPCODES, Frame
from websockets.protocol import Event, State

OPEN_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 1.0
KEEPALIVE_S = 20.0
"""Pause between two pings of the library's, and how long an answer may take."""

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
        """Let the library cut the bytes into frames, then say that no more has come."""
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


async def open_connection(
    url: str,
    *,
    on_message: Callable[[bytes | bytearray | memoryview], None],
    on_batch_end: Callable[[int], None],
    max_message_bytes: int,
    compression: Literal["deflate"] | None = None,
    keepalive_s: float = KEEPALIVE_S,
) -> DirectConnection:
    """
    Connect, over the proxy of the environment unless it is this machine that is meant.

    Args:
        url: `ws://` or `wss://`.
        on_message: Takes each message.
        on_batch_end: Told the time of receipt after the last message of a chunk.
        max_message_bytes: A longer message ends the connection.
        compression: `deflate`, or None for none.
        keepalive_s: See `KEEPALIVE_S`.

    Raises:
        OSError, InvalidHandshake: If there is nobody, or somebody else.
    """

    def factory(protocol: ClientProtocol, **options: Any) -> DirectConnection:
        return DirectConnection(
            protocol, on_message=on_message, on_batch_end=on_batch_end, **options
        )

    connection = await connect(
        url,
        # The library asks for a class, and only ever calls it.
        create_connection=cast("type[ClientConnection]", factory),
        compression=compression,
        proxy=None if _is_this_machine(url) else True,
        max_size=max_message_bytes,
        open_timeout=OPEN_TIMEOUT_S,
        close_timeout=CLOSE_TIMEOUT_S,
        ping_interval=keepalive_s,
        ping_timeout=keepalive_s,
    )
    return cast("DirectConnection", connection)


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    with contextlib.suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"
