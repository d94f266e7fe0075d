"""
Messages of Kraken's private WebSocket API v2, and their bytes.

Prices and quantities are JSON numbers; they are read as the decimals that are written.

Source: docs.kraken.com/api/docs/websocket-v2: add_order, executions, balances
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from core.venues.common.wire import Frame, read

VENUE = "kraken"


class Message(msgspec.Struct):
    """The answer to a request (`method`), or news of a channel."""

    method: str = ""
    req_id: int = 0
    success: bool = True
    error: str = ""
    result: msgspec.Raw = msgspec.Raw()
    channel: str = ""
    type: str = ""
    data: msgspec.Raw = msgspec.Raw()
    sequence: int = 0


class Fee(msgspec.Struct):
    """What an execution cost in one asset."""

    asset: str
    qty: Decimal


class Execution(msgspec.Struct):
    """Something happened to an order. Fields that did not change may be missing."""

    order_id: str
    exec_type: str
    timestamp: str = ""
    cl_ord_id: str = ""
    symbol: str = ""
    side: str = ""
    order_status: str = ""
    order_qty: Decimal | None = None
    cum_qty: Decimal | None = None
    limit_price: Decimal | None = None
    time_in_force: str = ""
    exec_id: str = ""
    trade_id: int = 0
    last_qty: Decimal = Decimal(0)
    last_price: Decimal = Decimal(0)
    liquidity_ind: str = ""
    fees: list[Fee] = []
    reason: str = ""


class Balance(msgspec.Struct):
    """Coins of one kind."""

    asset: str
    balance: Decimal


class Status(msgspec.Struct):
    """What the exchange takes at the moment."""

    system: str = ""


class Placed(msgspec.Struct):
    """The acknowledgement of an order."""

    order_id: str = ""


_encoder = msgspec.json.Encoder(decimal_format="number")
_message_decoder = msgspec.json.Decoder(Message)


def encode_request(method: str, params: Mapping[str, Any], req_id: int) -> bytes:
    """Write a request as the bytes of one frame."""
    return _encoder.encode({"method": method, "params": params, "req_id": req_id})


def decode_message(data: Frame) -> Message:
    """
    Read one frame.

    Raises:
        DecodeError: If it is no message, such as an error page.
    """
    return read(_message_decoder.decode, data, VENUE)
