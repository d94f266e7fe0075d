"""Answers in this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from core.feeds.cache.port import Entry
from core.feeds.port import Answer

MAX_ENTRIES = 64


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Answer
    until_s: float


class MemoryCache:
    """
    Answers with a time to live; the default.

    Args:
        clock: Steady, in seconds.
        max_entries: With more, those that end first make room.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, max_entries: int = MAX_ENTRIES
    ) -> None:
        self._clock = clock
        self._max_entries = max_entries
        self._kept: dict[str, _Kept] = {}
        self._claims: dict[str, tuple[str, float]] = {}
        self._tokens = count(1)

    @property
    def trouble(self) -> str:
        """Nothing can be wrong here."""
        return ""

    async def get(self, key: str) -> Entry | None:
        """Look an answer up."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        fresh_for_s = kept.until_s - self._clock()
        if fresh_for_s <= 0.0:
            del self._kept[key]
            return None
        return Entry(kept.answer, fresh_for_s)

    async def put(self, key: str, answer: Answer, ttl_s: float) -> None:
        """Keep an answer."""
        now_s = self._clock()
        self._kept = {name: kept for name, kept in self._kept.items() if now_s < kept.until_s}
        self._kept[key] = _Kept(answer, now_s + ttl_s)
        if len(self._kept) > self._max_entries:
            del self._kept[min(self._kept, key=lambda each: self._kept[each].until_s)]

    async def claim(self, key: str, for_s: float) -> str | None:
        """Take it on oneself to ask."""
        now_s = self._clock()
        held = self._claims.get(key)
        if held is not None and now_s < held[1]:
            return None
        token = str(next(self._tokens))
        self._claims[key] = token, now_s + for_s
        return token

    async def release(self, key: str, token: str) -> None:
        """Give a claim back."""
        if self._claims.get(key, ("", 0.0))[0] == token:
            del self._claims[key]

    async def close(self) -> None:
        """Nothing to give back."""
