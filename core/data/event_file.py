"""A recording in one file that several processes read at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.data.dataset import RecordedMarket, SourceFile
from core.domain.events import EVENT
from core.domain.instrument import Instrument
from core.domain.memory import Rows, allocate, as_records
from core.kernel.post import LATENCY

_CHUNK = 16_384
"""Events that are copied at a time: seven megabytes, which stay near the processor."""


@dataclass(frozen=True, slots=True)
class EventFile:
    """
    A `RecordedMarket` on a file of EVENT rows.

    It is small by itself: what goes from process to process is where the rows are, and the
    operating system keeps them in memory once.
    """

    path: Path
    instruments: tuple[Instrument, ...]
    profile: str
    sources: tuple[SourceFile, ...]
    start: int
    """First row that belongs to it."""
    stop: int

    @property
    def first_quote_ts_ns(self) -> Mapping[str, int]:
        """Nothing: what came before the first book is no part of it."""
        return {}

    @property
    def latencies(self) -> Rows:
        """None: its own orders are no part of it."""
        return allocate(LATENCY, 0)

    @property
    def is_session(self) -> bool:
        """Never: see `latencies`."""
        return False

    @property
    def length(self) -> int:
        """Events in all."""
        return self.stop - self.start

    @property
    def first_ts_ns(self) -> int:
        """Time of the first event."""
        return int(self._rows()["ts_ns"][0])

    @property
    def last_ts_ns(self) -> int:
        """Time of the last event."""
        return int(self._rows()["ts_ns"][-1])

    def chunks(self) -> Iterator[Rows]:
        """Go through all events once, as copies: whoever numbers them changes no file."""
        rows = self._rows()
        for start in range(0, len(rows), _CHUNK):
            yield as_records(np.array(rows[start : start + _CHUNK]))

    def part(self, start_pct: float, stop_pct: float) -> EventFile:
        """Cut a stretch of time out; see `DataSet.part`."""
        first_ns, span_ns = self.first_ts_ns, self.last_ts_ns + 1 - self.first_ts_ns
        return self.between(
            first_ns + int(span_ns * start_pct / 100.0), first_ns + int(span_ns * stop_pct / 100.0)
        )

    def between(self, start_ns: int, stop_ns: int) -> EventFile:
        """Cut out what happened from `start_ns` up to, but without, `stop_ns`; may be empty."""
        bounds = np.searchsorted(self._rows()["ts_ns"], [start_ns, stop_ns])
        return replace(self, start=self.start + int(bounds[0]), stop=self.start + int(bounds[1]))

    def _rows(self) -> Rows:
        return np.memmap(self.path, EVENT, "r")[self.start : self.stop]


def write_events(data: RecordedMarket, path: Path) -> EventFile:
    """
    Write all events of a recording to a file, chunk by chunk.

    Raises:
        OSError: If there is no room for it.
    """
    rows = 0
    with path.open("wb") as file:
        for chunk in data.chunks():
            file.write(np.ascontiguousarray(chunk).view(np.uint8).data)
            rows += len(chunk)
    return EventFile(path, data.instruments, data.profile, data.sources, 0, rows)
