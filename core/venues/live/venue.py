"""
Market data of a feed and the orders of an account, as one `Venue`.

The account speaks for the connection: its states are the venue's. A feed that is lost
takes its books away, and an instrument without a book is not quoted; orders can be
canceled all the while.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from core.domain.enums import EventKind, VenueState
from core.domain.events import EventRow
from core.domain.memory import Rows
from core.venues.common.session_client import SessionClient
from core.venues.common.simulated_account import kind_and_instrument
from core.venues.common.together import run_together
from core.venues.market.port import MarketFeed
from core.venues.port import EventSink, VenueAbilities, VenueCounters


class LiveVenue:
    """
    A feed and an account.

    Args:
        feed: Public market data.
        orders: Of the same venue.
    """

    def __init__(self, feed: MarketFeed, orders: SessionClient) -> None:
        self._feed = feed
        self._orders = orders

    @property
    def name(self) -> str:
        """Short name for screens and logs."""
        return self._orders.name

    @property
    def abilities(self) -> VenueAbilities:
        """Those of the account."""
        return self._orders.abilities

    async def run(self, sink: EventSink) -> None:
        """Run both until `close`; what ends one ends the other. See `Venue.run`."""
        await run_together([self._orders.run(sink), self._feed.run(_WithoutStates(sink))])

    def submit(self, intents: Rows, count: int) -> None:
        """Write orders now; see `Venue.submit`."""
        self._orders.submit(intents, count)

    def keep_alive(self) -> None:
        """Feed the venue's dead-man timer where it has one."""
        self._orders.keep_alive()

    def counters(self) -> VenueCounters:
        """Sum up both connections; the state is the account's, while there is market data."""
        orders, feed = self._orders.counters(), self._feed.counters()
        has_market = feed.state is VenueState.SYNCED
        return replace(
            orders,
            state=orders.state if has_market else min(orders.state, VenueState.CONNECTED),
            messages=orders.messages + feed.messages,
            gaps=orders.gaps + feed.gaps,
            duplicates=orders.duplicates + feed.duplicates,
            refused=orders.refused + feed.refused,
            last_message_monotonic_s=max(
                orders.last_message_monotonic_s, feed.last_message_monotonic_s
            ),
            last_error=_trouble(orders, feed),
            clock_offset_ns=(
                feed.clock_offset_ns if orders.clock_offset_ns is None else orders.clock_offset_ns
            ),
        )

    async def close(self) -> None:
        """End both."""
        await asyncio.gather(self._feed.close(), self._orders.close())


def _trouble(orders: VenueCounters, feed: VenueCounters) -> str:
    """What went wrong last; where a connection is not there, why that is so."""
    away = [part.last_error for part in (orders, feed) if part.state is not VenueState.SYNCED]
    return "; ".join(filter(None, away)) or orders.last_error or feed.last_error


class _WithoutStates:
    """A sink that takes books and trades alone: the account tells the venue's state."""

    def __init__(self, sink: EventSink) -> None:
        self._sink = sink

    def put(self, row: EventRow) -> None:
        """Pass on what is about the market."""
        if kind_and_instrument(row)[0] != EventKind.VENUE_STATE:
            self._sink.put(row)

    def flush(self, received_ns: int = 0) -> None:
        """Let the engine decide."""
        self._sink.flush(received_ns)
