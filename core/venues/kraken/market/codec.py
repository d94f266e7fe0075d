"""
Kraken's market data messages, version 2.

Source: https://docs.kraken.com/api/docs/websocket-v2/book and /trade. Prices and quantities
are JSON numbers whose digits, trailing zeros included, are part of the checksum: they are
taken out of the message as text.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from core.domain.errors import DecodeError
from core.venues.common.wire import Count, Frame, read
from core.venues.market.side import TextLevel
from core.venues.market.units import decimal

VENUE = "kraken"


class Level(msgspec.Struct, gc=False):
    """A price and the whole quantity there."""

    price: msgspec.Raw
    qty: msgspec.Raw


class Book(msgspec.Struct):
    """A snapshot or an update of one book."""

    symbol: str
    bids: list[Level] = []
    asks: list[Level] = []
    checksum: Count | None = None
    timestamp: str = ""


class Trade(msgspec.Struct):
    """A public trade."""

    symbol: str
    side: str
    price: msgspec.Raw
    qty: msgspec.Raw
    trade_id: Count
    timestamp: str = ""


class Pair(msgspec.Struct):
    """What the instrument channel says of a pair."""

    symbol: str
    price_precision: Count | None = None
    qty_precision: Count | None = None


class Pairs(msgspec.Struct):
    """Content of the instrument channel."""

    pairs: list[Pair] = []


class Status(msgspec.Struct):
    """State of the trading system."""

    system: str = ""


class Message(msgspec.Struct):
    """One frame: news of a channel, or an answer to us."""

    channel: str = ""
    type: str = ""
    data: msgspec.Raw = msgspec.Raw()
    method: str = ""
    success: bool | None = None
    error: str | None = None
    symbol: str = ""
    result: msgspec.Raw = msgspec.Raw()
    req_id: Count | None = None
    time_in: str = ""


class Result(msgspec.Struct):
    """What was subscribed to."""

    channel: str = ""
    symbol: str = ""
    depth: Count = 0


_message_decoder = msgspec.json.Decoder(Message)
_book_decoder = msgspec.json.Decoder(list[Book])
_trade_decoder = msgspec.json.Decoder(list[Trade])
_pairs_decoder = msgspec.json.Decoder(Pairs)
_status_decoder = msgspec.json.Decoder(list[Status])
_result_decoder = msgspec.json.Decoder(Result)


def decode(data: Frame) -> Message:
    """
    Read a frame.

    Raises:
        DecodeError: If it is not a message of Kraken.
    """
    return read(_message_decoder.decode, data, VENUE)


def decode_books(message: Message) -> list[Book]:
    """
    Read the content of the book channel.

    Raises:
        DecodeError: If it is none.
    """
    return read(_book_decoder.decode, memoryview(message.data), VENUE)


def decode_trades(message: Message) -> list[Trade]:
    """
    Read the content of the trade channel.

    Raises:
        DecodeError: If it is none.
    """
    return read(_trade_decoder.decode, memoryview(message.data), VENUE)


def decode_pairs(message: Message) -> list[Pair]:
    """Read the content of the instrument channel; empty where it is none."""
    try:
        return read(_pairs_decoder.decode, memoryview(message.data), VENUE).pairs
    except DecodeError:
        return []


def decode_status(message: Message) -> str:
    """Read the state of the trading system; empty where it is not told."""
    try:
        every = read(_status_decoder.decode, memoryview(message.data), VENUE)
    except DecodeError:
        return ""
    return every[0].system if every else ""


def decode_result(message: Message) -> Result:
    """Read what was subscribed to; empty where it is not told."""
    try:
        return read(_result_decoder.decode, memoryview(message.result), VENUE)
    except DecodeError:
        return Result()


def subscription(method: str, params: dict[str, object], request_id: int) -> bytes:
    """Write a request for a channel, or against it."""
    return msgspec.json.encode({"method": method, "params": params, "req_id": request_id})


def ping(request_id: int) -> bytes:
    """Write a ping."""
    return msgspec.json.encode({"method": "ping", "req_id": request_id})


@lru_cache(maxsize=1 << 16)
def literal(raw: bytes, decimals: int) -> str:
    """
    Text of a number: its own digits, without an exponent, with at least so many decimals.

    Raises:
        DecodeError: If it is not a plain number that is not negative.
    """
    text = raw.decode("ascii", "replace").strip('"')
    if "e" in text or "E" in text:
        text = format(decimal(text, "number", VENUE), "f")
    _, point, fraction = text.partition(".")
    if len(fraction) < decimals:
        text += ("" if point else ".") + "0" * (decimals - len(fraction))
    return text


def texts(levels: list[Level], price_decimals: int, qty_decimals: int) -> list[TextLevel]:
    """
    Levels as texts.

    Raises:
        DecodeError: If one is not a number.
    """
    return [
        (literal(bytes(level.price), price_decimals), literal(bytes(level.qty), qty_decimals))
        for level in levels
    ]
