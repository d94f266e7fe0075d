"""
What a Python strategy sees and does: the market, its orders, and a few verbs.

Prices and quantities are in the instrument's own units, as int, Decimal or float; a float
may miss its tick by a rounding error, and nothing else may miss it. What is asked for
here is sent when the handler returns, passes the risk gate like any order, and may be
refused there: the outcome stands on the screen and in the report.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple, Protocol

from core.domain import events
from core.domain.enums import CommandKind, Side
from core.domain.events import IOC, MARKET, OWN, POST_ONLY, EventRow
from core.domain.instrument import Instrument
from core.strategies.modules import hint

Number = int | float | Decimal

_ROUNDING = 1e-6
"""Part of a tick or lot that a float may be off by."""

_MOST = 1e15
"""Ticks or lots beyond which no float is exact."""


class Book(NamedTuple):
    """The visible order book of a product, best level first."""

    symbol: str
    bids: tuple[tuple[float, float], ...]
    """(price, quantity) of each level."""
    asks: tuple[tuple[float, float], ...]

    @property
    def bid(self) -> float | None:
        """Best price that somebody pays; None if nobody does."""
        return self.bids[0][0] if self.bids else None

    @property
    def ask(self) -> float | None:
        """Best price that somebody sells at; None if nobody does."""
        return self.asks[0][0] if self.asks else None

    @property
    def mid(self) -> float | None:
        """Middle of the two; None if one is missing."""
        if not (self.bids and self.asks):
            return None
        return (self.bids[0][0] + self.asks[0][0]) / 2


class MarketTrade(NamedTuple):
    """A public trade."""

    symbol: str
    price: float
    quantity: float
    side: int
    """1 if the buyer came to the seller, -1 the other way, 0 where that is not known."""


class Fill(NamedTuple):
    """An execution of an order of ours."""

    symbol: str
    order_id: int
    side: int
    """1 bought, -1 sold."""
    price: float
    quantity: float


class OwnOrder(NamedTuple):
    """An order of the strategy's that may still trade."""

    order_id: int
    symbol: str
    side: int
    price: float
    quantity: float
    """What is left of it."""


class LiveOrder(NamedTuple):
    """The same in the kernel's units, as a view tells it."""

    order_id: int
    instrument: int
    side: int
    price_ticks: int
    leaves_lots: int


class View(Protocol):
    """What a context reads from: the kernel in a backtest, messages in a live run."""

    def ts_ns(self) -> int:
        """Time of the newest event, ns since the epoch."""
        ...

    def position_lots(self, instrument: int) -> int:
        """Signed position."""
        ...

    def pnl_nanos(self) -> int:
        """Profit since the start, realized and not, after fees."""
        ...

    def levels(self, instrument: int) -> Sequence[Sequence[int]]:
        """Bid prices, bid sizes, ask prices, ask sizes, in ticks and lots; 0 for no level."""
        ...

    def orders(self) -> Sequence[LiveOrder]:
        """The strategy's live orders."""
        ...


