"""City data in the engine: told to the kernel, valued for the event, shown to viewers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from math import nan
from typing import Protocol

from core.api.topics import Settlement, no_settlement
from core.domain.events import EventRow
from core.domain.snapshot import FeedView
from core.feeds.health import SourceHealth
from core.feeds.port import Reading
from core.runtime.city_channels import CityChannels
from core.runtime.city_views import feed_view
from core.runtime.valuation import CityClock, Valuation

NO_EVENT = "no event is chosen, so nothing settles: say --set city.event=NAME; known: {names}"


class CityFeeds(CityClock, Protocol):
    """Where readings come from: public services, or a city that does not exist."""

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


class City:
    """
    City data of one engine.

    Args:
        feeds: Where readings come from.
        valuation: Of the event's products; None without an event.
        tell: Applies events to the kernel.
        names: Events that could be chosen, for the sentence that says so.
    """

    def __init__(
        self,
        feeds: CityFeeds,
        valuation: Valuation | None,
        tell: Callable[[Sequence[EventRow]], None],
        names: Sequence[str] = (),
    ) -> None:
        self._feeds = feeds
        self._valuation = valuation
        self._tell = tell
        self._names = tuple(names)
        self._channels = CityChannels()

    async def run(self) -> None:
        """Take in readings until `close`; what the engine raises ends it."""
        parts = self._valuation.parts() if self._valuation is not None else []
        tasks = [asyncio.ensure_future(part) for part in (self._feeds.run(self.take), *parts)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """End `run`."""
        await self._feeds.close()

    def take(self, reading: Reading) -> None:
        """Tell the kernel what its channels follow; what products are worth comes after."""
        if rows := self._channels.rows(reading.observations):
            self._tell(rows)
        if self._valuation is not None:
            self._valuation.take(reading)

    def feeds(self) -> tuple[FeedView, ...]:
        """Every topic as screens show it, and the cache where something is wrong with it."""
        views = [feed_view(health) for health in self._feeds.health()]
        if trouble := self._feeds.cache_trouble:
            views.append(FeedView("feed cache", nan, "STALE", "memory instead", trouble))
        return tuple(views)

    def settlement(self) -> Settlement:
        """The page of the event."""
        if self._valuation is None:
            return no_settlement(NO_EVENT.format(names=", ".join(self._names) or "none"))
        return self._valuation.page()
