"""One side of a book, kept sorted while levels come and go."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from core.domain.errors import DecodeError
from core.domain.events import DEPTH, Level

MAX_LEVELS = 5000
"""A side with more levels is not a book, it is somebody filling our memory."""


class Ladder:
    """Prices and sizes of one side, best first for the reader."""

    __slots__ = ("_is_bid", "_lots", "_ticks")

    def __init__(self, *, is_bid: bool) -> None:
        self._is_bid = is_bid
        self._lots: dict[int, int] = {}
        self._ticks: list[int] = []
        """Ascending."""

    def __len__(self) -> int:
        return len(self._ticks)

    def reset(self, levels: Iterable[Level]) -> None:
        """
        Start over from a snapshot.

        Raises:
            DecodeError: If a level is empty or listed twice, or there are too many.
        """
        self.clear()
        for ticks, lots in levels:
            if lots == 0 or ticks in self._lots:
                raise DecodeError("book", f"level {ticks} is empty or listed twice")
            self._lots[ticks] = lots
        self._ticks = sorted(self._lots)
        self._check_size()

    def clear(self) -> None:
        """Forget every level."""
        self._lots.clear()
        self._ticks.clear()

    def set(self, ticks: int, lots: int) -> None:
        """
        Change, add or (with 0 lots) remove a level. Removing an absent one does nothing.

        Raises:
            DecodeError: If there are too many levels.
        """
        if ticks in self._lots:
            if lots:
                self._lots[ticks] = lots
            else:
                del self._lots[ticks]
                del self._ticks[bisect_left(self._ticks, ticks)]
        elif lots:
            self._lots[ticks] = lots
            self._ticks.insert(bisect_left(self._ticks, ticks), ticks)
            self._check_size()

    def best(self) -> int:
        """Best price in ticks, 0 on an empty side."""
        if not self._ticks:
            return 0
        return self._ticks[-1] if self._is_bid else self._ticks[0]

    def top(self) -> list[Level]:
        """Best levels, at most `DEPTH`."""
        lots = self._lots
        shown = self._ticks[: -DEPTH - 1 : -1] if self._is_bid else self._ticks[:DEPTH]
        return [(ticks, lots[ticks]) for ticks in shown]

    def _check_size(self) -> None:
        if len(self._ticks) > MAX_LEVELS:
            raise DecodeError("book", f"more than {MAX_LEVELS} levels a side")
