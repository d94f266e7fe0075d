"""Server-Sent Events: chunks of bytes to events. No socket, no clock."""

from __future__ import annotations

from typing import NamedTuple

from core.domain.errors import DecodeError

MAX_EVENT_BYTES = 1 << 22
"""An event that grows beyond this is somebody filling our memory."""


class ServerEvent(NamedTuple):
    """One event."""

    name: str
    """`message` where the server names none."""
    data: bytes


class EventParser:
    """
    Cut a stream into events, as the HTML standard says (section 9.2.6).

    Lines may end in LF, CR or CR LF, and in the middle of a chunk; comments and fields
    other than `event` and `data` are passed over.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._name = ""
        self._data: list[bytes] = []
        self._size = 0
        self._is_first = True

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """
        Take bytes in; return the events that they complete.

        Raises:
            DecodeError: If an event has no end. The stream is of no use any more.
        """
        data = self._rest + chunk
        if self._is_first and len(data) >= 3:
            data = data.removeprefix(b"\xef\xbb\xbf")
            self._is_first = False
        # A CR at the end may be the first half of CR LF.
        held = b"\r" if data.endswith(b"\r") else b""
        lines = data[: len(data) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *whole, rest = lines.split(b"\n")
        self._rest = rest + held
        events = [event for line in whole if (event := self._take(line)) is not None]
        if self._size + len(self._rest) > MAX_EVENT_BYTES:
            raise DecodeError("stream", f"an event of more than {MAX_EVENT_BYTES} bytes")
        return events

    def _take(self, line: bytes) -> ServerEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._size += len(value)
        elif field == b"event":
            self._name = value.decode(errors="replace")
        return None

    def _dispatch(self) -> ServerEvent | None:
        name, data = self._name, self._data
        self._name, self._data, self._size = "", [], 0
        return ServerEvent(name or "message", b"\n".join(data)) if data else None
