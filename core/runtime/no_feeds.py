"""Feeds of an event that needs none: its products are worth what the market says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from core.feeds.health import SourceHealth
from core.feeds.port import Reading


class NoFeeds:
    """Tells nothing until it is closed."""

    is_simulated = False
    cache_trouble = ""

    def __init__(self) -> None:
        self._closed = asyncio.Event()

    @property
    def now_ns(self) -> int:
        """The time of day."""
        return time.time_ns()

    def ours_ns(self, ts_ns: int) -> int:
        """It is the time of day."""
        return ts_ns

    async def run(self, on_reading: Callable[[Reading], None]) -> None:
        """Wait for `close`."""
        del on_reading
        await self._closed.wait()

    def health(self) -> tuple[SourceHealth, ...]:
        """There is none to be well or not."""
        return ()

    async def close(self) -> None:
        """End `run`."""
        self._closed.set()
