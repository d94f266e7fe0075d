"""What the desk needs of a cache, in memory or shared between engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.feeds.port import Answer


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer that is still good."""

    answer: Answer
    """Status 0: none came, and the body is the sentence that says why."""
    fresh_for_s: float
    """How long it is good from here on."""


class FeedCache(Protocol):
    """
    Keeps answers for a while, and lets one ask while the others wait.

    Nothing raises: a cache that is away keeps nothing, or keeps it elsewhere, and `trouble`
    says so. Keys are those of `key_of` and hold no secret.
    """

    @property
    def trouble(self) -> str:
        """Sentence on what is wrong; empty where nothing is."""
        ...

    async def get(self, key: str) -> Entry | None:
        """Look an answer up; None where none is good any more."""
        ...

    async def put(self, key: str, answer: Answer, ttl_s: float) -> None:
        """Keep an answer for `ttl_s` seconds, in the place of an older one."""
        ...

    async def claim(self, key: str, for_s: float) -> str | None:
        """
        Take it on oneself to ask.

        A claim ends by itself after `for_s` seconds, so that a holder who was killed holds
        up nobody.

        Returns:
            A token for `release`; None where somebody else is asking.
        """
        ...

    async def release(self, key: str, token: str) -> None:
        """Give a claim back, if it is still this one."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...
