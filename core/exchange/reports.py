"""What the exchange says, made of what it knows."""

from __future__ import annotations

from core.domain.enums import RejectReason
from core.exchange.account import Order
from core.exchange.config import Product
from core.exchange.market import Execution, Market
from core.venues.common.grid import money_text, plain
from core.venues.wsx import messages as wire

SIDE_TEXTS: dict[int, wire.SideText] = {1: "buy", -1: "sell"}


def product(product: Product) -> wire.Product:
    """Tell a product's rules."""
    instrument = product.instrument
    return wire.Product(
        symbol=instrument.symbol,
        tick_size=plain(instrument.tick_size),
        lot_size=plain(instrument.lot_size),
        multiplier=plain(instrument.multiplier),
        position_limit=plain(instrument.to_quantity(instrument.position_limit_lots)),
        maker_fee_bps=str(instrument.maker_fee_bps),
        taker_fee_bps=str(instrument.taker_fee_bps),
    )


def open_order(market: Market, order: Order) -> wire.OpenOrder:
    """Tell of an order that rests."""
    grid = market.grid
    return wire.OpenOrder(
        order_id=order.order_id,
        client_order_id=order.client_order_id,
        symbol=market.symbol,
        side=SIDE_TEXTS[order.side],
        price=grid.price(order.price_ticks),
        quantity=grid.quantity(order.lots),
        leaves=grid.quantity(order.leaves_lots),
    )


def order_report(
    market: Market, order: Order, status: wire.StatusText, reason: RejectReason, ts_ns: int
) -> wire.OrderReport:
    """Tell what an order is now. A closed one has nothing left to trade."""
    grid = market.grid
    return wire.OrderReport(
        client_order_id=order.client_order_id,
        order_id=order.order_id,
        symbol=market.symbol,
        status=status,
        side=SIDE_TEXTS[order.side],
        price=grid.price(order.price_ticks),
        quantity=grid.quantity(order.lots),
        leaves=grid.quantity(order.leaves_lots if status == "open" else 0),
        reason=reason.name,
        ts_ns=ts_ns,
    )


def refusal(request: wire.Place, reason: RejectReason, ts_ns: int) -> wire.OrderReport:
    """Tell that an order did not come to be, in the words it was asked for."""
    return wire.OrderReport(
        client_order_id=request.client_order_id,
        order_id=0,
        symbol=request.symbol,
        status="rejected",
        side=request.side,
        price=request.price,
        quantity=request.quantity,
        leaves="0",
        reason=reason.name,
        ts_ns=ts_ns,
    )


def unknown_order(
    client_order_id: str | None, order_id: int | None, symbol: str, ts_ns: int
) -> wire.OrderReport:
    """Tell that there is no such order, so that it is gone for its owner too."""
    return wire.OrderReport(
        client_order_id=client_order_id or "?",
        order_id=order_id or 0,
        symbol=symbol,
        status="canceled",
        side="buy",
        price="0",
        quantity="0",
        leaves="0",
        reason=RejectReason.UNKNOWN_ORDER.name,
        ts_ns=ts_ns,
    )


def public_trade(
    market: Market, execution: Execution, trade_id: int, ts_ns: int
) -> wire.PublicTrade:
    """Tell everybody of an execution."""
    return wire.PublicTrade(
        symbol=market.symbol,
        trade_id=trade_id,
        price=market.grid.price(execution.price_ticks),
        quantity=market.grid.quantity(execution.lots),
        aggressor=SIDE_TEXTS[execution.aggressor_side],
        ts_ns=ts_ns,
    )


def execution(
    market: Market,
    order: Order,
    execution: Execution,
    trade_id: int,
    *,
    is_maker: bool,
    fee_nanos: int,
    ts_ns: int,
) -> wire.Execution:
    """Tell an account of its side of an execution, once the order has been filled by it."""
    grid = market.grid
    return wire.Execution(
        trade_id=trade_id,
        client_order_id=order.client_order_id,
        order_id=order.order_id,
        symbol=market.symbol,
        side=SIDE_TEXTS[order.side],
        price=grid.price(execution.price_ticks),
        quantity=grid.quantity(execution.lots),
        leaves=grid.quantity(order.leaves_lots),
        liquidity="maker" if is_maker else "taker",
        fee=money_text(fee_nanos),
        ts_ns=ts_ns,
    )
