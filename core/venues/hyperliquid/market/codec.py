"""
Hyperliquid's market data messages.

Source: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.domain.errors import DecodeError
from core.venues.common.wire import Count, Frame, read
from core.venues.market.side import TextLevel
from core.venues.market.times import MAX_MS

VENUE = "hyperliquid"

_Time = Annotated[int, msgspec.Meta(ge=0, le=MAX_MS)]


class Level(msgspec.Struct, gc=False):
    """A price and the whole size there."""

    px: str
    sz: str


class Book(msgspec.Struct):
    """A whole book of at most 20 levels a side: bids, then asks."""

    coin: str
    time: _Time
    levels: tuple[list[Level], list[Level]]


class Trade(msgspec.Struct):
    """A public trade; side A: the seller attacked, B: the buyer."""

    coin: str
    side: str
    px: str
    sz: str
    time: _Time
    tid: Count


class Message(msgspec.Struct):
    """One frame."""

    channel: str
    data: msgspec.Raw = msgspec.Raw()


class _Subscription(msgspec.Struct):
    type: str = ""
    coin: str = ""


class Subscribed(msgspec.Struct):
    """The answer to a subscription."""

    method: str = ""
    subscription: _Subscription = msgspec.field(default_factory=_Subscription)


_message_decoder = msgspec.json.Decoder(Message)
_book_decoder = msgspec.json.Decoder(Book)
_trade_decoder = msgspec.json.Decoder(list[Trade])
_subscribed_decoder = msgspec.json.Decoder(Subscribed)
_text_decoder = msgspec.json.Decoder(str)


def decode(data: Frame) -> Message:
    """
    Read a frame.

    Raises:
        DecodeError: If it is not a message of Hyperliquid.
    """
    return read(_message_decoder.decode, data, VENUE)


def decode_book(message: Message) -> Book:
    """
    Read a book.

    Raises:
        DecodeError: If it is none.
    """
    return read(_book_decoder.decode, memoryview(message.data), VENUE)


def decode_trades(message: Message) -> list[Trade]:
    """
    Read trades.

    Raises:
        DecodeError: If it is none.
    """
    return read(_trade_decoder.decode, memoryview(message.data), VENUE)


def decode_subscribed(message: Message) -> Subscribed:
    """Read what was subscribed to; empty where it is not told."""
    try:
        return read(_subscribed_decoder.decode, memoryview(message.data), VENUE)
    except DecodeError:
        return Subscribed()


def decode_text(message: Message) -> str:
    """Read the sentence of an error; its raw form where it is none."""
    try:
        return read(_text_decoder.decode, memoryview(message.data), VENUE)
    except DecodeError:
        return bytes(message.data).decode("utf-8", "replace")


def texts(levels: list[Level]) -> list[TextLevel]:
    """Levels as texts."""
    return [(level.px, level.sz) for level in levels]


def subscription(method: str, kind: str, coin: str) -> bytes:
    """Write a request for a stream, or against it."""
    return msgspec.json.encode({"method": method, "subscription": {"type": kind, "coin": coin}})


PING = b'{"method":"ping"}'
