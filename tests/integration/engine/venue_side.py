"""The account as the practice exchange keeps it: what the engine has to agree with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from websockets.sync.client import connect

from core.venues.wsx import messages as wire
from core.venues.wsx.codec import decode_server, encode


@dataclass(frozen=True)
class VenueSide:
    """One look at an account."""

    positions: dict[str, Decimal]
    """Those that are not flat, in units."""
    orders: list[str]
    """Client order ids of what rests."""
    cash: Decimal
    """All money that has come and gone."""
    last_trade_id: int


def look_at(url: str) -> VenueSide:
    """Ask an exchange for the account that the engine trades on."""
    with connect(url, compression=None, proxy=None) as connection:
        connection.send(encode(wire.Login(api_key="practice")).decode())
        while True:
            message = decode_server(connection.recv(timeout=20, decode=False))
            if isinstance(message, wire.AccountState):
                return VenueSide(
                    {
                        entry.symbol: Decimal(entry.quantity)
                        for entry in message.positions
                        if Decimal(entry.quantity)
                    },
                    [order.client_order_id for order in message.orders],
                    Decimal(message.cash),
                    message.last_trade_id,
                )
