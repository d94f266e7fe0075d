"""
Any venue of ccxt as a `MarketFeed`.

The library keeps the connection and the book. What it does not do is done here: it may
fall silent or wait for ever without a word, so each book has a watchdog; it lets a book
cross, so a crossed one is not believed; and it counts in floats, so numbers are written
out with the venue's precision and read as decimals.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from random import Random
from typing import Any

from core.domain import events
from core.domain.enums import Side, VenueState
from core.domain.errors import ConfigurationError, DecodeError, VenueError
from core.domain.events import DEPTH, EventRow, Level
from core.domain.instrument import Instrument
from core.venues.ccxt.exchange import Exchange, open_exchange
from core.venues.common.backoff import Backoff
from core.venues.common.together import run_together
from core.venues.market.units import Units
from core.venues.port import EventSink, VenueCounters

SILENT_S = 15.0
"""A book that has not changed for so long is asked for on a new connection."""
FIRST_S = 30.0
"""The same for the first book, which the list of markets comes before."""
HEALTHY_S = 60.0
"""A connection that lived so long resets the back-off."""

_CLOSE_S = 5.0
_TICK_S = 0.5
_NS_PER_MS = 1_000_000
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}


class CcxtFeed:
    """
    Public market data of one venue, as events; see `MarketFeed`.

    Args:
        exchange_id: The venue's id in ccxt: okx, bitstamp, gate.
        instruments: In the order of the kernel's indexes; their symbols are ccxt's own,
            such as BTC/USDT.
        open_venue: Makes a venue for each connection.
        random: Jitter of the back-off.
        clock: Monotonic, in seconds.
    """

    def __init__(
        self,
        exchange_id: str,
        instruments: Sequence[Instrument],
        *,
        open_venue: Callable[[str], Awaitable[Exchange]] = open_exchange,
        random: Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._id = exchange_id
        self._symbols = [str(instrument.symbol) for instrument in instruments]
        self._units = [Units(instrument) for instrument in instruments]
        self._open = open_venue
        self._backoff = Backoff(random or Random())  # noqa: S311  jitter, not a secret
        self._clock = clock
        self._sink: EventSink | None = None
        self._failure: Exception | None = None
        self._closed = asyncio.Event()
        self._state = VenueState.DOWN
        self._heard_s: list[float] = []
        """When each book was last told, of this connection."""
        self._has_book: set[int] = set()
        self._connections = 0
        self._messages = 0
        self._refused = 0
        self._last_message_s = 0.0
        self._last_error = ""

    @property
    def name(self) -> str:
        """Short name for screens and logs."""
        return self._id

    async def run(self, sink: EventSink) -> None:
        """
        Listen until `close`; see `MarketFeed.run`.

        Raises:
            ConfigurationError: If ccxt or what is to be traded is not there: trying again is
                pointless.
        """
        self._sink = sink
        while not self._closed.is_set():
            started_s = self._clock()
            self._become(VenueState.CONNECTING)
            try:
                await self._attend()
            except (ConfigurationError, VenueError):
                raise
            except Exception as error:  # noqa: BLE001  the library raises whatever it likes
                if self._failure is not None:
                    raise self._failure from None
                self._last_error = f"{self._id}: {_sentence(error)}"
            finally:
                self._leave()
            if self._clock() - started_s >= HEALTHY_S:
                self._backoff.reset()
            await self._pause()

    def counters(self) -> VenueCounters:
        """Read the counters."""
        return VenueCounters(
            state=self._state,
            exchange_session="",
            messages=self._messages,
            reconnects=max(0, self._connections - 1),
            gaps=0,
            duplicates=0,
            refused=self._refused,
            unsent=0,
            last_message_monotonic_s=self._last_message_s,
            last_error=self._last_error,
        )

    async def close(self) -> None:
        """End `run`."""
        self._closed.set()

    async def _attend(self) -> None:
        """Live through one connection."""
        exchange = await self._open(self._id)
        try:
            async with asyncio.timeout(FIRST_S):
                await exchange.load_markets()
            self._check(exchange)
            self._connections += 1
            self._heard_s = [self._clock()] * len(self._symbols)
            self._has_book.clear()
            self._become(VenueState.CONNECTED)
            await self._listen(exchange)
        finally:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(_CLOSE_S):
                    await exchange.close()

    def _check(self, exchange: Exchange) -> None:
        for symbol in self._symbols:
            if symbol not in exchange.markets:
                raise VenueError(self._id, f"does not trade {symbol}")

    async def _listen(self, exchange: Exchange) -> None:
        """Until the venue is closed, a part of it breaks or a book falls silent."""
        parts: list[Awaitable[None]] = [self._closed_or_silent()]
        for index in range(len(self._symbols)):
            parts.append(self._follow_book(exchange, index))
            if exchange.has.get("watchTrades"):
                parts.append(self._follow_trades(exchange, index))
        await run_together(parts, until_one_ends=True)

    async def _closed_or_silent(self) -> None:
        while not self._closed.is_set():
            now_s = self._clock()
            for index, heard_s in enumerate(self._heard_s):
                limit_s = SILENT_S if index in self._has_book else FIRST_S
                if now_s - heard_s > limit_s:
                    raise TimeoutError(
                        f"{self._symbols[index]} was silent for {limit_s:g} s; connecting again"
                    )
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    await self._closed.wait()

    async def _follow_book(self, exchange: Exchange, index: int) -> None:
        while True:
            book = await exchange.watch_order_book(self._symbols[index])
            self._hear()
            self._heard_s[index] = self._clock()
            try:
                row = self._book(exchange, index, book)
            except (DecodeError, LookupError, TypeError, ValueError) as error:
                self._refuse(str(error) or type(error).__name__)
                row = events.book(index, [], [])
            else:
                self._has_book.add(index)
            self._tell([row])
            if len(self._has_book) == len(self._symbols) and self._state < VenueState.SYNCED:
                self._become(VenueState.SYNCED)

    async def _follow_trades(self, exchange: Exchange, index: int) -> None:
        while True:
            trades = await exchange.watch_trades(self._symbols[index])
            self._hear()
            rows = []
            for trade in trades:
                try:
                    rows.append(self._trade(exchange, index, trade))
                except (DecodeError, LookupError, TypeError, ValueError) as error:
                    self._refuse(str(error) or type(error).__name__)
            self._tell(rows)

    def _book(self, exchange: Exchange, index: int, book: dict[str, Any]) -> EventRow:
        bids = self._levels(exchange, index, book["bids"])
        asks = self._levels(exchange, index, book["asks"])
        if bids and asks and bids[0][0] >= asks[0][0]:
            raise DecodeError(self._symbols[index], "the best bid is not below the best ask")
        return events.book(index, bids, asks, _time_ns(book.get("timestamp")))

    def _levels(self, exchange: Exchange, index: int, levels: Iterable[Any]) -> list[Level]:
        """Best levels first; what is less than a lot is none."""
        read: list[Level] = []
        for level in levels:
            ticks, lots = self._read(exchange, index, level[0], level[1])
            if lots:
                read.append((ticks, lots))
            if len(read) == DEPTH:
                break
        return read

    def _trade(self, exchange: Exchange, index: int, trade: dict[str, Any]) -> EventRow:
        ticks, lots = self._read(exchange, index, trade["price"], trade["amount"])
        # A trade of less than a lot has happened too.
        return events.trade(
            index, ticks, max(1, lots), _SIDES[trade["side"]], _time_ns(trade.get("timestamp"))
        )

    def _read(self, exchange: Exchange, index: int, price: float, size: float) -> tuple[int, int]:
        if not (math.isfinite(price) and math.isfinite(size)):
            raise DecodeError(self._symbols[index], f"{price} and {size} are no price and size")
        symbol, units = self._symbols[index], self._units[index]
        lots = units.lots(exchange.amount_to_precision(symbol, size)) if size else 0
        return units.ticks(exchange.price_to_precision(symbol, price)), lots

    def _hear(self) -> None:
        self._messages += 1
        self._last_message_s = self._clock()

    def _refuse(self, reason: str) -> None:
        self._refused += 1
        self._last_error = f"{self._id}: {reason}"

    def _leave(self) -> None:
        """Take every book back: none of them can be trusted any more."""
        if self._failure is None:
            empty = [events.book(index, [], []) for index in sorted(self._has_book)]
            self._has_book.clear()
            self._become(VenueState.DOWN, empty)

    def _become(self, state: VenueState, before: Sequence[EventRow] = ()) -> None:
        self._state = state
        self._tell([*before, events.venue_state(state)])

    def _tell(self, rows: Sequence[EventRow]) -> None:
        assert self._sink is not None
        try:
            for row in rows:
                self._sink.put(row)
            self._sink.flush()
        except Exception as error:
            self._failure = error
            raise

    async def _pause(self) -> None:
        if self._closed.is_set():
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._backoff.next_delay_s()):
                await self._closed.wait()


def _time_ns(milliseconds: float | None) -> int:
    return int(milliseconds * _NS_PER_MS) if milliseconds else 0


def _sentence(error: Exception) -> str:
    """First line of what the library says, which may be a whole page."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
