"""
City data in the engine: told to the kernel, valued for the event, shown to viewers.

Readings come in on the engine's loop. What they make of the event's products is worked out
in a thread, one after another, so that no draw ever stands in a book's way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan
from typing import Protocol

from core.api.topics import Settlement, Settling, Told, no_settlement
from core.domain import events
from core.domain.enums import Channel
from core.domain.events import EventRow
from core.domain.instrument import Instrument
from core.domain.snapshot import FeedView
from core.events.pricer import FairValue, Pricer
from core.events.profile import Series
from core.feeds.health import FeedState, SourceHealth
from core.feeds.port import Observation, Quality, Quantity, Reading, Topic
from core.feeds.sources import ATTRIBUTIONS

NO_EVENT = "no event is chosen, so nothing settles: say --set city.event=NAME; known: {names}"
REFIT_EVERY_NS = 3_600_000_000_000
"""How often the errors of forecasts are measured anew; it takes tenths of a second."""

_INDEXES = (Quantity.EAQI, Quantity.US_AQI, Quantity.OWM_AQI)
_DOUBTS = {
    Quality.SUSPECT: "the same for hours",
}


class CityFeeds(Protocol):
    """Where readings come from: public services, or a city that does not exist."""

    @property
    def is_simulated(self) -> bool:
        """Whether the city does not exist."""
        ...

    @property
    def now_ns(self) -> int:
        """The city's time; a simulated one has its own."""
        ...

    async def run(self, on_reading: Callable[[Reading], None]) -> None:
        """Tell readings until `close`, in the loop that runs this."""
        ...

    def health(self) -> tuple[SourceHealth, ...]:
        """How each topic is."""
        ...

    @property
    def cache_trouble(self) -> str:
        """Sentence on what is wrong with the cache; empty where nothing is."""
        ...

    async def close(self) -> None:
        """End `run`."""
        ...


class Inbox(Protocol):
    """The engine, as far as the city needs it."""

    def put(self, row: EventRow) -> None:
        """Queue one event."""
        ...

    def flush(self) -> None:
        """Apply what is queued."""
        ...


@dataclass(frozen=True, slots=True)
class _Newest:
    """What was said last of a series, in its own unit."""

    value: float
    observation: Observation


