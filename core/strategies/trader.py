"""
An IMC Prosperity Trader and what it is told and answers, tick by tick.

The state is IMC's; what happened in a tick is told in the next. As on IMC's exchange and
in the community's backtester a product's own trades and market trades stay in the state
until it has newer ones: their timestamps tell.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from operator import index as whole
from time import perf_counter
from typing import Any

from core.strategies.datamodel import Listing, Observation, Order, OrderDepth, Trade, TradingState
from core.strategies.fault import StrategyFault, fault_of
from core.strategies.limits import CallLimit
from core.strategies.python_class import LoadedClass

LEVELS = 3
"""Levels a side that the exchange shows."""

MAX_AMOUNT = 1_000_000_000
"""Prices and quantities beyond it are cut to it: no product's limit is near."""

OURS = "SUBMISSION"
"""What the exchange calls us in trades."""

Levels = tuple[int, ...]
"""Bid prices, bid volumes, ask prices, negative ask volumes; LEVELS of each, 0 for none."""

Name = tuple[str, str]
"""Buyer and seller."""

Printed = tuple[int, int, int, Name]
"""A market trade: number of the product, price, quantity, who."""


class Refused:
    """Results that were no orders, by reason, with the first of each."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.examples: dict[str, str] = {}

    def count(self, reason: str, example: str) -> None:
        """Count one."""
        if reason not in self.counts:
            self.counts[reason] = 0
            self.examples[reason] = example[:120]
        self.counts[reason] += 1


class TraderSession:
    """One Trader over one recording."""

    def __init__(
        self, loaded: LoadedClass, symbols: Sequence[str], limit: CallLimit, memory_mb: int
    ) -> None:
        self.seconds = 0.0
        """Time inside the Trader."""
        self.conversions = 0
        """Ticks in which it asked for a conversion; none is carried out."""
        self.refused = Refused()
        self._loaded = loaded
        self._run = loaded.make().run
        self._limit = limit
        self._memory_mb = memory_mb
        self._symbols = tuple(symbols)
        self._numbers = {symbol: number for number, symbol in enumerate(symbols)}
        self._listings = {symbol: Listing(symbol, symbol, 1) for symbol in symbols}  # type: ignore[arg-type]  # as published
        self._position: dict[str, int] = {}
        self._own: dict[str, list[Trade]] = {}
        self._market: dict[str, list[Trade]] = {}
        self._data = ""

    def ask(
        self,
        timestamp: int,
        books: Sequence[tuple[int, Levels]],
        observations: Mapping[str, Any],
    ) -> list[int]:
        """
        Call `run` with the state of one tick.

        Args:
            timestamp: In milliseconds, as IMC counts it.
            books: (number of the product, its levels), in order of the products.
            observations: Conversion observations by product.

        Returns:
            Instrument, price and signed quantity of each order, one after another, those of
            a product together.

        Raises:
            StrategyFault: If it raises, is too slow, or does not answer as it has to.
        """
        symbols = self._symbols
        state = TradingState(
            self._data,
            timestamp,
            dict(self._listings),
            {symbols[number]: depth_of(levels) for number, levels in books},
            dict(self._own),
            dict(self._market),
            dict(self._position),
            Observation({}, dict(observations)),
        )
        limit = self._limit
        limit.calls += 1
        started_s = perf_counter()
        limit.is_inside = True
        try:
            answer = self._run(state)
            self.seconds += perf_counter() - started_s
            # Inside as well: what it answers may be code of its own that never ends.
            wanted = self._read(answer, timestamp)
            limit.is_inside = False
        except (KeyboardInterrupt, StrategyFault):
            limit.is_inside = False
            raise
        except BaseException as error:
            limit.is_inside = False
            raise fault_of(
                self._loaded.name, self._loaded.file, error, _at(timestamp), self._memory_mb
            ) from error
        return wanted

    def _read(self, answer: Any, timestamp: int) -> list[int]:
        """Turn an answer into orders; refuse those that are none, and what is no answer."""
        try:
            result, conversions, data = answer
        except (TypeError, ValueError):
            raise self._fault(
                f"run returned {_kind(answer)}; it must return (orders, conversions, traderData)",
                timestamp,
            ) from None
        if type(data) is not str:
            raise self._fault(f"run returned {_kind(data)} as traderData, not a str", timestamp)
        self._data = data
        if conversions:
            self.conversions += 1
        wanted: list[int] = []
        try:
            for symbol, orders in result.items():
                number = self._numbers.get(symbol)
                for order in orders:
                    price, quantity = order.price, order.quantity
                    if (
                        type(price) is int
                        and type(quantity) is int
                        and quantity
                        and number is not None
                        and order.symbol == symbol
                        and -MAX_AMOUNT <= price <= MAX_AMOUNT
                        and -MAX_AMOUNT <= quantity <= MAX_AMOUNT
                    ):
                        wanted += (number, price, quantity)
                    else:
                        wanted += self._judge(symbol, order, number)
        except (AttributeError, TypeError) as error:
            raise self._fault(
                f"run returned orders that cannot be read ({error}); they must be a dict from "
                "symbol to a list of Order",
                timestamp,
            ) from error
        return wanted

    def _judge(self, symbol: Any, order: Order, number: int | None) -> list[int]:
        """Say of an odd order why it is none, or make it one."""
        reason = ""
        if number is None:
            reason = "unknown product"
        elif order.symbol != symbol:
            reason = "listed under another product"
        elif not (_is_whole(order.price) and _is_whole(order.quantity)):
            reason = "price or quantity not an int"
        elif order.quantity == 0:
            reason = "quantity 0"
        if reason or number is None:
            self.refused.count(reason, f"{order} under {symbol}")
            return []
        return [number, _cut(whole(order.price)), _cut(whole(order.quantity))]

    def note_fills(
        self, timestamp: int, fills: Sequence[tuple[int, ...]], trades: Sequence[Printed]
    ) -> list[Trade]:
        """
        Take in what the tick's orders traded.

        Args:
            timestamp: Of the tick.
            fills: MEETING rows as tuples.
            trades: The tick's market trades, which the fills name by their place.

        Returns:
            The same as trades.
        """
        told: dict[str, list[Trade]] = {}
        for number, side, price, quantity, trade in fills:
            symbol = self._symbols[number]
            buyer, seller = ("", "") if trade < 0 else trades[trade][3]
            if side > 0:
                made = Trade(symbol, price, quantity, OURS, seller, timestamp)
            else:
                made = Trade(symbol, price, quantity, buyer, OURS, timestamp)
            told.setdefault(symbol, []).append(made)
            self._position[symbol] = self._position.get(symbol, 0) + side * quantity
        self._own.update(told)
        return [trade for made in told.values() for trade in made]

    def note_trades(self, timestamp: int, trades: Sequence[Printed]) -> list[Trade]:
        """
        Take in what the market traded in the tick.

        Args:
            timestamp: Of the tick.
            trades: With what our orders left of their quantities.

        Returns:
            Those of which something is left.
        """
        told: dict[str, list[Trade]] = {}
        for number, price, quantity, (buyer, seller) in trades:
            symbol = self._symbols[number]
            made = told.setdefault(symbol, [])
            if quantity > 0:
                made.append(Trade(symbol, price, quantity, buyer, seller, timestamp))
        self._market.update(told)
        return [trade for made in told.values() for trade in made]

    def _fault(self, reason: str, timestamp: int) -> StrategyFault:
        return StrategyFault(self._loaded.name, reason, _at(timestamp))


def depth_of(levels: Levels) -> OrderDepth:
    """Make IMC's order depth of a book."""
    b0, b1, b2, v0, v1, v2, a0, a1, a2, w0, w1, w2 = levels
    depth = _new_depth(OrderDepth)
    # Spelled out for the usual cases: this is most of what a tick costs beside the Trader.
    if v0 and v1:
        depth.buy_orders = {b0: v0, b1: v1, b2: v2} if v2 else {b0: v0, b1: v1}
    elif v0 and not v2:
        depth.buy_orders = {b0: v0}
    else:
        depth.buy_orders = {p: v for p, v in ((b0, v0), (b1, v1), (b2, v2)) if v}
    if w0 and w1:
        depth.sell_orders = {a0: w0, a1: w1, a2: w2} if w2 else {a0: w0, a1: w1}
    elif w0 and not w2:
        depth.sell_orders = {a0: w0}
    else:
        depth.sell_orders = {p: v for p, v in ((a0, w0), (a1, w1), (a2, w2)) if v}
    return depth


_new_depth = object.__new__


def pack_orders(wanted: Sequence[int], target: memoryview) -> int:
    """Write orders into the rows that the kernel reads. Returns how many there are."""
    count = len(wanted)
    packer = _PACKERS.get(count)
    if packer is None:
        packer = _PACKERS[count] = struct.Struct(f"<{count}q")
    packer.pack_into(target, 0, *wanted)
    return count // 3


_PACKERS: dict[int, struct.Struct] = {}


def _at(timestamp: int) -> str:
    return f"timestamp {timestamp}"


def _kind(value: object) -> str:
    if value is None:
        return "None"
    size = f" of {len(value)}" if isinstance(value, tuple | list) else ""
    return f"{'an' if type(value).__name__[0] in 'aeiou' else 'a'} {type(value).__name__}{size}"


def _is_whole(value: object) -> bool:
    """An int of Python's or NumPy's; a float is none, whatever it holds."""
    try:
        whole(value)  # type: ignore[arg-type]
    except TypeError:
        return False
    return not isinstance(value, bool)


def _cut(value: int) -> int:
    return max(-MAX_AMOUNT, min(MAX_AMOUNT, value))
