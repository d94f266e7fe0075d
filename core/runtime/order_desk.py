"""The part of the desk that trades: orders by hand, checked, journaled, answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.api.view import LIVE_STATUSES
from core.domain import events
from core.domain.commands import Command, CommandName
from core.domain.enums import BookState, CommandKind, OrderOrigin, OrderStatus, Outcome, Side
from core.domain.events import IOC, MARKET, EventRow
from core.domain.instrument import Instrument
from core.domain.memory import Rows
from core.domain.records import MAX_BRACKETS
from core.kernel.state import KernelState
from core.runtime.exits import Exits
from core.runtime.order_checks import (
    check_change,
    check_link,
    read_lots,
    read_terms,
    read_ticks,
)
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
        lots = read_lots(instrument, command.args.get("quantity", ""))
        ticks, terms = self._price(command.args, index, side)
        exits = self._exits(command.args, index, side, ticks)
        row = events.command(
            CommandKind.PLACE,
            instrument=index,
            side=side,
            price_ticks=ticks,
            lots=lots,
            key=terms,
            stop_ticks=exits.stop_ticks,
            target_ticks=exits.target_ticks,
        )
        self._send(command, row)
        price = "market" if terms & MARKET else f"{instrument.to_price(ticks):f}"
        return (
            f"{side.name} {instrument.to_quantity(lots):f} {instrument.symbol} "
            f"at {price} sent{exits.words(instrument)}"
        )

    def _price(self, args: Mapping[str, str], index: int, side: Side) -> tuple[int, int]:
        """Read what an order may pay, in ticks, and its terms; the kernel prices a market one."""
        terms, price = read_terms(args), args.get("price", "")
        if terms & MARKET:
            if not self._abilities.has_market_orders:
                raise CommandRefused(
                    "this venue has no market orders; without a price an order takes "
                    "the best one of the other side"
                )
            if price:
                raise CommandRefused(f"a market order has no price; leave out market or {price}")
            return self._opposite_best(index, side), terms
        if price:
            return read_ticks(self._instruments[index], price), terms
        return self._opposite_best(index, side), IOC

    def link(self, command: Command) -> str:
        """Make two orders by hand cancel each other."""
        orders = [self._live_order(command.args.get(name, "")) for name in ("order_id", "other_id")]
        first, second = (int(order["order_id"]) for order in orders)
        if first == second:
            raise CommandRefused(f"{first} is one order; oco needs two")
        for order in orders:
            check_link(order)
        self._apply(command, events.command(CommandKind.LINK, order_id=first, key=second))
        return f"orders {first} and {second} cancel each other: the first to trade or end"

    def protect(self, command: Command) -> str:
        """Put a bracket around what is held by hand in an instrument, or take all away."""
        index = self.index(command.args.get("instrument", ""))
        if not command.args.get("stop") and not command.args.get("target"):
            return self._unprotect(command, index)
        instrument = self._instruments[index]
        side, lots = self._unprotected(index)
        exits = self._exits(command.args, index, side, self._opposite_best(index, side))
        row = events.command(
            CommandKind.PROTECT,
            instrument=index,
            stop_ticks=exits.stop_ticks,
            target_ticks=exits.target_ticks,
        )
        newest = int(self._state.account["next_bracket_id"][0])
        self._apply(command, row)
        if int(self._state.account["next_bracket_id"][0]) == newest:
            raise self._denied()
        quantity = instrument.to_quantity(lots)
        return f"{quantity:f} {instrument.symbol} protected{exits.words(instrument)}"

    def _unprotect(self, command: Command, index: int) -> str:
        symbol = self._instruments[index].symbol
        if not self._brackets_of(index).any():
            raise CommandRefused(f"{symbol} has no stop and no target to take away")
        self._apply(command, events.command(CommandKind.PROTECT, instrument=index))
        return f"stops and targets of {symbol} are taken away; the position stays"

    def _unprotected(self, index: int) -> tuple[Side, int]:
        """Side of what is held by hand, and the lots of it that no bracket closes."""
        symbol = self._instruments[index].symbol
        held = int(self._state.instruments[index]["part_lots"][OrderOrigin.MANUAL])
        if held == 0:
            raise CommandRefused(
                f"nothing is held by hand in {symbol}; the strategy looks after its own position"
            )
        side = Side.BUY if held > 0 else Side.SELL
        brackets = self._state.brackets
        covering = self._brackets_of(index) & (brackets["side"] == side)
        lots = abs(held) - int(brackets["left_lots"][covering].sum())
        if lots <= 0:
            raise CommandRefused(
                f"all of {symbol} that is held by hand has its stop or target; "
                f"to set other ones: protect {symbol} off"
            )
        return side, lots

    def _brackets_of(self, index: int) -> NDArray[np.bool_]:
        brackets = self._state.brackets
        is_mine: NDArray[np.bool_] = brackets["instrument"] == index
        is_mine &= brackets["bracket_id"] != 0
        return is_mine

    def _exits(self, args: Mapping[str, str], index: int, side: Side, ticks: int) -> Exits:
        """
        Read stop and target of what is entered at `ticks`.

        Raises:
            CommandRefused: If one is no price, or stands on the wrong side.
        """
        instrument, row = self._instruments[index], self._state.instruments[index]
        exits = Exits(
            *(read_ticks(instrument, args[name]) if args.get(name) else 0 for name in Exits._fields)
        )
        if exits == (0, 0):
            return exits
        if int(self._state.account["brackets"][0]) >= MAX_BRACKETS:
            raise CommandRefused(
                f"{MAX_BRACKETS} stops and targets are watched, and no more can be; "
                "take one away with protect INSTRUMENT off"
            )
        if row["book_state"] != BookState.OK:
            raise CommandRefused(
                f"{instrument.symbol} has no two-sided book to judge a stop or target by; wait"
            )
        exits.check(instrument, side, ticks, int(row["bid_ticks"][0]), int(row["ask_ticks"][0]))
        return exits

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
        lots = read_lots(instrument, quantity) if quantity else int(order["lots"])
        if lots != order["lots"] and self._closes_bracket(order):
            raise CommandRefused(
                f"order {int(order['order_id'])} is the target of bracket "
                f"{int(order['bracket'])}, and its size follows the position; change its price"
            )
        ticks = read_ticks(instrument, price) if price else int(order["price_ticks"])
        check_change(instrument, order, lots, ticks)
        order_id = int(order["order_id"])
        row = events.command(
            CommandKind.AMEND, instrument=index, order_id=order_id, price_ticks=ticks, lots=lots
        )
        self._send(command, row)
        return (
            f"order {order_id}: asked the venue for {instrument.to_quantity(lots):f} "
            f"{instrument.symbol} at {instrument.to_price(ticks):f}; the strategy leaves it alone"
        )

    def _closes_bracket(self, order: Rows) -> bool:
        brackets = self._state.brackets
        is_exit = (brackets["bracket_id"] != 0) & (brackets["exit_order"] == order["order_id"])
        return bool(is_exit.any())

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
            raise self._denied()

    def _denied(self) -> CommandRefused:
        """What the kernel left in the account as the reason."""
        account = self._state.account[0]
        code = Outcome(int(account["denial_code"]))
        return CommandRefused(
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
