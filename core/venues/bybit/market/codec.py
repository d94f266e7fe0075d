"""
Bybit's market data messages, version 5, spot.

Source: https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook and /trade
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.venues.common.wire import Count, Frame, read
from core.venues.market.side import TextLevel
from core.venues.market.times import MAX_MS

VENUE = "bybit"

_Time = Annotated[int, msgspec.Meta(ge=0, le=MAX_MS)]


class Book(msgspec.Struct):
    """A snapshot or a delta of one book."""

    s: str
    u: Count
    b: list[TextLevel] = []
    a: list[TextLevel] = []


class Trade(msgspec.Struct):
    """A public trade; `S` is the taker's side."""

    T: _Time
    s: str
    S: str
    v: str
    p: str
    i: str


class Message(msgspec.Struct):
    """One frame: news of a topic, or an answer to us."""

    topic: str = ""
    type: str = ""
    ts: _Time = 0
    cts: _Time = 0
    data: msgspec.Raw = msgspec.Raw()
    op: str = ""
    success: bool | None = None
    ret_msg: str | None = None
    req_id: str | None = None


_message_decoder = msgspec.json.Decoder(Message)
_book_decoder = msgspec.json.Decoder(Book)
_trade_decoder = msgspec.json.Decoder(list[Trade])


def decode(data: Frame) -> Message:
    """
    Read a frame.

    Raises:
        DecodeError: If it is not a message of Bybit.
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


def is_pong(message: Message) -> bool:
    """Whether it answers a ping, in one of the three ways in which Bybit does."""
    return message.op == "pong" or (message.op == "ping" and message.ret_msg == "pong")


def request(op: str, topic: str) -> bytes:
    """Write a request about one topic, which is its id too."""
    return msgspec.json.encode({"req_id": topic, "op": op, "args": [topic]})


PING = b'{"req_id":"ping","op":"ping"}'
