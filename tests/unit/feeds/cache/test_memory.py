"""Answers in this process, on a clock that tests turn."""

from __future__ import annotations

import asyncio

import pytest

from core.feeds.cache.memory import MemoryCache
from core.feeds.port import Answer

ANSWER = Answer(200, {"etag": '"v1"'}, b"11 C", 17)


class Hand:
    """A clock."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def hand() -> Hand:
    return Hand()


def test_an_answer_lives_as_long_as_it_was_given(hand) -> None:
    async def story() -> None:
        cache = MemoryCache(hand)
        await cache.put("a", ANSWER, 30)
        hand.now_s += 29
        entry = await cache.get("a")
        assert (entry.answer, entry.fresh_for_s) == (ANSWER, 1.0)
        hand.now_s += 1
        assert await cache.get("a") is None

    asyncio.run(story())


def test_what_has_ended_takes_no_room(hand) -> None:
    """A request that names a day is never asked again."""

    async def story() -> None:
        cache = MemoryCache(hand)
        await cache.put("yesterday", ANSWER, 30)
        hand.now_s += 31
        await cache.put("today", ANSWER, 30)
        assert list(cache._kept) == ["today"]

    asyncio.run(story())


def test_a_full_cache_gives_up_what_would_end_first(hand) -> None:
    async def story() -> None:
        cache = MemoryCache(hand, max_entries=2)
        await cache.put("long", ANSWER, 900)
        await cache.put("short", ANSWER, 10)
        await cache.put("new", ANSWER, 60)
        assert await cache.get("short") is None
        assert await cache.get("long") is not None
        assert await cache.get("new") is not None

    asyncio.run(story())


def test_a_claim_ends_by_itself(hand) -> None:
    async def story() -> None:
        cache = MemoryCache(hand)
        first = await cache.claim("a", 15)
        hand.now_s += 14
        assert await cache.claim("a", 15) is None
        hand.now_s += 1
        second = await cache.claim("a", 15)
        assert second is not None
        await cache.release("a", first)
        assert await cache.claim("a", 15) is None, "the first holder gave back what is not its own"

    asyncio.run(story())
