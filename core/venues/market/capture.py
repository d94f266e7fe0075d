"""Reads captured streams: one message a line, behind the time at which it came."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path

import msgspec

from core.domain.errors import DataError
from core.venues.market.times import NS_PER_S

_MAX_LINE_BYTES = 64 << 20
_UNITS = ((10**11, NS_PER_S), (10**14, 1_000_000), (10**17, 1_000))
"""A time below the first is in seconds, and so on: ms, us, and ns above them all."""

_GZIP = b"\x1f\x8b"
_AROUND = " \t:,[]<>\"'"


_TIME_KEYS = frozenset(
    {"ts", "t", "time", "timestamp", "received", "received_at", "recv_ts", "recv_time",
     "received_ns", "recv_ts_ns", "local_ts", "local_timestamp"}
)  # fmt: skip
_MESSAGE_KEYS = frozenset({"msg", "message", "data", "payload", "raw", "frame"})
_ASKING = frozenset({"subscribe", "unsubscribe", "ping"})
_ANSWERING = frozenset({"result", "success", "error", "ret_msg"})
_LONGEST_REQUEST_BYTES = 16_384


def read_capture(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """
    Read the lines of a capture, compressed or not.

    Lines are `<time> <JSON>` or `<time>: <JSON>`, or an object that holds a time and a
    message, such as `{"ts": .., "msg": {..}}`. The time counts seconds, milliseconds,
    microseconds or nanoseconds since 1970, which its size tells, or is written as ISO 8601
    or as a time of day. A line without one came with the line before. What the recorder
    asked of the venue is passed over.

    Yields:
        Time of receipt in ns and the message; None for a line that holds no message.

    Raises:
        DataError: If the file cannot be read.
    """
    last_ns = 0
    try:
        with path.open("rb") as start:
            is_packed = start.read(2) == _GZIP
        with gzip.open(path) if is_packed else path.open("rb") as lines:
            while line := lines.readline(_MAX_LINE_BYTES):
                if not line.strip():
                    continue
                found = parse_line(line, last_ns)
                if found is None:
                    yield last_ns, None
                elif not _is_request(found[1]):
                    last_ns = max(last_ns, found[0])
                    yield last_ns, found[1]
    except (OSError, EOFError) as error:
        raise DataError(path, f"cannot be read to its end: {error}") from error


def parse_line(line: bytes, last_ns: int = 0) -> tuple[int, bytes] | None:
    """
    Split a line into its time in ns and its message.

    Args:
        line: As `read_capture` tells.
        last_ns: For a line without a time.
    """
    start = line.find(b"{")
    if start < 0:
        return None
    stamp = line[:start].decode("ascii", "replace").strip(_AROUND)
    message = line[start:].strip()
    if not stamp:
        return _unwrapped(message) or (last_ns, message)
    ns = _time_ns(stamp)
    if ns is None:
        # A word may stand between them: who said it, or over which connection.
        ns = _time_ns(stamp.split()[0].strip(_AROUND))
    return None if ns is None else (ns, message)


def _unwrapped(line: bytes) -> tuple[int, bytes] | None:
    """Take a message out of an object that holds nothing but it and its time."""
    try:
        fields = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError):
        return None
    times, messages = list(_TIME_KEYS & fields.keys()), list(_MESSAGE_KEYS & fields.keys())
    if len(fields) != 2 or len(times) != 1 or len(messages) != 1:
        return None
    ns = _time_ns(bytes(fields[times[0]]).decode("ascii", "replace").strip('"'))
    message = bytes(fields[messages[0]])
    if message[:1] == b'"':
        message = msgspec.json.decode(message, type=str).encode()
    return None if ns is None else (ns, message)


def _is_request(message: bytes) -> bool:
    """Whether a message is what a client asks: recorders often write down both sides."""
    if len(message) > _LONGEST_REQUEST_BYTES or (
        b"method" not in message and (b'"op"' not in message and b'"type"' not in message)
    ):
        return False
    try:
        fields = msgspec.json.decode(message)
    except (ValueError, RecursionError):
        return False
    if not isinstance(fields, dict) or not _ANSWERING.isdisjoint(fields):
        return False
    asked = (fields.get(name) for name in ("method", "op", "type"))
    return any(isinstance(word, str) and word.lower() in _ASKING for word in asked)


def _time_ns(text: str) -> int | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return _iso_ns(text)
    if not (number.is_finite() and 0 <= number < 1 << 63):
        return None
    unit = next((unit for bound, unit in _UNITS if number < bound), 1)
    return int(number * unit)


def _iso_ns(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            clock = time.fromisoformat(text)
        except ValueError:
            return None
        moment = datetime.combine(datetime(1970, 1, 1, tzinfo=UTC), clock)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    whole = int(moment.replace(microsecond=0).timestamp())
    return max(0, whole * NS_PER_S + moment.microsecond * 1_000)
