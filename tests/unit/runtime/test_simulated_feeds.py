"""A simulated city as feeds."""

from __future__ import annotations

import asyncio

from core.feeds.health import FeedState
from core.feeds.places import MUNICH
from core.feeds.port import Quality, Topic
from core.feeds.simulated.city import SimulatedCity
from core.runtime import simulated_feeds
from core.runtime.simulated_feeds import SimulatedFeeds

START_NS = 1_763_802_000 * 10**9
WALL_NS = 1_800_000_000 * 10**9


class Clock:
    s = 50.0

    def __call__(self):
        return self.s


async def test_its_time_runs_as_fast_as_it_is_told_from_where_it_began() -> None:
    clock = Clock()
    feeds = SimulatedFeeds(SimulatedCity(MUNICH, 7), START_NS, 60.0, began_ago_s=10.0, clock=clock)
    assert feeds.now_ns == START_NS + 600 * 10**9
    clock.s += 2.5
    assert feeds.now_ns == START_NS + 750 * 10**9


async def test_its_moments_have_a_time_by_our_clock_that_never_changes() -> None:
    clock = Clock()
    feeds = SimulatedFeeds(
        SimulatedCity(MUNICH, 7), START_NS, 60.0,
        began_ago_s=10.0, clock=clock, wall_ns=lambda: WALL_NS,
    )  # fmt: skip
    clock.s += 2.5
    assert feeds.ours_ns(feeds.now_ns) == WALL_NS + int(2.5e9)
    assert feeds.ours_ns(START_NS + 60 * 10**9) == WALL_NS - int(9e9)


async def test_it_tells_the_day_before_first_and_then_what_is_new(monkeypatch) -> None:
    monkeypatch.setattr(simulated_feeds, "_EVERY_S", 0.001)
    clock, told = Clock(), []
    feeds = SimulatedFeeds(SimulatedCity(MUNICH, 7), START_NS, 60.0, clock=clock)
    assert {health.state for health in feeds.health()} == {FeedState.CONNECTING}
    task = asyncio.ensure_future(feeds.run(told.append))
    async with asyncio.timeout(30):
        while not told:
            await asyncio.sleep(0.001)
        first = told[0]
        assert min(one.valid_ts_ns for one in first.observations) < START_NS - 23 * 3600 * 10**9
        assert {one.quality for one in first.observations} == {Quality.SIMULATED}
        clock.s += 15.0
        while len(told) < 2:
            await asyncio.sleep(0.001)
    await feeds.close()
    await task
    assert all(START_NS < one.valid_ts_ns <= START_NS + 900 * 10**9 for one in told[1].observations)
    health = feeds.health()
    assert [one.topic for one in health] == list(Topic)
    assert {(one.source, one.state) for one in health} == {("simulated", FeedState.LIVE)}
