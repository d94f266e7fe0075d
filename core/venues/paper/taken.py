"""
What our simulated orders have taken out of a book that does not know of them.

The venue shows the same volume again in its next book. Offered again each time, one lot
would fill us ten times a second. So what we took of a level stays taken until the venue
itself shows less there, or the level goes.
"""

from __future__ import annotations

import struct

from core.domain.events import DEPTH, HEADER_BYTES, EventRow

_LEVELS = struct.Struct(f"<{4 * DEPTH}q")
_ZEROS = (0,) * DEPTH


class Taken:
    """The lots of one instrument's shown levels that are ours already."""

    def __init__(self) -> None:
        self._shown: dict[int, dict[int, int]] = {1: {}, -1: {}}
        """By side of the book (1: bids), then ticks, best first: lots in the newest book."""
        self._taken: dict[int, dict[int, int]] = {1: {}, -1: {}}

    def take(self, side: int, lots: int) -> None:
        """
        Count a fill of ours against what the book shows, best level first.

        Args:
            side: Of our order: a purchase takes from the asks.
            lots: How many.
        """
        taken = self._taken[-side]
        for ticks, shown_lots in self._shown[-side].items():
            left = shown_lots - taken.get(ticks, 0)
            part = min(left, lots)
            if part > 0:
                taken[ticks] = taken.get(ticks, 0) + part
                lots -= part
            if lots == 0:
                return

    def remaining(self, book: EventRow) -> EventRow:
        """Take over a BOOK row; returns it without what is taken."""
        values = _LEVELS.unpack_from(book, HEADER_BYTES)
        columns = [values[start : start + DEPTH] for start in range(0, 4 * DEPTH, DEPTH)]
        for side, ticks, lots in ((1, columns[0], columns[1]), (-1, columns[2], columns[3])):
            shown = {price: size for price, size in zip(ticks, lots, strict=True) if size > 0}
            self._shown[side] = shown
            taken = self._taken[side]
            if taken:
                self._taken[side] = {
                    price: min(count, shown[price])
                    for price, count in taken.items()
                    if price in shown
                }
        if not self._taken[1] and not self._taken[-1]:
            return book
        row = bytearray(book)
        _LEVELS.pack_into(row, HEADER_BYTES, *self._columns(1), *self._columns(-1))
        return row

    def _columns(self, side: int) -> tuple[int, ...]:
        taken = self._taken[side]
        left = [
            (ticks, lots - taken.get(ticks, 0))
            for ticks, lots in self._shown[side].items()
            if lots > taken.get(ticks, 0)
        ]
        missing = _ZEROS[len(left) :]
        prices = tuple(ticks for ticks, _ in left)
        sizes = tuple(lots for _, lots in left)
        return (*prices, *missing, *sizes, *missing)
