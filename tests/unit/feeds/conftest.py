"""A desk on virtual time."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from core.feeds.cache.memory import MemoryCache
from core.feeds.desk import FeedDesk
from tests.feeds.fake_source import START_NS, FakeFetcher
from tests.feeds.virtual_time import VirtualLoop


class World:
    """Sources, a fetcher and desks that share a cache, on the clock of one loop."""

    def __init__(self) -> None:
        self.loop = VirtualLoop()
        self.shift_s = 0.0
        """Added to the wall clock."""
        self.slept_s = 0.0
        """How long the machine was asleep: the loop's clock stood still."""
        self.fetcher = FakeFetcher(self.wall_ns)
        self.cache = MemoryCache(self.clock)
        self.readings: list = []
        self.desks: list[FeedDesk] = []
        self._tasks: list[asyncio.Task] = []

    def wall_ns(self) -> int:
        return START_NS + int((self.clock() + self.shift_s) * 1e9)

    def clock(self) -> float:
        return self.loop.time() + self.slept_s

    def start(self, *chains, seed: int = 5, fetcher=None, cache=None, **more) -> FeedDesk:
        desk = FeedDesk(
            chains,
            fetcher or self.fetcher,
            cache=cache or self.cache,
            on_reading=more.pop("on_reading", self.readings.append),
            wall_ns=self.wall_ns,
            clock=self.clock,
            random=Random(seed),
            **more,
        )
        self.desks.append(desk)
        self._tasks.append(self.loop.create_task(desk.run()))
        return desk

    def live(self, seconds: float) -> None:
        """Let virtual time go by; what a desk raised is raised here."""
        self.loop.run_until_complete(asyncio.sleep(seconds))
        for task in self._tasks:
            if task.done():
                task.result()

    def values(self) -> list[float]:
        return [each.value for reading in self.readings for each in reading.observations]

    def close(self) -> None:
        for desk in self.desks:
            self.loop.run_until_complete(desk.close())
        self.loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self.loop.close()


@pytest.fixture
def world():
    world = World()
    yield world
    world.close()
