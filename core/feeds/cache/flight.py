"""One asks, the others wait for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.feeds.cache.port import FeedCache
from core.feeds.port import Answer

CLAIM_S = 15.0
"""Longer than any request may take."""
LOOK_S = 0.1
"""Pause between two looks for somebody else's answer."""


@dataclass(frozen=True, slots=True)
class Obtained:
    """An answer, and where it came from."""

    answer: Answer
    fresh_for_s: float
    is_hit: bool
    """It was asked for by somebody else, or before."""


async def obtain(
    cache: FeedCache,
    key: str,
    ask: Callable[[], Awaitable[Answer]],
    judge: Callable[[Answer], Awaitable[float]],
    *,
    claim_s: float = CLAIM_S,
) -> Obtained:
    """
    Take an answer from the cache, or ask for it while the others wait.

    Args:
        cache: Shared by all who might ask the same.
        key: Name of the answer.
        ask: Gets it; called at most once.
        judge: Tells how long an answer is good, in seconds; 0 for one that is not to be
            shared. Called at most once, before anybody else sees it.
        claim_s: After this time another asks in the place of one who does not answer.
    """
    while True:
        entry = await cache.get(key)
        if entry is not None:
            return Obtained(entry.answer, entry.fresh_for_s, is_hit=True)
        token = await cache.claim(key, claim_s)
        if token is not None:
            break
        await asyncio.sleep(LOOK_S)
    try:
        # Between the look and the claim another may have answered.
        entry = await cache.get(key)
        if entry is not None:
            return Obtained(entry.answer, entry.fresh_for_s, is_hit=True)
        answer = await ask()
        fresh_for_s = await judge(answer)
        if fresh_for_s > 0.0:
            await cache.put(key, answer, fresh_for_s)
        return Obtained(answer, fresh_for_s, is_hit=False)
    finally:
        await cache.release(key, token)
