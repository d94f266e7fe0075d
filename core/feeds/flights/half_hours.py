"""Sums movements up by half hour, and keeps quiet about those that were not watched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from core.feeds.common.wire import S_IN_NS
from core.feeds.flights.movements import LOST_S, Movement
from core.feeds.port import Quantity

HALF_HOUR_NS = 1800 * S_IN_NS
MAX_GAP_NS = 300 * S_IN_NS
"""Between two looks; longer, and a landing may have gone unseen."""
SETTLED_NS = round(2 * LOST_S) * S_IN_NS
"""After its end, when all that happened in a half hour has been decided upon."""
_LONG_GAP_NS = 48 * HALF_HOUR_NS


@dataclass(frozen=True, slots=True)
class HalfHour:
    """Movements of one half hour, all of it watched."""

    end_ts_ns: int
    arrivals: int
    departures: int


class HalfHours:
    """Count one airport's movements by half hours of the clock, UTC."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[int, Quantity]] = Counter()
        self._looked_ns: int | None = None
        self._next_start_ns = 0
        self._spoiled: set[int] = set()

    def look(self, movements: Iterable[Movement], now_ns: int) -> list[HalfHour]:
        """
        Note one look at the sky; the clocks of services may be minutes apart.

        Returns:
            Half hours that have become certain, the oldest first.
        """
        last_ns = self._looked_ns
        if last_ns is not None and 0 < last_ns - now_ns <= MAX_GAP_NS:
            now_ns = last_ns
        self._looked_ns = now_ns
        if last_ns is None or now_ns < last_ns:
            # The half hour in which the first look falls was not watched from its beginning.
            self._next_start_ns = now_ns // HALF_HOUR_NS * HALF_HOUR_NS
            self._spoiled = {self._next_start_ns} if now_ns > self._next_start_ns else set()
        elif now_ns - last_ns > MAX_GAP_NS:
            self._spoil(last_ns, now_ns)
        for item in movements:
            start_ns = item.ts_ns // HALF_HOUR_NS * HALF_HOUR_NS
            if start_ns >= self._next_start_ns:
                self._counts[start_ns, item.quantity] += 1
        return self._close(now_ns)

    def _spoil(self, from_ns: int, to_ns: int) -> None:
        """Mark the half hours that a gap touches; one of days needs no list of them."""
        first_ns = from_ns // HALF_HOUR_NS * HALF_HOUR_NS
        last_ns = to_ns // HALF_HOUR_NS * HALF_HOUR_NS
        if last_ns - first_ns > _LONG_GAP_NS:
            self._counts.clear()
            self._next_start_ns = first_ns = last_ns
        self._spoiled.update(range(first_ns, last_ns + 1, HALF_HOUR_NS))

    def _close(self, now_ns: int) -> list[HalfHour]:
        closed = []
        while self._next_start_ns + HALF_HOUR_NS + SETTLED_NS <= now_ns:
            start = self._next_start_ns
            self._next_start_ns += HALF_HOUR_NS
            arrivals = self._counts.pop((start, Quantity.ARRIVALS), 0)
            departures = self._counts.pop((start, Quantity.DEPARTURES), 0)
            if start not in self._spoiled:
                closed.append(HalfHour(self._next_start_ns, arrivals, departures))
            self._spoiled.discard(start)
        return closed
