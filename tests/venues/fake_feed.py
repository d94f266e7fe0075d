"""Market data without a socket: books of small markets, and connections that break."""

from __future__ import annotations

import asyncio

from core.domain import events
from core.domain.enums import VenueState
from core.venues.port import VenueCounters


class MarketSource:
    """What feeds look at: markets, and whether anybody answers."""

    def __init__(self, markets, floor_bid=False) -> None:
        self.markets = markets
        self.is_up = False
        self.floor_bid = floor_bid
        self.feeds: set[FakeFeed] = set()

    def publish(self) -> None:
        for feed in list(self.feeds):
            feed.publish()

    def cut(self) -> None:
        for feed in list(self.feeds):
            feed.cut()


class FakeFeed:
    """A `MarketFeed` on a `MarketSource`."""

    def __init__(self, source, instruments) -> None:
        self.source = source
        self.instruments = instruments
        self.state = VenueState.DOWN
        self.connections = 0
        self.sink = None
        self.closing = False
        self._changed = asyncio.Event()

    @property
    def name(self) -> str:
        return "fake"

    async def run(self, sink) -> None:
        self.sink = sink
        while not self.closing:
            self._tell(VenueState.CONNECTING)
            if self.source.is_up:
                await self._connected()
            self._tell(VenueState.DOWN)
            await asyncio.sleep(0.005)

    async def _connected(self) -> None:
        self.connections += 1
        self._changed.clear()
        try:
            self._tell(VenueState.CONNECTED)
            self.source.feeds.add(self)
            self.publish()
            self._tell(VenueState.SYNCED)
            await self._changed.wait()
        finally:
            self.source.feeds.discard(self)
        for index in range(len(self.instruments)):
            self.sink.put(events.book(index, (), ()))

    def publish(self) -> None:
        for index, (item, market) in enumerate(
            zip(self.instruments, self.source.markets, strict=True)
        ):
            sides = [
                [(item.to_ticks(price), item.to_lots(size)) for price, size in market.levels(side)]
                for side in (1, -1)
            ]
            if self.source.floor_bid:
                sides[0].append((1, 1))
            self.sink.put(events.book(index, *sides))
        self.sink.flush()

    def print_trade(self, index, ticks, lots, side) -> None:
        self.sink.put(events.trade(index, ticks, lots, side))
        self.sink.flush()

    def cut(self) -> None:
        self._changed.set()

    def counters(self) -> VenueCounters:
        return VenueCounters(
            state=self.state,
            exchange_session="fake",
            messages=self.connections,
            reconnects=max(0, self.connections - 1),
            gaps=0,
            duplicates=0,
            refused=0,
            unsent=0,
            last_message_monotonic_s=0.0,
            last_error="",
        )

    async def close(self) -> None:
        self.closing = True
        self.cut()

    def _tell(self, state) -> None:
        self.state = state
        self.sink.put(events.venue_state(state))
        self.sink.flush()
