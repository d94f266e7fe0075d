"""What is asked of a source of public market data, and what it promises."""

from __future__ import annotations

from typing import Protocol

from core.venues.port import EventSink, VenueCounters


class MarketFeed(Protocol):
    """Public market data of one venue, as events."""

    @property
    def name(self) -> str:
        """Short name for screens and logs."""
        ...

    async def run(self, sink: EventSink) -> None:
        """Connect and stay connected until `close`; reconnects by itself."""
        ...

    def counters(self) -> VenueCounters:
        """Read the counters."""
        ...

    async def close(self) -> None:
        """End `run`."""
        ...