class Context:
    """The strategy's hands and eyes; see the module."""

    def __init__(self, instruments: Sequence[Instrument], view: View) -> None:
        self._instruments: Mapping[str, tuple[int, Instrument]] = {
            str(instrument.symbol): (number, instrument)
            for number, instrument in enumerate(instruments)
        }
        self._by_number = tuple(instruments)
        self._ticks = [float(instrument.tick_size) for instrument in instruments]
        self._lots = [float(instrument.lot_size) for instrument in instruments]
        self._view = view
        self._wanted: list[EventRow] = []

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is traded."""
        return tuple(self._instruments)

    @property
    def now_ns(self) -> int:
        """Time of the event at hand, ns since the epoch (UTC)."""
        return self._view.ts_ns()

    @property
    def pnl(self) -> float:
        """Profit since the start, realized and not, after fees, in the account's currency."""
        return self._view.pnl_nanos() / 1e9

    @property
    def orders(self) -> list[OwnOrder]:
        """The strategy's orders that may still trade."""
        return [
            OwnOrder(
                order.order_id,
                str(self._by_number[order.instrument].symbol),
                order.side,
                order.price_ticks * self._ticks[order.instrument],
                order.leaves_lots * self._lots[order.instrument],
            )
            for order in self._view.orders()
        ]

    def position(self, symbol: str) -> float:
        """What is held; negative if it is owed."""
        number, _ = self._find(symbol)
        return self._view.position_lots(number) * self._lots[number]

    def book(self, symbol: str) -> Book:
        """Newest order book of a product."""
        number, _ = self._find(symbol)
        return self.book_of(number)

    def buy(
        self, symbol: str, quantity: Number, price: Number | None = None, *,
        post_only: bool = False, ioc: bool = False,
    ) -> None:  # fmt: skip
        """
        Buy, at most at `price`; without one at once, within the price collar.

        Args:
            symbol: Of the product.
            quantity: Greater than 0.
            price: Limit; None for a market order.
            post_only: Refuse the order rather than take what others offer.
            ioc: Do not rest: what cannot be had at once is canceled.

        Raises:
            ValueError: If the product is not traded, or a number not one of its steps.
        """
        self._place(symbol, Side.BUY, quantity, price, post_only, ioc)

    def sell(
        self, symbol: str, quantity: Number, price: Number | None = None, *,
        post_only: bool = False, ioc: bool = False,
    ) -> None:  # fmt: skip
        """Sell, at least at `price`; otherwise as `buy`."""
        self._place(symbol, Side.SELL, quantity, price, post_only, ioc)

    def cancel(self, order_id: int) -> None:
        """Cancel one of `orders`; one that is over already stays so."""
        live = {order.order_id: order for order in self._view.orders()}
        if order_id in live:
            self._cancel(live[order_id])

    def cancel_all(self, symbol: str | None = None) -> None:
        """Cancel the strategy's orders, of one product or of all."""
        number = None if symbol is None else self._find(symbol)[0]
        for order in self._view.orders():
            if number in (None, order.instrument):
                self._cancel(order)

    def target(self, symbol: str, quantity: Number) -> None:
        """
        Hold `quantity`, negative to owe it: cancel what rests, and trade the difference now.

        An order whose cancel comes too late may fill as well; call it again on the next book.
        """
        number, instrument = self._find(symbol)
        wanted = self._whole(quantity, instrument.lot_size, f"{symbol}: quantity", "lot")
        self.cancel_all(symbol)
        change = wanted - self._view.position_lots(number)
        if change:
            side = Side.BUY if change > 0 else Side.SELL
            self._order(number, side, abs(change), 0, MARKET | IOC)

    def take_wanted(self) -> list[EventRow]:
        """Take what was asked for since the last time, as COMMAND events."""
        wanted, self._wanted = self._wanted, []
        return wanted

    def book_of(self, number: int) -> Book:
        """Newest order book by the product's number."""
        bid_ticks, bid_lots, ask_ticks, ask_lots = self._view.levels(number)
        tick, lot = self._ticks[number], self._lots[number]
        return Book(
            str(self._by_number[number].symbol),
            tuple((t * tick, n * lot) for t, n in zip(bid_ticks, bid_lots, strict=True) if n > 0),
            tuple((t * tick, n * lot) for t, n in zip(ask_ticks, ask_lots, strict=True) if n > 0),
        )

    def trade_of(self, number: int, price_ticks: int, lots: int, side: int) -> MarketTrade:
        """Public trade in the product's own units."""
        symbol = str(self._by_number[number].symbol)
        return MarketTrade(
            symbol, price_ticks * self._ticks[number], lots * self._lots[number], side
        )

    def fill_of(self, number: int, order_id: int, side: int, price_ticks: int, lots: int) -> Fill:
        """Fill in the product's own units."""
        symbol = str(self._by_number[number].symbol)
        price, quantity = price_ticks * self._ticks[number], lots * self._lots[number]
        return Fill(symbol, order_id, side, price, quantity)

    def _find(self, symbol: str) -> tuple[int, Instrument]:
        found = self._instruments.get(symbol)
        if found is None:
            near = hint(str(symbol), self._instruments)
            raise ValueError(
                f"{symbol} is not traded here{near}; there are {', '.join(self._instruments)}"
            )
        return found

    def _place(
        self, symbol: str, side: Side, quantity: Number, price: Number | None, post_only: bool,
        ioc: bool,
    ) -> None:  # fmt: skip
        number, instrument = self._find(symbol)
        lots = self._whole(quantity, instrument.lot_size, f"{symbol}: quantity", "lot")
        if lots <= 0:
            raise ValueError(f"{symbol}: quantity {quantity} is not above 0")
        if post_only and (ioc or price is None):
            raise ValueError(f"{symbol}: an order that only posts needs a price and rests")
        if price is None:
            self._order(number, side, lots, 0, MARKET | IOC)
            return
        ticks = self._whole(price, instrument.tick_size, f"{symbol}: price", "tick")
        self._order(number, side, lots, ticks, POST_ONLY if post_only else IOC if ioc else 0)

    def _order(self, number: int, side: Side, lots: int, ticks: int, flags: int) -> None:
        self._wanted.append(
            events.command(
                CommandKind.PLACE, instrument=number, side=side, price_ticks=ticks, lots=lots,
                key=OWN | flags,
            )
        )  # fmt: skip

    def _cancel(self, order: LiveOrder) -> None:
        self._wanted.append(
            events.command(
                CommandKind.CANCEL, instrument=order.instrument, order_id=order.order_id, key=OWN
            )
        )

    @staticmethod
    def _whole(value: Number, step: Decimal, what: str, unit: str) -> int:
        """Number of steps in a value that has to be a multiple of them."""
        if isinstance(value, float):
            steps = value / float(step)
            if not math.isfinite(steps) or abs(steps) > _MOST:
                raise ValueError(f"{what} {value} is no price or size")
            nearest = round(steps)
            if abs(steps - nearest) <= _ROUNDING:
                return nearest
        else:
            try:
                ratio = Decimal(value) / step
            except (InvalidOperation, TypeError) as error:
                raise ValueError(f"{what} {value!r} is no number") from error
            if ratio.is_finite() and ratio == ratio.to_integral_value():
                return int(ratio)
        raise ValueError(f"{what} {value} is not a multiple of {step}, its {unit} size")
