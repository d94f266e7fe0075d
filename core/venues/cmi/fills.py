"""
Which executions of ours have been told. CMI numbers none.

An execution is known by its time to the nanosecond, product, price, size and side, and by
how many of the same there are: two orders of one lot each at one price may trade in the
same moment. A list tells how many: so many of them are booked as any one list has held.
The same one alone in another message may be a repetition or a second one: it counts as a
repetition until the trades of the market, which are a whole list, have been looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.domain.errors import DecodeError

_EPOCH_NS = 1_735_689_600_000_000_000
"""2025-01-01: an execution's number, made of its time since then, fits 63 bits till 2034."""

_SHIFT = 5
_LAST_NS = _EPOCH_NS + (1 << 63 - _SHIFT) - 1_000_000
_REMEMBERED = 50_000


class FillKey(NamedTuple):
    """What tells one execution from another, but for those that are the same in all of it."""

    ts_ns: int
    instrument: int
    price_ticks: int
    lots: int
    side: int


@dataclass(frozen=True, slots=True)
class OwnFill:
    """One execution of ours."""

    key: FillKey
    is_taker: bool | None
    """None where no aggressor is named."""
    trade_id: int = 0
    """Grows with time; 0 until it is booked."""

    @property
    def instrument(self) -> int:
        """Index of the product."""
        return self.key.instrument

    @property
    def side(self) -> int:
        """Of ours: 1 bought, -1 sold."""
        return self.key.side

    @property
    def price_ticks(self) -> int:
        """Of the trade."""
        return self.key.price_ticks

    @property
    def lots(self) -> int:
        """Always above 0."""
        return self.key.lots


def time_of(trade_id: int) -> int:
    """When the execution of a number happened, in ns; never later."""
    return (trade_id >> _SHIFT) + _EPOCH_NS


def make_fill(key: FillKey, *, is_taker: bool | None) -> OwnFill:
    """
    Make an execution that is not booked yet.

    Raises:
        DecodeError: If no exchange of this decade can have told that time.
    """
    if not _EPOCH_NS < key.ts_ns < _LAST_NS:
        raise DecodeError("trades", f"a time of {key.ts_ns} ns is not between 2025 and 2034")
    return OwnFill(key, is_taker)


class FillLedger:
    """
    Executions that are booked.

    Args:
        executions_after: Number of the last one in the books of an earlier run, None
            without one: then nothing that happened before `open` is news.
    """

    def __init__(self, executions_after: int | None) -> None:
        self._after = executions_after
        self._is_open = executions_after is not None
        self._booked: Counter[FillKey] = Counter()
        self._ids: set[int] = set()
        self.floor_ns = 0
        """What is said to have happened up to then is in nobody's books any more."""
        self.newest_ns = time_of(executions_after) if executions_after else 0
        """Time of the newest one heard of."""
        self.duplicates = 0
        self.heard = 0
        """Executions that were heard of for the first time, news or not."""

    def open(self) -> None:
        """The account has been told: what happens from now on is news."""
        if not self._is_open:
            self.floor_ns = self.newest_ns
        self._is_open = True

    def book(self, fills: Sequence[OwnFill]) -> list[OwnFill]:
        """
        Take in a list of executions.

        Returns:
            Those that are news, oldest first, with their numbers.
        """
        news: list[OwnFill] = []
        heard: Counter[FillKey] = Counter()
        for fill in sorted(fills, key=lambda fill: fill.key.ts_ns):
            heard[fill.key] += 1
            if heard[fill.key] <= self._booked[fill.key]:
                self.duplicates += 1
                continue
            self._booked[fill.key] += 1
            self.heard += 1
            trade_id = self._number(fill.key.ts_ns)
            self.newest_ns = max(self.newest_ns, fill.key.ts_ns)
            is_past = not self._is_open or fill.key.ts_ns <= self.floor_ns
            if is_past or (self._after is not None and trade_id <= self._after):
                self.duplicates += 1
            else:
                news.append(OwnFill(fill.key, fill.is_taker, trade_id))
        self._forget()
        return news

    def is_doubtful(self, fills: Iterable[OwnFill]) -> bool:
        """Whether one of these would count as a repetition, and may be none."""
        return any(self._booked[fill.key] for fill in fills)

    def _number(self, ts_ns: int) -> int:
        trade_id = max(1, ts_ns - _EPOCH_NS << _SHIFT)
        while trade_id in self._ids:
            trade_id += 1
        self._ids.add(trade_id)
        return trade_id

    def _forget(self) -> None:
        """Drop the oldest half when there are many, and believe nothing older any more."""
        if len(self._booked) <= _REMEMBERED:
            return
        kept = sorted(self._booked, key=lambda key: key.ts_ns)[len(self._booked) // 2 :]
        self.floor_ns = max(self.floor_ns, kept[0].ts_ns - 1)
        self._booked = Counter({key: self._booked[key] for key in kept})
        floor_id = self.floor_ns - _EPOCH_NS << _SHIFT
        self._ids = {trade_id for trade_id in self._ids if trade_id >= floor_id}
