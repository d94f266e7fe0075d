"""A city that does not exist, as feeds: its time runs faster than ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from core.feeds.health import FeedState, SourceHealth
from core.feeds.port import Reading, Topic
from core.feeds.simulated.city import NAME, SimulatedCity

_EVERY_S = 0.1


class SimulatedFeeds:
    """
    Tells of a simulated city ten times a second: who waits longer hears after the makers.

    Args:
        city: Which one.
        start_ns: Its time at the beginning, UTC.
        speed: Its seconds per second of ours.
        began_ago_s: How long ago that was: an exchange that has the same city may be older.
        clock: Steady, in seconds.
        wall_ns: Wall clock; looked at once.
    """

    is_simulated = True
    cache_trouble = ""
    """There is none to have trouble with."""

    def __init__(
        self,
        city: SimulatedCity,
        start_ns: int,
        speed: float,
        *,
        began_ago_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._city = city
        self._start_ns = start_ns
        self._speed = speed
        self._clock = clock
        self._began_s = clock() - began_ago_s
        self._began_ns = wall_ns() - int(began_ago_s * 1e9)
        self._told_s: float | None = None
        self._closed = asyncio.Event()

    @property
    def now_ns(self) -> int:
        """The city's time."""
        return self._start_ns + int((self._clock() - self._began_s) * self._speed * 1e9)

    def ours_ns(self, ts_ns: int) -> int:
        """Tell when a moment of the city is by our clock."""
        return self._began_ns + int((ts_ns - self._start_ns) / self._speed)

    async def run(self, on_reading: Callable[[Reading], None]) -> None:
        """Tell what has happened there until `close`."""
        while not self._closed.is_set():
            # A first look back over a day takes longer than a book may wait.
            reading = await asyncio.to_thread(self._city.advance, self.now_ns)
            self._told_s = self._clock()
            if reading.observations or reading.vintages:
                on_reading(reading)
            try:
                async with asyncio.timeout(_EVERY_S):
                    await self._closed.wait()
            except TimeoutError:
                continue

    def health(self) -> tuple[SourceHealth, ...]:
        """Every topic is told by the same."""
        age_s = None if self._told_s is None else self._clock() - self._told_s
        state = FeedState.CONNECTING if age_s is None else FeedState.LIVE
        return tuple(
            SourceHealth(
                topic=topic,
                source=NAME,
                state=state,
                age_s=age_s,
                last_error="",
                hit_rate=0.0,
                requests=0,
                answers=0,
                next_try_s=0.0,
            )
            for topic in Topic
        )

    async def close(self) -> None:
        """End `run`."""
        self._closed.set()
