"""One asks, the others wait."""

from __future__ import annotations

import asyncio

import pytest

from core.feeds.cache.flight import obtain
from core.feeds.cache.memory import MemoryCache
from core.feeds.port import Answer
from tests.feeds.virtual_time import run


def answer(text: str) -> Answer:
    return Answer(200, {}, text.encode(), 17)


async def for_a_minute(_: Answer) -> float:
    return 60.0


async def for_nobody(_: Answer) -> float:
    return 0.0


def now() -> float:
    return asyncio.get_running_loop().time()


def test_one_asks_and_the_others_wait_for_its_answer() -> None:
    asked = []

    async def ask() -> Answer:
        asked.append(now())
        await asyncio.sleep(3)
        return answer("11 C")

    async def story():
        cache = MemoryCache(now)
        return await asyncio.gather(*(obtain(cache, "k", ask, for_a_minute) for _ in range(9)))

    obtained = run(story())
    assert len(asked) == 1
    assert {each.answer.body for each in obtained} == {b"11 C"}
    assert sorted(each.is_hit for each in obtained) == [False] + [True] * 8


def test_different_requests_do_not_wait_for_each_other() -> None:
    both = asyncio.Barrier(2)

    async def ask() -> Answer:
        await both.wait()
        return answer("")

    async def story():
        cache = MemoryCache(now)
        async with asyncio.timeout(100):
            await asyncio.gather(*(obtain(cache, key, ask, for_a_minute) for key in "ab"))

    run(story())


def test_an_answer_of_no_use_to_others_makes_each_ask_for_itself() -> None:
    asked = []

    async def ask() -> Answer:
        asked.append(now())
        return answer("refused")

    async def story():
        cache = MemoryCache(now)
        return await asyncio.gather(*(obtain(cache, "k", ask, for_nobody) for _ in range(3)))

    assert [each.is_hit for each in run(story())] == [False] * 3
    assert len(asked) == 3


def test_a_killed_holder_holds_up_nobody_for_longer_than_its_claim() -> None:
    async def ask() -> Answer:
        return answer("from the second")

    async def story():
        cache = MemoryCache(now)
        assert await cache.claim("k", 15)  # and is never heard of again
        obtained = await obtain(cache, "k", ask, for_a_minute)
        return obtained, now()

    obtained, moment_s = run(story())
    assert obtained.answer.body == b"from the second"
    assert 15 <= moment_s <= 15.2


def test_who_breaks_while_asking_lets_the_next_one_ask() -> None:
    async def break_() -> Answer:
        await asyncio.sleep(1)
        raise ZeroDivisionError

    async def ask() -> Answer:
        return answer("from the second")

    async def story():
        cache = MemoryCache(now)
        first = asyncio.ensure_future(obtain(cache, "k", break_, for_a_minute))
        await asyncio.sleep(0.5)
        obtained = await obtain(cache, "k", ask, for_a_minute)
        with pytest.raises(ZeroDivisionError):
            await first
        return obtained, now()

    obtained, moment_s = run(story())
    assert not obtained.is_hit
    assert moment_s < 2


def test_an_answer_that_came_between_look_and_claim_is_taken() -> None:
    """Without the second look two engines that start together would both ask."""

    class Late(MemoryCache):
        async def claim(self, key: str, for_s: float) -> str | None:
            await self.put(key, answer("from another"), 60)
            return await super().claim(key, for_s)

    async def ask() -> Answer:
        raise AssertionError

    async def story():
        cache = Late(now)
        obtained = await obtain(cache, "k", ask, for_a_minute)
        assert await cache.claim("k", 1), "the claim was given back"
        return obtained

    assert run(story()).answer.body == b"from another"
