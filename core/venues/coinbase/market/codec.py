"""
Coinbase Advanced Trade's market data messages.

Source: https://docs.cdp.coinbase.com/advanced-trade/docs/ws-channels
"""

from __future__ import annotations

import msgspec

from core.domain.errors import DecodeError
from core.venues.common.wire import Count, Frame, read

VENUE = "coinbase"

_MAX_DIGITS = 18


class Update(msgspec.Struct, gc=False):
    """A price and the whole size there, on the side `bid` or `offer`."""

    side: str
    price_level: str
    new_quantity: str


class BookEvent(msgspec.Struct):
    """A snapshot or an update of one book."""

    type: str = ""
    product_id: str = ""
    updates: list[Update] = []


class Trade(msgspec.Struct):
    """A public trade; `side` is the maker's."""

    product_id: str
    trade_id: str
    price: str
    size: str
    side: str
    time: str = ""


class TradeEvent(msgspec.Struct):
    """Trades, newest first."""

    type: str = ""
    trades: list[Trade] = []


class Heartbeat(msgspec.Struct):
    """One a second."""

    heartbeat_counter: str | Count = ""


class Subscriptions(msgspec.Struct):
    """Products by channel, as subscribed to so far."""

    subscriptions: dict[str, list[str] | None] = {}


class Message(msgspec.Struct):
    """One frame."""

    channel: str = ""
    timestamp: str = ""
    sequence_num: Count | None = None
    events: msgspec.Raw = msgspec.Raw()
    type: str = ""
    message: str = ""


_message_decoder = msgspec.json.Decoder(Message)
_book_decoder = msgspec.json.Decoder(list[BookEvent])
_trade_decoder = msgspec.json.Decoder(list[TradeEvent])
_heartbeat_decoder = msgspec.json.Decoder(list[Heartbeat])
_subscriptions_decoder = msgspec.json.Decoder(list[Subscriptions])


def decode(data: Frame) -> Message:
    """
    Read a frame.

    Raises:
        DecodeError: If it is not a message of Coinbase.
    """
    return read(_message_decoder.decode, data, VENUE)


def decode_books(message: Message) -> list[BookEvent]:
    """
    Read the content of `l2_data`.

    Raises:
        DecodeError: If it is none.
    """
    return read(_book_decoder.decode, memoryview(message.events), VENUE)


def decode_trades(message: Message) -> list[TradeEvent]:
    """
    Read the content of `market_trades`.

    Raises:
        DecodeError: If it is none.
    """
    return read(_trade_decoder.decode, memoryview(message.events), VENUE)


def decode_heartbeat(message: Message) -> int | None:
    """Read the counter of a heartbeat; None where it is none."""
    try:
        every = read(_heartbeat_decoder.decode, memoryview(message.events), VENUE)
    except DecodeError:
        return None
    text = str(every[0].heartbeat_counter) if every else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _MAX_DIGITS else None


def decode_subscriptions(message: Message) -> dict[str, list[str] | None]:
    """Read what is subscribed to; empty where it is not told."""
    try:
        every = read(_subscriptions_decoder.decode, memoryview(message.events), VENUE)
    except DecodeError:
        return {}
    return every[0].subscriptions if every else {}


def request(method: str, channel: str, products: list[str]) -> bytes:
    """Write a request about one channel."""
    wanted: dict[str, object] = {"type": method, "channel": channel}
    if products:
        wanted["product_ids"] = products
    return msgspec.json.encode(wanted)
