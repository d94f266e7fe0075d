"""A book of price levels that is kept up by diffs."""

from __future__ import annotations

from bisect import bisect_left, insort

from core.domain.events import DEPTH, Level

Top = tuple[list[Level], list[Level]]


class DepthBook:
    """
    All known levels of one instrument.

    Prices are kept sorted by how good they are, best last, so that what changes most
    moves least: bids by their price, asks by its negative.
    """

    def __init__(self) -> None:
        self._lots: dict[int, dict[int, int]] = {1: {}, -1: {}}
        self._keys: dict[int, list[int]] = {1: [], -1: []}
        self._shown: Top = ([], [])

    def clear(self) -> None:
        """Forget every level."""
        for side in (1, -1):
            self._lots[side].clear()
            self._keys[side].clear()

    def set_level(self, side: int, ticks: int, lots: int) -> None:
        """Set the size at a price; 0 removes it, known or not."""
        sizes = self._lots[side]
        if lots > 0:
            if ticks not in sizes:
                insort(self._keys[side], ticks * side)
            sizes[ticks] = lots
        elif sizes.pop(ticks, 0):
            keys = self._keys[side]
            del keys[bisect_left(keys, ticks * side)]

    def set_best(self, bid: Level, ask: Level) -> None:
        """Make these the best levels: whatever is better, or crosses them, is gone."""
        self._cut(1, min(bid[0], ask[0] - 1))
        self._cut(-1, max(ask[0], bid[0] + 1))
        self.set_level(1, *bid)
        self.set_level(-1, *ask)

    def best(self) -> tuple[Level, Level] | None:
        """Best bid and ask, None where a side is empty."""
        bids, asks = self._keys[1], self._keys[-1]
        if not bids or not asks:
            return None
        bid, ask = bids[-1], -asks[-1]
        return (bid, self._lots[1][bid]), (ask, self._lots[-1][ask])

    def take_changed_top(self) -> Top | None:
        """Best levels of both sides, best first; None if they are as they were last time."""
        top = self._top(1), self._top(-1)
        if top == self._shown:
            return None
        self._shown = top
        return top

    def _cut(self, side: int, best_ticks: int) -> None:
        keys, sizes = self._keys[side], self._lots[side]
        while keys and keys[-1] > best_ticks * side:
            del sizes[keys.pop() * side]

    def _top(self, side: int) -> list[Level]:
        sizes = self._lots[side]
        return [(key * side, sizes[key * side]) for key in self._keys[side][: -DEPTH - 1 : -1]]