class City:
    """
    City data of one engine.

    Args:
        feeds: Where readings come from.
        pricer: Values the event's products; None without an event.
        instruments: In the order of the kernel's indexes; those that bear a product's name
            get its fair value.
        inbox: The engine.
        names: Events that could be chosen, for the sentence that says so.
    """

    def __init__(
        self,
        feeds: CityFeeds,
        pricer: Pricer | None,
        instruments: Sequence[Instrument],
        inbox: Inbox,
        names: Sequence[str] = (),
    ) -> None:
        self._feeds = feeds
        self._pricer = pricer
        self._inbox = inbox
        self._names = tuple(names)
        self._places = {
            str(item.symbol): (index, float(item.tick_size))
            for index, item in enumerate(instruments)
        }
        self._channels = _Channels()
        self._newest: dict[str, _Newest] = {}
        self._values: tuple[FairValue, ...] = ()
        self._unpriced: dict[str, str] = {}
        self._pending: list[Reading] = []
        self._news = asyncio.Event()
        self._refit_due_ns = 0

    async def run(self) -> None:
        """Take in readings until `close`; what the engine raises ends it."""
        pricing = asyncio.ensure_future(self._price_on())
        listening = asyncio.ensure_future(self._feeds.run(self.take))
        try:
            done, _ = await asyncio.wait({pricing, listening}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (pricing, listening):
                task.cancel()
            await asyncio.gather(pricing, listening, return_exceptions=True)

    async def close(self) -> None:
        """End `run`."""
        await self._feeds.close()

    def take(self, reading: Reading) -> None:
        """Tell the kernel what its channels follow; what products are worth comes after."""
        rows = self._channels.rows(reading.observations)
        for row in rows:
            self._inbox.put(row)
        if rows:
            self._inbox.flush()
        if self._pricer is None:
            return
        for series in self._pricer.event.series:
            self._note(series, reading)
        self._pending.append(reading)
        self._news.set()

    def feeds(self) -> tuple[FeedView, ...]:
        """Every topic as screens show it, and the cache where something is wrong with it."""
        views = [_view(health) for health in self._feeds.health()]
        if trouble := self._feeds.cache_trouble:
            views.append(FeedView("feed cache", nan, "STALE", "memory instead", trouble))
        return tuple(views)

    def settlement(self) -> Settlement:
        """The page of the event."""
        pricer = self._pricer
        if pricer is None:
            return no_settlement(NO_EVENT.format(names=", ".join(self._names) or "none"))
        event = pricer.event
        values = {value.symbol: value for value in self._values}
        return Settlement(
            event=event.name,
            title=event.title,
            start_ts_ns=event.start_ts_ns,
            end_ts_ns=event.end_ts_ns,
            as_of_ts_ns=self._feeds.now_ns,
            is_simulated=self._feeds.is_simulated,
            products=tuple(
                _settling(entry.symbol, values.get(entry.symbol)) for entry in event.products
            ),
            series=tuple(_told(series, self._newest.get(series.name)) for series in event.series),
            trouble=self._trouble(),
        )

    def _trouble(self) -> str:
        if not self._newest:
            return "no feed has told anything of it yet: press D for how they are"
        return "; ".join(sorted(set(self._unpriced.values())))

    def _note(self, series: Series, reading: Reading) -> None:
        for told in reading.observations:
            before = self._newest.get(series.name)
            is_newer = before is None or told.valid_ts_ns >= before.observation.valid_ts_ns
            if series.takes(told) and is_newer:
                self._newest[series.name] = _Newest(series.unit.of(told.value), told)

    async def _price_on(self) -> None:
        pricer = self._pricer
        while True:
            await self._news.wait()
            self._news.clear()
            readings, self._pending = self._pending, []
            if pricer is None:
                continue
            before = {value.symbol: value for value in self._values}
            refit_ns = self._due_refit()
            self._values, self._unpriced = await asyncio.to_thread(
                _priced, pricer, readings, refit_ns
            )
            rows = [
                row
                for value in self._values
                if value != before.get(value.symbol)
                if (row := self._fair_value(value)) is not None
            ]
            for row in rows:
                self._inbox.put(row)
            if rows:
                self._inbox.flush()

    def _due_refit(self) -> int:
        """Moment before which errors are measured anew, once an hour of the city; 0 for not now."""
        now_ns = self._feeds.now_ns
        if now_ns < self._refit_due_ns:
            return 0
        self._refit_due_ns = now_ns + REFIT_EVERY_NS
        return now_ns

    def _fair_value(self, value: FairValue) -> EventRow | None:
        """Make the event for an instrument of that name, in its ticks."""
        place = self._places.get(value.symbol)
        if place is None:
            return None
        index, tick_size = place
        return events.observation(
            Channel.FAIR_VALUE,
            value.expected / tick_size,
            value.as_of_ts_ns,
            instrument=index,
            error=value.deviation / tick_size,
        )


class _Channels:
    """What the kernel follows of a city: one number a channel, of one kind all the time."""

    def __init__(self) -> None:
        self._index: Quantity | None = None

    def rows(self, observations: Sequence[Observation]) -> list[EventRow]:
        """Make the events, oldest first."""
        told = sorted(observations, key=lambda one: one.valid_ts_ns)
        return [
            events.observation(channel, one.value, one.valid_ts_ns)
            for one in told
            if (channel := self._channel(one)) is not None
        ]

    def _channel(self, told: Observation) -> Channel | None:
        if told.quality is Quality.SUSPECT:
            return None
        if told.quantity is Quantity.TEMPERATURE_C:
            return Channel.WEATHER
        if told.quantity is Quantity.AIRCRAFT:
            return Channel.FLIGHTS
        if told.quantity in _INDEXES:
            # Three scales, which never make one series: the first that comes is followed.
            self._index = self._index or told.quantity
            return Channel.AIR_QUALITY if told.quantity is self._index else None
        return None


def _priced(
    pricer: Pricer, readings: Sequence[Reading], refit_ns: int
) -> tuple[tuple[FairValue, ...], dict[str, str]]:
    for reading in readings:
        pricer.take(reading)
    if refit_ns:
        pricer.refit(refit_ns)
    return pricer.values(), dict(pricer.unpriced())


def _view(health: SourceHealth) -> FeedView:
    state = str(health.state)
    is_well = health.state is FeedState.LIVE and health.is_preferred
    note = "" if is_well else health.last_error
    return FeedView(
        name=f"{Topic(health.topic).value.replace('_', ' ')}",
        age_s=nan if health.age_s is None else health.age_s,
        state=state,
        source=health.source
        + (f", {100 * health.hit_rate:.0f} % shared" if health.hit_rate else ""),
        note=note,
        credit=ATTRIBUTIONS.get(health.source, ""),
    )


def _settling(symbol: str, value: FairValue | None) -> Settling:
    if value is None:
        return Settling(symbol, None, None, None, None, None)
    return Settling(
        symbol=symbol,
        known=value.known,
        expected=value.expected,
        low=value.low,
        high=value.high,
        deviation=value.deviation,
    )


def _told(series: Series, newest: _Newest | None) -> Told:
    if newest is None:
        return Told(series.name, series.settings.unit, None, 0, "", "")
    one = newest.observation
    return Told(
        name=series.name,
        unit=series.settings.unit,
        value=newest.value,
        valid_ts_ns=one.valid_ts_ns,
        source=one.source,
        note=_DOUBTS.get(one.quality, ""),
    )
