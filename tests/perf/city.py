"""City data: all sources at once against the slowest alone, and what a shared cache saves."""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import pytest

from core.feeds.cache.flight import obtain
from core.feeds.cache.memory import MemoryCache
from core.feeds.cache.port import FeedCache
from core.feeds.cache.redis import RedisCache
from core.feeds.desk import FeedDesk
from core.feeds.fetch import HttpFetcher
from core.feeds.port import Answer, Topic
from tests.feeds.city_server import CityServer, Reply
from tests.feeds.fake_source import START_NS, FakeFetcher, FakeSource
from tests.feeds.redis_server import RedisServer, need_redis
from tests.feeds.virtual_time import VirtualLoop
from tests.perf.row import Row, Target, median, percentile

ROUNDS = 5
DELAYS_S = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
ENGINES = 6
DAY_S = 86_400.0
LOOKS = 2_000
DEFAULTS = (
    (Topic.WEATHER, 300.0),
    (Topic.AIR_QUALITY, 1800.0),
    (Topic.FLIGHTS, 10.0),
    (Topic.RIVER, 450.0),
)
"""Intervals of the sources that are asked without a key."""

_BODY = b'{"value": 11.5}'


def measure() -> list[Row]:
    """Measure all of them."""
    return [_at_once(), *_hit_rate(), *_look("memory"), *_look("redis")]


def _at_once() -> Row:
    """One round of all sources, beside the slowest of them alone."""
    every, alone = asyncio.run(_rounds())
    return Row(
        "city, all feeds at once",
        median(every) * 1e3,
        "ms",
        Target(1.2, of="ratio"),
        "the slowest alone",
        median(alone) * 1e3,
        f"{len(DELAYS_S)} sources on one pool, answers after {DELAYS_S[0] * 1e3:.0f} to "
        f"{DELAYS_S[-1] * 1e3:.0f} ms, {ROUNDS} rounds; one by one it would be "
        f"{sum(DELAYS_S) * 1e3:,.0f} ms",
    )


async def _rounds() -> tuple[list[float], list[float]]:
    every, alone = [], []
    async with CityServer() as server:
        for index, delay_s in enumerate(DELAYS_S):
            server.replies[f"/{index}"] = Reply(_BODY, delay_s=delay_s)
        fetcher = HttpFetcher()
        slowest = len(DELAYS_S) - 1
        try:
            for _ in range(ROUNDS):
                alone.append(await _round(fetcher, server, [slowest]))
                every.append(await _round(fetcher, server, range(len(DELAYS_S))))
        finally:
            await fetcher.close()
    return every, alone


async def _round(fetcher: HttpFetcher, server: CityServer, indexes) -> float:
    """Seconds from the start of a desk until each of its sources has been read."""
    all_read = asyncio.Event()
    readings = []

    def on_reading(reading) -> None:
        readings.append(reading)
        if len(readings) == len(indexes):
            all_read.set()

    chains = [[FakeSource(str(index), url=server.url(f"/{index}"))] for index in indexes]
    desk = FeedDesk(chains, fetcher, cache=MemoryCache(), on_reading=on_reading)
    start_s = time.perf_counter()
    task = asyncio.ensure_future(desk.run())
    await asyncio.wait_for(all_read.wait(), 30)
    taken_s = time.perf_counter() - start_s
    await desk.close()
    await task
    return taken_s


def _hit_rate() -> list[Row]:
    """A day of several engines on one cache, on virtual time."""
    loop = VirtualLoop()

    def wall_ns() -> int:
        return START_NS + int(loop.time() * 1e9)

    fetcher, cache = FakeFetcher(wall_ns, delay_s=0.3), MemoryCache(loop.time)
    chains = [
        [FakeSource(topic.value, topic, interval_s, f"http://{topic.value}.test/now")]
        for topic, interval_s in DEFAULTS
    ]
    desks = [
        FeedDesk(
            chains,
            fetcher,
            cache=cache,
            on_reading=lambda _: None,
            wall_ns=wall_ns,
            clock=loop.time,
            random=Random(seed),
        )
        for seed in range(ENGINES)
    ]

    async def day() -> None:
        tasks = [asyncio.ensure_future(desk.run()) for desk in desks]
        await asyncio.sleep(DAY_S)
        for desk in desks:
            await desk.close()
        await asyncio.gather(*tasks)

    loop.run_until_complete(day())
    loop.close()
    health = [each for desk in desks for each in desk.health()]
    requests = sum(each.requests for each in health)
    answers = sum(each.answers for each in health)
    allowed = sum(DAY_S / interval_s for _, interval_s in DEFAULTS)
    return [
        Row(
            "city, answers from the cache",
            100 * (1 - requests / answers),
            "%",
            Target(80, "least"),
            note=f"{ENGINES} engines, a day of virtual time, {answers:,} answers; the most that "
            f"{ENGINES} can reach is {100 * (1 - 1 / ENGINES):.1f} %",
        ),
        Row(
            "city, requests of all engines",
            requests,
            "a day",
            Target(1.0, of="ratio"),
            "what one engine may ask",
            allowed,
        ),
    ]


def _look(kind: str) -> list[Row]:
    """Microseconds until there is an answer that another has asked for."""
    name = f"city, look into {kind}"
    if kind == "memory":
        taken = asyncio.run(_looks(MemoryCache()))
    else:
        try:
            need_redis()
        except pytest.skip.Exception as reason:
            return [Row(name, None, "us", note=str(reason))]
        taken = _redis_looks()
    note = f"{LOOKS:,} looks for an answer of 30 kB"
    return [
        Row(f"{name}, p50", percentile(taken, 50), "us"),
        Row(f"{name}, p99", percentile(taken, 99), "us", note=note),
    ]


def _redis_looks() -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            return asyncio.run(_looks(RedisCache(server.url)))
        finally:
            server.stop()


async def _looks(cache: FeedCache) -> list[float]:
    answer = Answer(200, {"etag": '"v1"'}, bytes(30_000), START_NS)

    async def never() -> Answer:
        raise AssertionError

    async def nobody(_: Answer) -> float:
        raise AssertionError

    await cache.put("k", answer, 600.0)
    taken = []
    gc.disable()
    try:
        for _ in range(LOOKS):
            start_ns = time.perf_counter_ns()
            await obtain(cache, "k", never, nobody)
            taken.append((time.perf_counter_ns() - start_ns) / 1e3)
    finally:
        gc.enable()
        await cache.close()
    return taken


if __name__ == "__main__":
    from tests.perf.__main__ import table

    sys.stdout.write(table(measure()) + "\n")
