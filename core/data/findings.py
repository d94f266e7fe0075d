"""What a recorded market is like: books that cannot be traded on, gaps, clocks that disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.data.dataset import RecordedMarket
from core.domain.enums import EventKind
from core.domain.events import EVENT
from core.domain.memory import IntArray, Rows

GAP_STEPS = 100.0
"""Steps of the usual length that make a gap, unless somebody says otherwise."""

_STAMP_WORDS = [EVENT.fields["seq"][1] // 8] if EVENT.fields else []
_KEPT = 8
"""Gaps of which place and length are told, the longest ones."""


@dataclass(slots=True)
class InstrumentFindings:
    """Counts of one instrument."""

    symbol: str
    books: int = 0
    trades: int = 0
    crossed: int = 0
    """Best bid at or above the best ask."""
    one_sided: int = 0
    empty: int = 0
    repeated: int = 0
    """Books that are the one before once more, at the same time."""
    gaps: int = 0
    median_step_ns: int = 0
    """Between two books of different times."""
    longest: list[tuple[int, int]] = field(default_factory=list)
    """(time, nanoseconds) of the longest gaps."""


@dataclass(slots=True)
class Findings:
    """Counts of a whole market."""

    instruments: list[InstrumentFindings]
    events: int = 0
    others: int = 0
    """Events that are neither a book nor a trade."""
    out_of_order: int = 0
    unknown_instrument: int = 0
    clock_behind: int = 0
    """Events that were received before the venue says they happened."""
    clock_behind_ns: int = 0
    """By how much at most."""

    @property
    def damage(self) -> list[str]:
        """What no recording can be by itself."""
        counts = {
            "events earlier than the one before": self.out_of_order,
            "events of an instrument that is not listed": self.unknown_instrument,
        }
        return [f"{what}: {count:,}" for what, count in counts.items() if count]


def examine(market: RecordedMarket, gap_steps: float = GAP_STEPS) -> Findings:
    """
    Go through a market once.

    Args:
        market: Needs not fit into memory; eight bytes a book are kept.
        gap_steps: Steps of the usual length between two books that make a gap.

    Raises:
        DataError: If it cannot be read.
    """
    symbols = [str(instrument.symbol) for instrument in market.instruments]
    found = Findings([InstrumentFindings(symbol) for symbol in symbols])
    book_times: list[list[IntArray]] = [[] for _ in symbols]
    last_books: list[Rows] = [None for _ in symbols]
    last_ns = 0
    for chunk in market.chunks():
        _look_at_times(chunk, found, last_ns, len(symbols))
        last_ns = int(chunk["ts_ns"][-1])
        for index, one in enumerate(found.instruments):
            own = chunk[chunk["instrument"] == index]
            books = own[own["kind"] == EventKind.BOOK]
            one.trades += int(np.count_nonzero(own["kind"] == EventKind.TRADE))
            if len(books):
                _look_at_books(books, one, last_books[index])
                last_books[index] = np.array(books[-1:])
                book_times[index].append(np.array(books["ts_ns"]))
    for one, times in zip(found.instruments, book_times, strict=True):
        _look_for_gaps(one, times, gap_steps)
    found.others = found.events - sum(one.books + one.trades for one in found.instruments)
    return found


def _look_at_times(chunk: Rows, found: Findings, last_ns: int, instruments: int) -> None:
    ts_ns, exch_ts_ns = chunk["ts_ns"], chunk["exch_ts_ns"]
    found.events += len(chunk)
    found.out_of_order += int(np.count_nonzero(np.diff(ts_ns, prepend=last_ns) < 0))
    found.unknown_instrument += int(np.count_nonzero(chunk["instrument"] >= instruments))
    behind_ns = np.where(exch_ts_ns > 0, exch_ts_ns - ts_ns, 0)
    found.clock_behind += int(np.count_nonzero(behind_ns > 0))
    found.clock_behind_ns = max(found.clock_behind_ns, int(behind_ns.max(initial=0)))


def _look_at_books(books: Rows, one: InstrumentFindings, last: Rows) -> None:
    has_bid, has_ask = books["bid_lots"].any(axis=1), books["ask_lots"].any(axis=1)
    best_bid = books["bid_ticks"].max(axis=1, initial=0)
    best_ask = np.where(books["ask_lots"] > 0, books["ask_ticks"], 2**62).min(axis=1, initial=2**62)
    one.books += len(books)
    one.crossed += int(np.count_nonzero(has_bid & has_ask & (best_bid >= best_ask)))
    one.one_sided += int(np.count_nonzero(has_bid != has_ask))
    one.empty += int(np.count_nonzero(~has_bid & ~has_ask))
    row = books if last is None else np.concatenate([last, books])
    words = row.view(np.int64).reshape(len(row), -1)
    # All but the number, which is not part of a recording.
    is_same = np.delete(words[1:], _STAMP_WORDS, axis=1) == np.delete(words[:-1], _STAMP_WORDS, 1)
    one.repeated += int(np.count_nonzero(is_same.all(axis=1)))


def _look_for_gaps(one: InstrumentFindings, times: Sequence[IntArray], gap_steps: float) -> None:
    if not times:
        return
    ts_ns = np.concatenate(times)
    steps_ns = np.diff(ts_ns)
    moved = steps_ns[steps_ns > 0]
    if not len(moved):
        return
    one.median_step_ns = int(np.median(moved))
    is_gap = steps_ns > gap_steps * one.median_step_ns
    one.gaps = int(np.count_nonzero(is_gap))
    gaps = [(int(ts_ns[at]), int(steps_ns[at])) for at in np.flatnonzero(is_gap)]
    one.longest = sorted(gaps, key=lambda gap: -gap[1])[:_KEPT]
