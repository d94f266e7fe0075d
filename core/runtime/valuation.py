"""
Fair values of an event in the engine: worked out beside the loop, told to the kernel.

Readings and prices come in on the engine's loop. What they make of the products is worked out
in one thread, one after another, so that no draw ever stands in a book's way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from core.api.topics import Settlement
from core.domain import events
from core.domain.enums import Channel
from core.domain.events import EventRow
from core.domain.instrument import Instrument
from core.events.pricer import FairValue, Pricer
from core.feeds.port import Observation, Reading
from core.runtime.city_views import settlement_page

NO_NEWS = "no feed has told anything of it yet: press D for how they are"
REFIT_EVERY_NS = 3_600_000_000_000
"""How often the errors of forecasts are measured anew; it takes tenths of a second."""

LOOK_EVERY_S = 0.5
"""How often the market is asked what the parts of a basket cost."""

RENEW_EVERY_S = 60.0
"""How often it is told that they cost the same: a calm market is no dead one."""


class CityClock(Protocol):
    """Time of the city that settles, which may not be ours."""

    @property
    def is_simulated(self) -> bool:
        """Whether the city does not exist."""
        ...

    @property
    def now_ns(self) -> int:
        """The city's time."""
        ...

    def ours_ns(self, ts_ns: int) -> int:
        """Tell when a moment of the city is by our clock, UTC. The same moment, the same answer."""
        ...


@dataclass(frozen=True, slots=True)
class Market:
    """What is traded here, as far as an event needs it."""

    instruments: Sequence[Instrument]
    """In the order of the kernel's indexes; those that bear a product's name get its value."""
    mids: Callable[[], Mapping[str, float]]
    """Prices by symbol, of books with two sides."""
    tell: Callable[[Sequence[EventRow]], None]
    """Applies events to the kernel."""


class Valuation:
    """
    Values of one event's products, kept up to date.

    Args:
        pricer: Values them; used by one thread at a time.
        clock: Of the city.
        market: What is traded.
    """

    def __init__(self, pricer: Pricer, clock: CityClock, market: Market) -> None:
        self._pricer = pricer
        self._clock = clock
        self._market = market
        self._places = {
            str(item.symbol): (index, float(item.tick_size))
            for index, item in enumerate(market.instruments)
        }
        self._priced_by_market = {
            entry.symbol for entry in pricer.event.products if entry.is_market
        }
        self._newest: dict[str, Observation] = {}
        self._values: dict[str, FairValue] = {}
        self._trouble = ""
        self._readings: list[Reading] = []
        self._marks: dict[str, float] = {}
        self._news = asyncio.Event()
        self._refit_due_ns = 0

    def parts(self) -> list[Coroutine[Any, Any, None]]:
        """List what has to run for as long as values are wanted."""
        parts = [self._price_on()]
        if self._priced_by_market:
            parts.append(self._watch_market())
        return parts

    def take(self, reading: Reading) -> None:
        """Take in what a feed told; values follow."""
        for series in self._pricer.event.series:
            for told in reading.observations:
                before = self._newest.get(series.name)
                is_newer = before is None or told.valid_ts_ns >= before.valid_ts_ns
                if series.takes(told) and is_newer:
                    self._newest[series.name] = told
        self._readings.append(reading)
        self._news.set()

    def page(self) -> Settlement:
        """Show the event as it is now."""
        return settlement_page(
            self._pricer.event,
            self._values,
            self._newest,
            now_ns=self._clock.now_ns,
            is_simulated=self._clock.is_simulated,
            trouble=self._trouble if self._newest or not self._pricer.event.series else NO_NEWS,
        )

    async def _watch_market(self) -> None:
        """Note what parts of baskets cost, where nothing else says what they are worth."""
        told: dict[str, float] = {}
        due_s = 0.0
        loop = asyncio.get_running_loop()
        while True:
            mids = self._market.mids()
            marks = {symbol: mids[symbol] for symbol in self._priced_by_market & mids.keys()}
            if marks and (marks != told or loop.time() >= due_s):
                self._marks = told = marks
                due_s = loop.time() + RENEW_EVERY_S
                self._news.set()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _price_on(self) -> None:
        thread = ThreadPoolExecutor(1, thread_name_prefix="pricing")
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                work = self._work()
                values, self._trouble = await loop.run_in_executor(thread, work.do, self._pricer)
                self._tell({value.symbol: value for value in values})
        finally:
            thread.shutdown(wait=False)

    def _tell(self, values: dict[str, FairValue]) -> None:
        before, self._values = self._values, values
        rows = [
            self._row(value)
            for symbol, value in values.items()
            if symbol in self._places and value != before.get(symbol)
        ]
        if rows:
            self._market.tell(rows)

    def _work(self) -> _Work:
        now_ns = self._clock.now_ns
        is_due = now_ns >= self._refit_due_ns
        if is_due:
            self._refit_due_ns = now_ns + REFIT_EVERY_NS
        work = _Work(self._readings, self._marks, now_ns, is_refit_due=is_due)
        self._readings, self._marks = [], {}
        return work

    def _row(self, value: FairValue) -> EventRow:
        """
        Make the event for the instrument of that name, in its ticks.

        Its time is that of the oldest news it rests on: by it the kernel sees that a feed is
        dead while others go on.
        """
        index, tick_size = self._places[value.symbol]
        return events.observation(
            Channel.FAIR_VALUE,
            value.expected / tick_size,
            self._clock.ours_ns(value.as_of_ts_ns or self._clock.now_ns),
            instrument=index,
            error=value.deviation / tick_size,
        )


@dataclass(frozen=True, slots=True)
class _Work:
    """What is new for a pricer."""

    readings: Sequence[Reading]
    marks: Mapping[str, float]
    now_ns: int
    is_refit_due: bool

    def do(self, pricer: Pricer) -> tuple[tuple[FairValue, ...], str]:
        """Work out values, and a sentence on why some products have none."""
        for reading in self.readings:
            pricer.take(reading)
        for symbol, price in self.marks.items():
            pricer.mark(symbol, price, self.now_ns)
        if self.is_refit_due:
            pricer.refit(self.now_ns)
        values = pricer.values()
        if missing := pricer.missing():
            return values, f"too little is known yet of {', '.join(missing)}"
        return values, "; ".join(f"{name}: {why}" for name, why in pricer.unpriced().items())
