"""
The objects that the CMI side sends, with exactly the fields that CMI sends.

Prices are JSON numbers with a decimal point, `27.0`, and as keys of a book their text;
volumes are whole numbers.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.exchange.account import Order
from core.exchange.config import Product
from core.exchange.market import Market
from core.venues.cmi.codec import encode, time_text
from core.venues.wsx import messages as wsx

SIDES = {1: "BUY", -1: "SELL"}
SOMEBODY = "MARKET"
"""Name of whoever did not come over CMI, in the trades of the whole market."""

Row = dict[str, Any]


def number(value: Decimal) -> Decimal:
    """A price or size that is not whole by its nature, with at least one decimal place."""
    value = value.normalize()
    return value if int(value.as_tuple().exponent) < 0 else value.quantize(Decimal("0.1"))


def product(item: Product) -> Row:
    """One row of `GET /product`."""
    return {
        "symbol": item.instrument.symbol,
        "tickSize": number(item.instrument.tick_size),
        "startingPrice": number(item.start_price),
        "contractSize": number(item.instrument.multiplier),
    }


def order(market: Market, held: Order, filled_lots: int, ts_ns: int) -> Row:
    """The answer to a new order, and one row of the open ones."""
    is_partly = held.filled_lots > 0
    return {
        "id": str(held.order_id),
        "status": "PART_FILLED" if is_partly else "ACTIVE",
        "product": market.symbol,
        "side": SIDES[held.side],
        "price": number(market.product.instrument.to_price(held.price_ticks)),
        "volume": volume(market, held.leaves_lots),
        "filled": volume(market, filled_lots),
        "user": held.account.key,
        "timestamp": time_text(ts_ns),
        "targetUser": None,
        "message": None,
    }


def volume(market: Market, lots: int) -> int | Decimal:
    """A size as CMI has it: whole, where the product's lots are."""
    quantity = market.product.instrument.to_quantity(lots)
    return int(quantity) if quantity == quantity.to_integral_value() else quantity.normalize()


def stream_book(market: Market, own: dict[tuple[int, int], int]) -> bytes:
    """
    Data of an `order` event.

    Args:
        market: Whose book.
        own: The user's lots by side and price in ticks.
    """
    sides = [
        {
            str(number(market.product.instrument.to_price(ticks))): {
                "marketVolume": volume(market, lots),
                "userVolume": volume(market, own.get((side, ticks), 0)),
            }
            for ticks, lots in market.levels(side)
        }
        for side in (1, -1)
    ]
    return encode(
        {
            "productsymbol": market.symbol,
            "tickSize": number(market.product.instrument.tick_size),
            "buyOrders": sides[0],
            "sellOrders": sides[1],
        }
    )


def rest_book(market: Market, own: dict[tuple[int, int], int]) -> Row:
    """The polled book: other names, and lists."""
    sides = [
        [
            {
                "price": number(market.product.instrument.to_price(ticks)),
                "volume": volume(market, lots),
                "userOrderVolume": volume(market, own.get((side, ticks), 0)),
            }
            for ticks, lots in market.levels(side)
        ]
        for side in (1, -1)
    ]
    return {
        "product": market.symbol,
        "tickSize": number(market.product.instrument.tick_size),
        "buy": sides[0],
        "sell": sides[1],
    }


def trade(print_: wsx.PublicTrade, timestamp: str, session: str) -> Row:
    """One row of `GET /trade`; the names of those who traded are put in as they are heard."""
    return {
        "timestamp": timestamp,
        "sessionId": session,
        "product": print_.symbol,
        "buyer": SOMEBODY,
        "seller": SOMEBODY,
        "aggressor": SOMEBODY,
        "volume": _whole(print_.quantity),
        "price": number(Decimal(print_.price)),
    }


def own_fill(row: Row, name: str) -> Row:
    """The same trade as its party hears of it: everybody else's name is left out."""
    return {
        **row,
        **{role: name if row[role] == name else "" for role in ("buyer", "seller", "aggressor")},
    }


def _whole(text: str) -> int | Decimal:
    quantity = Decimal(text)
    return int(quantity) if quantity == quantity.to_integral_value() else quantity
