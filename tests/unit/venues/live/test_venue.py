"""A feed and an account as one venue."""

from __future__ import annotations

import asyncio

import pytest

from core.domain import events
from core.domain.enums import EventKind, VenueState
from core.domain.events import load
from core.venues.live.venue import LiveVenue
from core.venues.port import VenueAbilities, VenueCounters


class Part:
    """Half of a venue that does as told."""

    name = "half"
    abilities = VenueAbilities(amends_orders=True, has_market_orders=True)

    def __init__(self, rows=(), error=None):
        self.rows, self.error = rows, error
        self.state, self.last_error = VenueState.SYNCED, ""
        self._over = asyncio.Event()
        self.is_closed = False

    async def run(self, sink):
        for row in self.rows:
            sink.put(row)
        sink.flush()
        if self.error is not None:
            raise self.error
        await self._over.wait()

    async def close(self):
        self.is_closed = True
        self._over.set()

    def counters(self):
        return VenueCounters(self.state, "x", 3, 0, 1, 0, 0, 0, 2.0, self.last_error)


class Listener:
    def __init__(self):
        self.rows = []

    def put(self, row):
        self.rows.append(bytes(row))

    def flush(self, received_ns=0):
        pass


async def test_the_account_alone_speaks_for_the_connection() -> None:
    feed = Part([events.venue_state(VenueState.SYNCED), events.book(0, [(9, 1)], [(11, 1)])])
    orders = Part([events.venue_state(VenueState.CONNECTED)])
    venue, sink = LiveVenue(feed, orders), Listener()
    task = asyncio.ensure_future(venue.run(sink))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await venue.close()
    await task
    rows = load(sink.rows)
    assert sorted(rows["kind"].tolist()) == [EventKind.BOOK, EventKind.VENUE_STATE]
    assert VenueState.CONNECTED in rows["status"].tolist()


async def test_what_ends_one_half_ends_the_other() -> None:
    feed, orders = Part(), Part(error=ZeroDivisionError("no journal"))
    with pytest.raises(ZeroDivisionError, match="no journal"):
        await LiveVenue(feed, orders).run(Listener())


async def test_without_market_data_it_is_not_synced_and_says_why() -> None:
    feed, orders = Part(), Part()
    venue = LiveVenue(feed, orders)
    orders.last_error = "place: -2010: too little"
    assert (venue.counters().state, venue.counters().messages) == (VenueState.SYNCED, 6)
    assert venue.counters().last_error == "place: -2010: too little"
    feed.state, feed.last_error = VenueState.DOWN, "its name could not be looked up"
    assert venue.counters().state is VenueState.CONNECTED
    assert venue.counters().last_error == "its name could not be looked up"
    orders.state = VenueState.DOWN
    assert venue.counters().last_error == (
        "place: -2010: too little; its name could not be looked up"
    )
