"""
One side of a public book, as the venue's own decimal texts.

A market sends thousands of sizes a second and only the best ten are ever shown. So a size
stays the text that it came as until it is shown, a price is understood once and remembered,
and prices are kept sorted best last, where a list changes cheapest.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable
from decimal import Decimal
from typing import TypeAlias

from core.domain.errors import DecodeError
from core.domain.events import DEPTH, Level
from core.domain.instrument import Instrument
from core.venues.common.grid import MAX_UNITS

TextLevel: TypeAlias = tuple[str, str]
"""(price, size) as the venue wrote them."""

MAX_LEVELS = 200_000
"""The worst levels beyond this many are forgotten: full books have tens of thousands."""

_CACHE_SIZE = 1 << 16
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
_ZEROS = frozenset(["0", *("0." + "0" * places for places in range(1, 19))])
_NO_EDGE = -(1 << 63)


def decimal(text: str, what: str, symbol: str) -> Decimal:
    """
    Read a number, with an exponent or without.

    Raises:
        DecodeError: If it is not a plain number that is not negative.
    """
    if _NUMBER.fullmatch(text) is None:
        raise DecodeError(symbol, f"{what} {text[:40]!r} is not a plain positive decimal")
    return Decimal(text)


class Units:
    """Prices and sizes of one instrument in ticks and lots."""

    def __init__(self, instrument: Instrument) -> None:
        self._symbol = instrument.symbol
        self._tick = instrument.tick_size
        self._lot = instrument.lot_size
        self._lots: dict[str, int] = {}

    def ticks(self, text: str) -> int:
        """
        Whole ticks of a price, always > 0.

        Raises:
            DecodeError: If it is not a positive decimal on the tick grid.
        """
        ticks = decimal(text, "price", self._symbol) / self._tick
        if ticks <= 0 or ticks > MAX_UNITS:
            raise DecodeError(self._symbol, f"price {text} is not a price")
        if ticks != ticks.to_integral_value():
            raise DecodeError(
                self._symbol,
                f"price {text} is not a multiple of {self._tick}; set its tick_size to the "
                "venue's price increment",
            )
        return int(ticks)

    def lots(self, text: str) -> int:
        """
        Whole lots that fit into a size; a venue may count finer than we trade.

        Raises:
            DecodeError: If it is not a plain decimal.
        """
        known = self._lots.get(text)
        if known is not None:
            return known
        lots = decimal(text, "quantity", self._symbol) / self._lot
        if lots > MAX_UNITS:
            raise DecodeError(self._symbol, f"quantity {text} is beyond {MAX_UNITS} lots")
        if len(self._lots) >= _CACHE_SIZE:
            self._lots.clear()
        self._lots[text] = whole = int(lots)
        return whole


class Side:
    """Bids or asks of one instrument."""

    __slots__ = ("_edge", "_keys", "_known", "_levels", "_sign", "_units")

    def __init__(self, units: Units, *, is_bid: bool) -> None:
        self._units = units
        self._sign = 1 if is_bid else -1
        self._levels: dict[int, TextLevel] = {}
        self._keys: list[int] = []
        """Ticks, negative for asks, ascending: the best is the last."""
        self._known: dict[str, int] = {}
        self._edge = _NO_EDGE
        """Key of the last level shown: what changes beyond it is not seen."""

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def best(self) -> int:
        """Best price in ticks, 0 on an empty side."""
        return self._keys[-1] * self._sign if self._keys else 0

    def clear(self) -> None:
        """Forget every level."""
        self._levels.clear()
        self._keys.clear()
        self._edge = _NO_EDGE

    def reset(self, levels: Iterable[TextLevel]) -> None:
        """
        Start over from a snapshot, in any order; levels of no size are left out.

        Raises:
            DecodeError: If a price is not one of this instrument; the side is empty then.
        """
        self.clear()
        own = self._levels
        try:
            for level in levels:
                if level[1] not in _ZEROS:
                    own[self._key(level[0])] = level
        except DecodeError:
            own.clear()
            raise
        self._keys = sorted(own)
        self.truncate(MAX_LEVELS)

    def apply(self, levels: Iterable[TextLevel]) -> bool:
        """
        Change, add and (where the size is zero) remove levels.

        Returns:
            Whether one of the levels shown last time, or a better one, has changed.

        Raises:
            DecodeError: If a price is not one of this instrument; those before it are applied.
        """
        own, keys, known, edge = self._levels, self._keys, self._known, self._edge
        is_seen = False
        for level in levels:
            price, size = level
            key = known.get(price)
            if key is None:
                key = self._key(price)
            if size in _ZEROS:
                if key not in own:
                    continue
                del own[key]
                del keys[bisect_left(keys, key)]
            else:
                if key not in own:
                    insort(keys, key)
                own[key] = level
            if key >= edge:
                is_seen = True
        if len(keys) > MAX_LEVELS:
            self.truncate(MAX_LEVELS)
        return is_seen

    def truncate(self, depth: int) -> None:
        """Forget the worst levels beyond so many."""
        excess = len(self._keys) - depth
        if excess > 0:
            for key in self._keys[:excess]:
                del self._levels[key]
            del self._keys[:excess]

    def texts(self, count: int) -> list[TextLevel]:
        """Best levels as the venue wrote them, best first."""
        levels = self._levels
        return [levels[key] for key in self._keys[: -count - 1 : -1]]

    def show(self) -> list[Level]:
        """
        Best levels that hold a whole lot, at most `DEPTH`, best first.

        Raises:
            DecodeError: If the size of one is not a plain decimal.
        """
        levels, lots_of, sign = self._levels, self._units.lots, self._sign
        shown: list[Level] = []
        self._edge = _NO_EDGE
        for key in reversed(self._keys):
            lots = lots_of(levels[key][1])
            if lots:
                shown.append((key * sign, lots))
                if len(shown) == DEPTH:
                    self._edge = key
                    break
        return shown

    def _key(self, price: str) -> int:
        known = self._known
        key = known.get(price)
        if key is None:
            key = self._units.ticks(price) * self._sign
            if len(known) >= _CACHE_SIZE:
                known.clear()
            known[price] = key
        return key
