"""
Binance's market data messages.

Source: Web Socket Streams for Binance, and Market Data endpoints of its REST API,
https://developers.binance.com/docs/binance-spot-api-docs. Field names are Binance's own
letters.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.domain.errors import DecodeError
from core.venues.common.wire import Count, Frame, read
from core.venues.market.side import TextLevel
from core.venues.market.times import NS_PER_MS

VENUE = "binance"

Code = Annotated[int, msgspec.Meta(ge=-(1 << 31), le=1 << 31)]

_Side = list[TextLevel] | str

_FIRST_MICROSECOND = 10**14
"""As milliseconds this is the year 5138: a larger time counts microseconds."""


class Payload(msgspec.Struct):
    """What depthUpdate, trade and serverShutdown say, and a book of few levels."""

    e: str = ""
    E: Count = 0
    T: Count = 0
    s: str = ""
    U: Count = 0
    u: Count = 0
    pu: Count | None = None
    b: _Side = ""
    a: _Side = ""
    t: Count = 0
    p: str = ""
    q: str = ""
    m: bool = False
    lastUpdateId: Count = 0  # noqa: N815  the venue's own name
    bids: tuple[TextLevel, ...] = ()
    asks: tuple[TextLevel, ...] = ()


class Fault(msgspec.Struct):
    """Why a request was refused."""

    code: Code = 0
    msg: str = ""


class Message(Payload):
    """One frame: a payload with or without the name of its stream, or an answer to us."""

    stream: str = ""
    data: Payload | None = None
    id: int | str | None = None
    code: Code = 0
    msg: str = ""
    error: Fault | None = None


class Snapshot(msgspec.Struct):
    """A book by REST."""

    lastUpdateId: Count  # noqa: N815  the venue's own name
    bids: tuple[TextLevel, ...]
    asks: tuple[TextLevel, ...]


class _Label(msgspec.Struct):
    """What a frame is about, where the rest of it is not as expected."""

    stream: str = ""
    e: str = ""


_message_decoder = msgspec.json.Decoder(Message)
_label_decoder = msgspec.json.Decoder(_Label)
_snapshot_decoder = msgspec.json.Decoder(Snapshot)
_fault_decoder = msgspec.json.Decoder(Fault)

_OURS = ("depthUpdate", "trade", "serverShutdown")


def decode(data: Frame) -> Message | None:
    """
    Read a frame; None for a stream that is not ours.

    Raises:
        DecodeError: If it is not a message of Binance.
    """
    try:
        return read(_message_decoder.decode, data, VENUE)
    except DecodeError:
        if _is_of_another_stream(data):
            return None
        raise


def decode_snapshot(data: bytes) -> Snapshot:
    """
    Read a book by REST.

    Raises:
        DecodeError: If it is not one.
    """
    return read(_snapshot_decoder.decode, data, VENUE)


def decode_fault(data: bytes) -> Fault:
    """Read a refusal by REST; an empty one where it is none."""
    try:
        return _fault_decoder.decode(data)
    except (ValueError, RecursionError):
        return Fault()


def request(method: str, streams: list[str], request_id: int) -> bytes:
    """Write a request about streams."""
    return msgspec.json.encode({"method": method, "params": streams, "id": request_id})


def time_ns(value: int) -> int:
    """Nanoseconds of a time in milliseconds or, where the stream was asked so, microseconds."""
    ns = value * (NS_PER_MS if value < _FIRST_MICROSECOND else 1_000)
    return ns if ns < 1 << 63 else 0


def _is_of_another_stream(data: Frame) -> bool:
    try:
        label = _label_decoder.decode(data)
    except (ValueError, RecursionError):
        return False
    if label.stream:
        return not any(mark in label.stream for mark in ("@depth", "@trade", "serverShutdown"))
    return label.e != "" and label.e not in _OURS
