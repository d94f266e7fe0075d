"""What a data file becomes: instruments, events in order, and where they came from."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, Self

import numpy as np

from core.domain.errors import DataError
from core.domain.events import EVENT
from core.domain.instrument import Instrument
from core.domain.memory import Rows, allocate, as_records
from core.kernel.post import LATENCY


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that was read, with what was left out of it."""

    path: Path
    sha256: str
    """Of the bytes on disk."""
    rows: int
    """Lines of data in it, usable or not."""
    skipped: dict[str, int] = field(default_factory=dict)
    """Reason -> lines that became no event."""
    repaired: dict[str, int] = field(default_factory=dict)
    """Reason -> lines that were used, but not as they stood."""

    def and_more(self, other: SourceFile) -> SourceFile:
        """Add what was read elsewhere in the same file."""
        return replace(
            self,
            rows=self.rows + other.rows,
            skipped=dict(Counter(self.skipped) + Counter(other.skipped)),
            repaired=dict(Counter(self.repaired) + Counter(other.repaired)),
        )


CHUNK = 250_000
"""Events that are handled at a time: a hundred megabytes of rows."""


class RecordedMarket(Protocol):
    """Recorded markets in order of time, whether they fit into memory or not."""

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """What an event's `instrument` is an index into."""
        ...

    @property
    def profile(self) -> str:
        """The shipped profile whose capital and fees fit this kind of data."""
        ...

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """The files it came from."""
        ...

    @property
    def latencies(self) -> Rows:
        """LATENCY rows of `core.kernel.post`: what our own orders took; none where not known."""
        ...

    @property
    def is_session(self) -> bool:
        """
        Whether it is a run of the engine.

        Then timers, models, wishes and connections are in it as they came, and its own orders
        are not: they are made anew.
        """
        ...

    @property
    def first_quote_ts_ns(self) -> Mapping[str, int]:
        """By symbol, when its first best level came, where that may be before the first book."""
        ...

    @property
    def length(self) -> int:
        """Events in all."""
        ...

    @property
    def first_ts_ns(self) -> int:
        """Time of the first event."""
        ...

    @property
    def last_ts_ns(self) -> int:
        """Time of the last event."""
        ...

    def chunks(self) -> Iterator[Rows]:
        """
        Go through all events once, at most CHUNK at a time.

        Yields:
            EVENT rows in order of `ts_ns`, unnumbered; whoever gets them may number them.
            A chunk is only sure to be readable until the next one is asked for.
        """
        ...

    def part(self, start_pct: float, stop_pct: float) -> Self:
        """Cut a stretch of time out; see `DataSet.part`."""
        ...


@dataclass(frozen=True, slots=True)
class DataSet:
    """Recorded markets in memory, ready for the kernel."""

    instruments: tuple[Instrument, ...]
    """An event's `instrument` is an index into these."""
    profile: str
    """The shipped profile whose capital and fees fit this kind of data."""
    events: Rows
    """EVENT rows in order of `ts_ns`, unnumbered; of one time, books before trades."""
    sources: tuple[SourceFile, ...]
    first_quote_ts_ns: Mapping[str, int] = field(default_factory=dict)
    """By symbol, when its first best level came, where that may be before the first book."""
    latencies: Rows = field(default_factory=lambda: allocate(LATENCY, 0))
    """LATENCY rows: what our own orders took; none where that is not known."""
    is_session: bool = False
    """See `RecordedMarket.is_session`."""

    @property
    def length(self) -> int:
        """Events in all."""
        return len(self.events)

    @property
    def first_ts_ns(self) -> int:
        """Time of the first event."""
        return int(self.events["ts_ns"][0])

    @property
    def last_ts_ns(self) -> int:
        """Time of the last event."""
        return int(self.events["ts_ns"][-1])

    def chunks(self) -> Iterator[Rows]:
        """Go through all events once; see `RecordedMarket.chunks`. Nothing is copied."""
        for start in range(0, len(self.events), CHUNK):
            yield as_records(self.events[start : start + CHUNK])

    def part(self, start_pct: float, stop_pct: float) -> DataSet:
        """
        Cut a stretch of time out: from `start_pct` up to, but without, `stop_pct`.

        The stretch up to 100 includes the end, so stretches that meet share no event and
        leave none out. The events are copied.

        Args:
            start_pct: Per cent of the recording's time, 0 <= start_pct < stop_pct <= 100.
            stop_pct: The same.

        Raises:
            ValueError: If the bounds are not such.
            DataError: If no event is in it.
        """
        if not 0.0 <= start_pct < stop_pct <= 100.0:
            raise ValueError(f"{start_pct:g} to {stop_pct:g} per cent is no part of a recording")
        names = ", ".join(str(file.path) for file in self.sources)
        if len(self.events) == 0:
            raise DataError(names, "holds no events")
        bounds = [self._first_at(start_pct), self._first_at(stop_pct)]
        if stop_pct == 100.0:
            bounds[1] = len(self.events)
        if bounds[0] == bounds[1]:
            raise DataError(names, f"has no event from {start_pct:g} to {stop_pct:g} % of its time")
        return replace(
            self,
            events=as_records(np.array(self.events[bounds[0] : bounds[1]])),
            first_quote_ts_ns=self.first_quote_ts_ns if start_pct == 0.0 else {},
        )

    def _first_at(self, pct: float) -> int:
        """Place of the first event at this share of the time or later."""
        span_ns = self.last_ts_ns - self.first_ts_ns
        at_ns = self.first_ts_ns + math.ceil(span_ns * pct / 100.0)
        return int(np.searchsorted(self.events["ts_ns"], at_ns))


def in_memory(market: RecordedMarket) -> DataSet:
    """Have all of a recorded market at once; what is in memory already is not copied."""
    if isinstance(market, DataSet):
        return market
    events = np.zeros(market.length, EVENT)
    start = 0
    for chunk in market.chunks():
        events[start : start + len(chunk)] = chunk
        start += len(chunk)
    return DataSet(
        market.instruments,
        market.profile,
        as_records(events),
        market.sources,
        market.first_quote_ts_ns,
    )
