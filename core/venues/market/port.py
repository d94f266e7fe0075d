"""What a source of public market data promises, live or recorded."""

from __future__ import annotations

from typing import Protocol

from core.venues.port import EventSink, VenueCounters


class MarketFeed(Protocol):
    """
    Public market data of one venue, as events.

    Events of one connection come in this order: VENUE_STATE CONNECTING, CONNECTED, then
    books and trades at any time, SYNCED once every instrument has had a book, but for those
    that the venue does not have or is silent about, and DOWN when the connection is lost.
    A book that can no longer be trusted is replaced by an empty BOOK at once. Everything
    here runs on the engine's event loop.
    """

    @property
    def name(self) -> str:
        """Short name for screens and logs."""
        ...

    async def run(self, sink: EventSink) -> None:
        """
        Connect and stay connected, whatever happens to the connection, until `close`.

        Rows are put into the sink, which is flushed with the time of receipt at the end of
        each chunk.

        Raises:
            Exception: What `sink.flush` raised, after the connection was dropped.
        """
        ...

    def counters(self) -> VenueCounters:
        """Read the counters."""
        ...

    async def close(self) -> None:
        """End `run`."""
        ...
