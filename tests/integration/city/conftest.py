"""Servers of a city, and a real Redis."""

from __future__ import annotations

import pytest
import pytest_asyncio

from core.feeds.cache.redis import RedisCache
from core.feeds.fetch import HttpFetcher
from tests.feeds.city_server import CityServer
from tests.feeds.redis_server import RedisServer, need_redis


@pytest_asyncio.fixture
async def city():
    async with CityServer() as server:
        yield server


@pytest_asyncio.fixture
async def fetcher():
    fetcher = HttpFetcher()
    yield fetcher
    await fetcher.close()


@pytest.fixture
def redis_server(tmp_path):
    need_redis()
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest_asyncio.fixture
async def make_cache(redis_server):
    """Make caches of as many engines as wanted on one Redis."""
    made = []

    def make(**more) -> RedisCache:
        made.append(RedisCache(redis_server.url, **more))
        return made[-1]

    yield make
    for cache in made:
        await cache.close()
