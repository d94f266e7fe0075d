"""
Messages of Binance's WebSocket API and user data stream, and their bytes.

Source: developers.binance.com/docs/binance-spot-api-docs: websocket-api, user-data-stream
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from core.venues.common.wire import Frame, read

VENUE = "binance"


class ErrorData(msgspec.Struct, rename="camel"):
    """What comes with some errors."""

    server_time: int = 0
    retry_after: int = 0
    """When requests are taken again, in ms since 1970."""
    cancel_result: str = ""
    """Of `order.cancelReplace`: SUCCESS, FAILURE or NOT_ATTEMPTED."""


class ErrorBody(msgspec.Struct):
    """Why a request failed."""

    code: int = 0
    msg: str = ""
    data: ErrorData | None = None


class Message(msgspec.Struct):
    """Either the answer to the request `id`, or an event of the user data stream."""

    id: str | int | None = None
    status: int = 0
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: ErrorBody | None = None
    event: msgspec.Raw = msgspec.Raw()


class EventHead(msgspec.Struct):
    """What kind of event it is."""

    e: str = ""


class ExecutionReport(msgspec.Struct):
    """Something happened to an order of the account. Names as the documents give them."""

    symbol: str = msgspec.field(name="s")
    client_id: str = msgspec.field(name="c")
    """On a cancel that of the cancel; the order's own is then `original_client_id`."""
    side: str = msgspec.field(name="S")
    quantity: str = msgspec.field(name="q")
    price: str = msgspec.field(name="p")
    execution: str = msgspec.field(name="x")
    status: str = msgspec.field(name="X")
    order_id: int = msgspec.field(name="i")
    execution_id: int = msgspec.field(name="I")
    last_quantity: str = msgspec.field(name="l")
    filled_quantity: str = msgspec.field(name="z")
    last_price: str = msgspec.field(name="L")
    commission: str = msgspec.field(name="n")
    ts_ms: int = msgspec.field(name="T")
    trade_id: int = msgspec.field(name="t")
    is_maker: bool = msgspec.field(name="m")
    commission_asset: str | None = msgspec.field(name="N", default=None)
    original_client_id: str = msgspec.field(name="C", default="")
    reject_reason: str = msgspec.field(name="r", default="NONE")


class OrderRecord(msgspec.Struct, rename="camel"):
    """An order as requests about it show it."""

    symbol: str
    order_id: int
    client_order_id: str
    price: str
    orig_qty: str
    executed_qty: str
    status: str
    side: str
    type: str = "LIMIT"
    update_time: int = 0


class PlacedRecord(msgspec.Struct, rename="camel"):
    """The acknowledgement of an order."""

    order_id: int
    client_order_id: str = ""


class TradeRecord(msgspec.Struct, rename="camel"):
    """An execution as `myTrades` lists it."""

    symbol: str
    id: int
    order_id: int
    price: str
    qty: str
    commission: str
    commission_asset: str
    time: int
    is_buyer: bool
    is_maker: bool


class Balance(msgspec.Struct):
    """Coins of one kind."""

    asset: str
    free: str
    locked: str


class AccountRecord(msgspec.Struct):
    """The account's coins."""

    balances: list[Balance]


class ServerTime(msgspec.Struct, rename="camel"):
    """What the venue's clock shows, in ms since 1970."""

    server_time: int


class Filter(msgspec.Struct, rename="camel"):
    """A rule that orders have to keep; each kind uses some of the fields."""

    filter_type: str
    min_price: str = "0"
    max_price: str = "0"
    tick_size: str = "0"
    min_qty: str = "0"
    max_qty: str = "0"
    step_size: str = "0"
    min_notional: str = "0"
    max_notional: str = "0"


class SymbolRecord(msgspec.Struct, rename="camel"):
    """One product and its rules."""

    symbol: str
    status: str
    base_asset: str
    quote_asset: str
    filters: list[Filter] = []


class ExchangeInfo(msgspec.Struct):
    """The products that were asked for."""

    symbols: list[SymbolRecord]


_message_decoder = msgspec.json.Decoder(Message)


def encode_request(request_id: str, method: str, params: Mapping[str, Any]) -> bytes:
    """Write a request as the bytes of one frame."""
    return msgspec.json.encode({"id": request_id, "method": method, "params": params})


def decode_message(data: Frame) -> Message:
    """
    Read one frame.

    Raises:
        DecodeError: If it is no message, such as an error page.
    """
    return read(_message_decoder.decode, data, VENUE)
