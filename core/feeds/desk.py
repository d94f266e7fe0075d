"""Asks the sources of a city when it is time, and says how they are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from random import Random

from core.feeds.cache.port import FeedCache
from core.feeds.clock import ForwardClock
from core.feeds.fetch import Fetcher
from core.feeds.health import STALE_AFTER_S, SourceHealth
from core.feeds.lane import Lane
from core.feeds.line import Line
from core.feeds.port import Quantity, Reading, Source, Topic
from core.feeds.stuck import STUCK_AFTER_S

NAP_S = 30.0
"""Longest sleep: a machine that was suspended does not count the time, but `clock` may."""


class FeedDesk:
    """
    The sources of a city, each asked in its own time.

    Every topic has a task of its own, so that one that hangs or fails holds up no other.
    Neither the fetcher nor the cache is closed here: whoever made them does that.

    Args:
        chains: One for each topic: its sources in order of preference.
        fetch: Gets the answers.
        cache: Where answers are kept for others who ask the same.
        on_reading: Called with everything that is new, in the loop that runs `run`.
        wall_ns: Wall clock. Set back by less than an hour, stamps go on rising.
        clock: Steady, in seconds. One that goes on while the machine sleeps keeps ages right.
        random: For jitter.
        stale_after_s: From which age on a topic's values are stale, where not the default.
        stuck_after_s: How long a station may repeat a value, by quantity.
    """

    def __init__(
        self,
        chains: Sequence[Sequence[Source]],
        fetch: Fetcher,
        *,
        cache: FeedCache,
        on_reading: Callable[[Reading], None],
        wall_ns: Callable[[], int] = time.time_ns,
        clock: Callable[[], float] = time.monotonic,
        random: Random | None = None,
        stale_after_s: Mapping[Topic, float] = STALE_AFTER_S,
        stuck_after_s: Mapping[Quantity, float] = STUCK_AFTER_S,
    ) -> None:
        now_ns = ForwardClock(wall_ns, clock)
        random = random if random is not None else Random()  # noqa: S311  jitter, no secret
        self._cache = cache
        self._on_reading = on_reading
        self._closed = asyncio.Event()
        self._lanes = [
            Lane(
                [Line(source, fetch, cache, now_ns, clock, random) for source in chain],
                now_ns,
                clock,
                stale_after_s=stale_after_s,
                stuck_after_s=stuck_after_s,
            )
            for chain in chains
            if chain
        ]

    async def run(self) -> None:
        """Ask until `close`. Never raises for a feed's trouble, only what `on_reading` raises."""
        closed = asyncio.ensure_future(self._closed.wait())
        lanes = [asyncio.ensure_future(self._serve(lane)) for lane in self._lanes]
        try:
            await asyncio.wait({closed, *lanes}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (closed, *lanes):
                task.cancel()
            ends = await asyncio.gather(*lanes, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    def health(self) -> tuple[SourceHealth, ...]:
        """How each topic is, in the order of the chains."""
        return tuple(lane.health() for lane in self._lanes)

    @property
    def cache_trouble(self) -> str:
        """Sentence on what is wrong with the cache; empty where nothing is."""
        return self._cache.trouble

    async def close(self) -> None:
        """End `run`, whatever is under way."""
        self._closed.set()

    async def _serve(self, lane: Lane) -> None:
        while True:
            reading = await lane.round()
            if reading is not None:
                self._on_reading(reading)
            await asyncio.sleep(min(lane.wait_s(), NAP_S))
