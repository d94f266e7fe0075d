"""Answers that engines share through Redis."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from core.feeds.cache.codec import VERSION, decode, encode
from core.feeds.cache.memory import MemoryCache
from core.feeds.cache.port import Entry
from core.feeds.cache.redis_client import (
    PATIENCE_S,
    RedisClient,
    explain,
    failures,
    open_client,
    place_of,
)
from core.feeds.port import Answer

AWAY_S = 5.0
"""Pause before a Redis that did not answer is tried again."""

_PREFIX = f"imc-cockpit:city:{VERSION}"

# Only one's own claim: by the time it is given back, it may have ended and be somebody else's.
_RELEASE = """
if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end
return 0
"""

_T = TypeVar("_T")


class _Away(Exception):
    """Redis cannot be used at this moment."""


class RedisCache:
    """
    Shared answers; where Redis is away, this process's own memory.

    N engines with one Redis spend the quota of one. The lock is one key with NX and PX
    (https://redis.io/docs/latest/commands/set/, "Patterns"); one instance suffices, because
    a lost claim costs no more than a second request.

    Args:
        url: See `open_client`.
        password: The same.
        clock: Steady, in seconds.

    Raises:
        ConfigurationError: See `open_client`.
    """

    def __init__(
        self, url: str, *, password: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client: RedisClient = open_client(url, password)
        self._failures = failures()
        self._place = place_of(url)
        self._clock = clock
        self._memory = MemoryCache(clock)
        self._away_until_s = float("-inf")
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """Sentence on what is wrong; empty where nothing is."""
        return self._trouble

    async def get(self, key: str) -> Entry | None:
        """Look an answer up."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.get(f"{_PREFIX}:answer:{key}")
        pipeline.pttl(f"{_PREFIX}:answer:{key}")
        try:
            data, ttl_ms = await self._do(pipeline.execute)
        except _Away:
            return await self._memory.get(key)
        answer = None if data is None else decode(data)
        if answer is None or ttl_ms <= 0:
            return await self._memory.get(key)
        return Entry(answer, ttl_ms / 1e3)

    async def put(self, key: str, answer: Answer, ttl_s: float) -> None:
        """Keep an answer, here too: Redis may be away when it is looked for."""
        await self._memory.put(key, answer, ttl_s)
        name, data, ttl_ms = f"{_PREFIX}:answer:{key}", encode(answer), max(1, int(ttl_s * 1e3))
        try:
            await self._do(lambda: self._client.set(name, data, px=ttl_ms))
        except _Away:
            return

    async def claim(self, key: str, for_s: float) -> str | None:
        """Take it on oneself to ask."""
        name, token = f"{_PREFIX}:claim:{key}", secrets.token_hex(16)
        for_ms = max(1, int(for_s * 1e3))
        try:
            is_ours = await self._do(lambda: self._client.set(name, token, px=for_ms, nx=True))
        except _Away:
            return await self._memory.claim(key, for_s)
        return token if is_ours else None

    async def release(self, key: str, token: str) -> None:
        """Give a claim back, wherever it was taken."""
        await self._memory.release(key, token)
        try:
            await self._do(lambda: self._client.eval(_RELEASE, 1, f"{_PREFIX}:claim:{key}", token))
        except _Away:
            return

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _do(self, command: Callable[[], Awaitable[_T]]) -> _T:
        """
        Give one command.

        Raises:
            _Away: If Redis does not do it, or has lately not answered.
        """
        if self._clock() < self._away_until_s:
            raise _Away
        try:
            async with asyncio.timeout(2 * PATIENCE_S):
                result = await command()
        except self._failures as error:
            self._away_until_s = self._clock() + AWAY_S
            self._trouble = (
                f"Redis at {self._place}: {explain(error)}; answers are kept in this process's "
                "memory until it works, and other engines ask for themselves"
            )
            raise _Away from None
        self._trouble = ""
        return result
