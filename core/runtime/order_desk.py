"""The part of the desk that trades: orders by hand, checked, journaled, answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

import numpy as np

from core.api.view import LIVE_STATUSES
from core.domain import events
from core.domain.commands import Command, CommandName
from core.domain.enums import BookState, CommandKind, OrderStatus, Outcome, Side
from core.domain.events import IOC, POST_ONLY, EventRow
from core.domain.instrument import Instrument
from core.domain.memory import Rows
from core.kernel.state import KernelState
from core.runtime.refusals import CommandRefused, nearest, read_number
from core.venues.port import VenueAbilities

Apply = Callable[[Command, EventRow], None]
"""Sends one event through the loop, and writes down who asked for it."""


_SETTLED = (OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED)
"""No request about the order is under way."""


class OrderDesk:
    """
    Turns requests about orders into events, and what becomes of them into an answer.

    Args:
        state: What the engine decides on; read only.
        instruments: In the order of the kernel's indexes.
        abilities: Of the venue.
        apply: Of the desk that this is a part of.
    """

    def __init__(
        self,
        state: KernelState,
        instruments: Sequence[Instrument],
        abilities: VenueAbilities,
        apply: Apply,
    ) -> None:
        self._state = state
        self._instruments = instruments
        self._abilities = abilities
        self._apply = apply
        self._indexes = {str(instrument.symbol): i for i, instrument in enumerate(instruments)}

    def index(self, symbol: str) -> int:
        """
        Find an instrument by its symbol.

        Raises:
            CommandRefused: If it is not traded; names the nearest.
        """
        if symbol not in self._indexes:
            raise CommandRefused(
                f"{symbol or 'no instrument'} is not traded{nearest(symbol, self._indexes)}"
            )
        return self._indexes[symbol]

    def trade(self, command: Command) -> str:
        """Buy or sell."""
        index = self.index(command.args.get("instrument", ""))
        instrument = self._instruments[index]
        side = Side.BUY if command.name is CommandName.BUY else Side.SELL
        lots = _lots(instrument, command.args.get("quantity", ""))
        terms = _terms(command.args)
        price = command.args.get("price", "")
        if price:
            ticks = _ticks(instrument, price)
        else:
            ticks, terms = self._opposite_best(index, side), IOC
        row = events.command(
            CommandKind.PLACE,
            instrument=index,
            side=side,
            price_ticks=ticks,
            lots=lots,
            key=terms,
        )
        self._send(command, row)
        return (
            f"{side.name} {instrument.to_quantity(lots):f} {instrument.symbol} "
            f"at {instrument.to_price(ticks):f} sent"
        )

    def cancel(self, command: Command) -> str:
        """Take one order back."""
        order = self._live_order(command.args.get("order_id", ""))
        order_id = int(order["order_id"])
        self._apply(command, events.command(CommandKind.CANCEL, order_id=order_id))
        return f"canceling order {order_id}"

    def amend(self, command: Command) -> str:
        """Give one order another price or size, or both."""
        order = self._live_order(command.args.get("order_id", ""))
        if not self._abilities.amends_orders:
            raise CommandRefused("this venue changes no orders; cancel it and send another one")
        status = OrderStatus(int(order["status"]))
        if status not in _SETTLED:
            raise CommandRefused(
                f"order {int(order['order_id'])} is {status.name}: the venue has yet to answer; "
                "try again in a moment"
            )
        index = int(order["instrument"])
        instrument = self._instruments[index]
        quantity, price = command.args.get("quantity", ""), command.args.get("price", "")
        lots = _lots(instrument, quantity) if quantity else int(order["lots"])
        ticks = _ticks(instrument, price) if price else int(order["price_ticks"])
        self._check_change(instrument, order, lots, ticks)
        order_id = int(order["order_id"])
        row = events.command(
            CommandKind.AMEND, instrument=index, order_id=order_id, price_ticks=ticks, lots=lots
        )
        self._send(command, row)
        return (
            f"order {order_id}: asked the venue for {instrument.to_quantity(lots):f} "
            f"{instrument.symbol} at {instrument.to_price(ticks):f}; the strategy leaves it alone"
        )

    @staticmethod
    def _check_change(instrument: Instrument, order: Rows, lots: int, ticks: int) -> None:
        order_id, filled = int(order["order_id"]), int(order["cum_lots"])
        size, price = instrument.to_quantity(lots), instrument.to_price(ticks)
        if lots == order["lots"] and ticks == order["price_ticks"]:
            raise CommandRefused(f"order {order_id} is {size:f} at {price:f} already")
        if lots <= filled:
            raise CommandRefused(
                f"{instrument.to_quantity(filled):f} of order {order_id} are filled, and {size:f} "
                f"is no more than that: the quantity is the whole order's; to end it: "
                f"cancel {order_id}"
            )

    def _send(self, command: Command, row: EventRow) -> None:
        """
        Apply a request for an order.

        Raises:
            CommandRefused: If the risk gate stopped it.
        """
        account = self._state.account[0]
        orders_before = int(account["orders"])
        self._apply(command, row)
        if int(account["orders"]) == orders_before:
            code = Outcome(int(account["denial_code"]))
            raise CommandRefused(
                f"{code.name}: {account['denial_value']:g} against {account['denial_limit']:g}"
            )

    def _live_order(self, text: str) -> Rows:
        order_id = int(read_number(text, "order_id"))
        orders = self._state.orders
        is_meant = (orders["order_id"] == order_id) & np.isin(orders["status"], LIVE_STATUSES)
        if not is_meant.any():
            raise CommandRefused(f"no live order has number {order_id}")
        order: Rows = orders[int(np.flatnonzero(is_meant)[0])]
        return order

    def _opposite_best(self, index: int, side: Side) -> int:
        row = self._state.instruments[index]
        if row["book_state"] != BookState.OK:
            raise CommandRefused("there is no two-sided book to take a price from; name a price")
        best = row["ask_ticks"] if side is Side.BUY else row["bid_ticks"]
        return int(best[0])


def _terms(args: Mapping[str, str]) -> int:
    terms = IOC if _is_set(args, "ioc") else 0
    terms |= POST_ONLY if _is_set(args, "post_only") else 0
    if terms == IOC | POST_ONLY:
        raise CommandRefused("an order is either post-only or immediate-or-cancel")
    return terms


def _lots(instrument: Instrument, text: str) -> int:
    try:
        lots = instrument.to_lots(Decimal(text))
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise CommandRefused(
            f"quantity {text or '(none)'} is not a multiple of {instrument.lot_size}"
        ) from error
    if not 0 < lots < 2**31:
        raise CommandRefused(f"quantity {text} must be positive")
    return lots


def _ticks(instrument: Instrument, text: str) -> int:
    try:
        ticks = instrument.to_ticks(Decimal(text))
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise CommandRefused(f"price {text} is not a multiple of {instrument.tick_size}") from error
    if not 0 < ticks < 2**40:
        raise CommandRefused(f"price {text} must be positive")
    return ticks


def _is_set(args: Mapping[str, str], name: str) -> bool:
    return args.get(name, "").lower() in {"1", "true", "yes", name}
