"""
One side of a public book, as the venue's own decimal texts.

A market sends thousands of sizes a second and only the best ten are ever shown. So a size
stays the text that it came as until it is shown, a price is understood once and remembered,
and only prices near the best are kept sorted, best last, where a list changes cheapest.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from heapq import nlargest
from typing import TypeAlias

from core.domain.errors import DecodeError
from core.domain.events import DEPTH, Level
from core.venues.common.grid import MAX_UNITS
from core.venues.market.units import CACHE_SIZE, USUAL_DIGITS, Units

TextLevel: TypeAlias = tuple[str, str]
"""(price, size) as the venue wrote them."""

MAX_LEVELS = 200_000
"""The worst levels beyond this many are forgotten: full books have tens of thousands."""

_ZEROS = frozenset(["0", *("0." + "0" * places for places in range(1, 19))])
_LOWEST = -(1 << 63)

_NEAR = 128
"""Levels that are kept in order, at the least and where there are as many."""


class Side:
    """
    Bids or asks of one instrument.

    Only the levels near the best are kept in order; when those run out, the next are found
    among all the others.
    """

    __slots__ = (
        "_edge",
        "_floor",
        "_is_stale",
        "_known",
        "_levels",
        "_near",
        "_shown",
        "_sign",
        "_units",
    )

    def __init__(self, units: Units, *, is_bid: bool) -> None:
        self._units = units
        self._sign = 1 if is_bid else -1
        self._levels: dict[int, TextLevel] = {}
        """By their key: ticks, negative for asks, so that a better price is a larger key."""
        self._near: list[int] = []
        """Keys from `_floor` up, ascending: the best is the last."""
        self._floor = _LOWEST
        self._known: dict[str, int] = {}
        self._edge = _LOWEST
        """Key of the last level shown: what changes beyond it is not seen."""
        self._shown: list[Level] = []
        self._is_stale = True

    def __len__(self) -> int:
        return len(self._levels)

    @property
    def best(self) -> int:
        """Best price in ticks, 0 on an empty side."""
        return self._near[-1] * self._sign if self._near else 0

    def clear(self) -> None:
        """Forget every level."""
        self._levels.clear()
        self._near.clear()
        self._floor = self._edge = _LOWEST
        self._is_stale = True

    def reset(self, levels: Iterable[TextLevel]) -> None:
        """
        Start over from a snapshot, in any order; levels of no size are left out.

        Raises:
            DecodeError: If a price is not one of this instrument; the side is empty then.
        """
        self.clear()
        own, known = self._levels, self._known
        try:
            for level in levels:
                if level[1] not in _ZEROS:
                    key = known.get(level[0])
                    own[self._key(level[0]) if key is None else key] = level
        except DecodeError:
            own.clear()
            raise
        self.truncate(MAX_LEVELS)
        self._refill(_NEAR)

    def apply(self, levels: Iterable[TextLevel]) -> bool:
        """
        Change, add and (where the size is zero) remove levels.

        Returns:
            Whether one of the levels shown last time, or a better one, has changed.

        Raises:
            DecodeError: If a price is not one of this instrument; those before it are applied.
        """
        own, near, known = self._levels, self._near, self._known
        edge, floor = self._edge, self._floor
        is_stale = self._is_stale
        for level in levels:
            price, size = level
            key = known.get(price)
            if key is None:
                key = self._key(price)
            if size in _ZEROS:
                if own.pop(key, None) is None:
                    continue
                if key >= floor:
                    del near[bisect_left(near, key)]
            else:
                if key >= floor and key not in own:
                    insort(near, key)
                own[key] = level
            if key >= edge:
                is_stale = True
        self._is_stale = is_stale
        if len(near) < DEPTH < len(own):
            self._refill(_NEAR)
        elif len(near) > 2 * _NEAR:
            del near[:-_NEAR]
            self._floor = near[0]
            self.truncate(MAX_LEVELS)
        return self._is_stale

    def truncate(self, depth: int) -> None:
        """Forget the worst levels beyond so many."""
        excess = len(self._levels) - depth
        if excess > 0:
            for key in sorted(self._levels)[:excess]:
                del self._levels[key]
            self._refill(_NEAR)

    def texts(self, count: int) -> list[TextLevel]:
        """Best levels as the venue wrote them, best first, at most `DEPTH`."""
        levels = self._levels
        return [levels[key] for key in self._near[: -count - 1 : -1]]

    def show(self) -> list[Level]:
        """
        Best levels that hold a whole lot, at most `DEPTH`, best first.

        Raises:
            DecodeError: If the size of one is not a plain decimal.
        """
        if self._is_stale:
            self._shown = self._best_lots()
            if len(self._shown) < DEPTH and len(self._near) < len(self._levels):
                # Crumbs of less than a lot fill all of what is kept in order.
                self._refill(len(self._levels))
                self._shown = self._best_lots()
            self._is_stale = False
        return self._shown

    def _best_lots(self) -> list[Level]:
        levels, units, sign = self._levels, self._units, self._sign
        known = units.known_lots
        shown: list[Level] = []
        self._edge = _LOWEST
        for key in reversed(self._near):
            size = levels[key][1]
            lots = known.get(size)
            if lots is None:
                lots = units.lots(size)
            if lots:
                shown.append((key * sign, lots))
                if len(shown) == DEPTH:
                    self._edge = key
                    break
        return shown

    def _refill(self, count: int) -> None:
        own = self._levels
        self._near[:] = sorted(own) if len(own) <= count else sorted(nlargest(count, own))
        self._floor = self._near[0] if len(self._near) < len(own) else _LOWEST
        self._is_stale = True

    def _key(self, price: str) -> int:
        """Key of a price that is not known yet."""
        steps = self._units.price_steps
        digits = price.replace(".", "", 1)
        after = steps.after
        ticks = rest = 0
        # As `is_usual`: a call would cost as much as the rest.
        if (
            price[-after : 1 - after] == "."
            and digits.isdigit()
            and digits.isascii()
            and after <= len(digits) <= USUAL_DIGITS
        ):
            ticks, rest = divmod(int(digits), steps.divisor)
        if rest or not 0 < ticks <= MAX_UNITS:
            ticks = self._units.ticks(price)
        key = ticks * self._sign
        if len(self._known) >= CACHE_SIZE:
            self._known.clear()
        self._known[price] = key
        return key
