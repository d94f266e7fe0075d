"""A stored data set as a recorded market: read a few row groups at a time, merged by time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from core.data.dataset import CHUNK, SourceFile
from core.data.store.broken import BROKEN, reason_of
from core.data.store.columns import to_events
from core.data.store.manifest import Manifest, Part, read_manifest
from core.data.store.writer import ROW_GROUP
from core.domain.errors import DataError
from core.domain.instrument import Instrument
from core.domain.memory import Rows, allocate, as_records
from core.kernel.post import LATENCY

_FOREVER_NS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class StoredMarket:
    """
    Recorded markets on disk, in a stretch of time.

    At most a row group of each part that overlaps is in memory at once, and a chunk.
    """

    folder: Path
    manifest: Manifest
    start_ns: int
    """From here on."""
    stop_ns: int
    """Up to, but without, this."""
    length: int
    """Events in the stretch."""
    first_ts_ns: int
    last_ts_ns: int

    @classmethod
    def open(cls, folder: Path) -> StoredMarket:
        """
        Open all of a stored data set; no event is read.

        Raises:
            DataError: If it is none, or holds no events.
        """
        return cls.of(folder, read_manifest(folder))

    @classmethod
    def of(cls, folder: Path, manifest: Manifest) -> StoredMarket:
        """
        Take the files that a manifest names for a data set.

        Raises:
            DataError: If it holds no events.
        """
        if not manifest.rows:
            raise DataError(folder, "holds no events")
        return cls(
            folder,
            manifest,
            0,
            _FOREVER_NS,
            manifest.rows,
            min(part.first_ts_ns for part in manifest.parts),
            max(part.last_ts_ns for part in manifest.parts),
        )

    @property
    def latencies(self) -> Rows:
        """None: it is not known what orders took."""
        return allocate(LATENCY, 0)

    @property
    def is_session(self) -> bool:
        """Never: what is stored is the market."""
        return False

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """What an event's `instrument` is an index into."""
        return self.manifest.instruments

    @property
    def profile(self) -> str:
        """The shipped profile whose capital and fees fit this kind of data."""
        return self.manifest.profile

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """The files that were imported."""
        return tuple(source.to_file() for source in self.manifest.sources)

    @property
    def first_quote_ts_ns(self) -> dict[str, int]:
        """By symbol, when its first best level came; of the beginning alone."""
        return self.manifest.first_quote_ts_ns if self.start_ns == 0 else {}

    def chunks(self) -> Iterator[Rows]:
        """
        Go through all events once; see `RecordedMarket.chunks`.

        Raises:
            DataError: If a part cannot be read, or is not what the manifest says.
        """
        for events in _Merge(_cursors(self)).rows():
            for start in range(0, len(events), CHUNK):
                yield as_records(events[start : start + CHUNK])

    def part(self, start_pct: float, stop_pct: float) -> StoredMarket:
        """
        Cut a stretch of time out; see `DataSet.part`.

        Raises:
            ValueError: If the bounds are none.
            DataError: If no event is in it, or a part cannot be read.
        """
        if not 0.0 <= start_pct < stop_pct <= 100.0:
            raise ValueError(f"{start_pct:g} to {stop_pct:g} per cent is no part of a recording")
        span_ns = self.last_ts_ns - self.first_ts_ns
        bounds_ns = [
            self.first_ts_ns + math.ceil(span_ns * pct / 100.0) for pct in (start_pct, stop_pct)
        ]
        start_ns = self.start_ns if start_pct == 0.0 else bounds_ns[0]
        stop_ns = self.stop_ns if stop_pct == 100.0 else bounds_ns[1]
        found = replace(self, start_ns=start_ns, stop_ns=stop_ns)
        cursors = _cursors(found)
        spans = [cursor.span_ns() for cursor in cursors]
        if not spans:
            raise DataError(
                self.folder, f"has no event from {start_pct:g} to {stop_pct:g} % of its time"
            )
        return replace(
            found,
            length=sum(cursor.rows for cursor in cursors),
            first_ts_ns=min(span[0] for span in spans),
            last_ts_ns=max(span[1] for span in spans),
        )


def _cursors(market: StoredMarket) -> list[_Cursor]:
    """A place at the beginning of each part that has something of the stretch."""
    cursors = [
        _Cursor(market.folder, part, market)
        for part in market.manifest.parts
        if part.first_ts_ns < market.stop_ns and part.last_ts_ns >= market.start_ns
    ]
    return [cursor for cursor in cursors if cursor.rows]


class _Cursor:
    """A place in one part."""

    def __init__(self, folder: Path, part: Part, market: StoredMarket) -> None:
        self._path = folder / part.path
        self._part = part
        self.first_ts_ns = max(part.first_ts_ns, market.start_ns)
        self._next, self._stop = 0, part.rows
        if part.first_ts_ns < market.start_ns or part.last_ts_ns >= market.stop_ns:
            ts_ns = self._times()
            self._next, self._stop = np.searchsorted(
                ts_ns, [market.start_ns, market.stop_ns]
            ).tolist()
        self.buffer: Rows = None

    @property
    def rows(self) -> int:
        """Events that have not been read."""
        return self._stop - self._next

    @property
    def is_over(self) -> bool:
        """Whether all has been read and taken."""
        return self.rows == 0 and (self.buffer is None or len(self.buffer) == 0)

    def span_ns(self) -> tuple[int, int]:
        """Times of the first and the last event, before any is read."""
        if self._next == 0 and self._stop == self._part.rows:
            return self._part.first_ts_ns, self._part.last_ts_ns
        ts_ns = self._times()
        return int(ts_ns[self._next]), int(ts_ns[self._stop - 1])

    def fill(self) -> None:
        """Read on behind what is there."""
        count = min(ROW_GROUP, self.rows)
        try:
            frame = pl.scan_parquet(self._path).slice(self._next, count).collect()
            events = to_events(frame)
        except (*BROKEN, ValueError) as error:
            raise self._damaged(error) from error
        if len(events) != count or np.any(np.diff(events["ts_ns"]) < 0):
            raise DataError(self._path, "is damaged: not the events that were written")
        self._next += count
        has_more = self.buffer is not None and len(self.buffer)
        self.buffer = np.concatenate([self.buffer, events]) if has_more else events

    def take(self, before_ns: int) -> Rows:
        """Take what came before a time out of the buffer."""
        count = int(np.searchsorted(self.buffer["ts_ns"], before_ns))
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def _times(self) -> Rows:
        try:
            return pl.scan_parquet(self._path).select("ts_ns").collect().to_series().to_numpy()
        except BROKEN as error:
            raise self._damaged(error) from error

    def _damaged(self, error: BaseException) -> DataError:
        reason = reason_of(error)
        return DataError(
            self._path, f"cannot be read: {reason}; `imc-cockpit data check` tells what else"
        )


class _Merge:
    """Parts in order of time, opened when their time comes."""

    def __init__(self, cursors: Sequence[_Cursor]) -> None:
        self._waiting = list(cursors)
        self._open: list[_Cursor] = []

    def rows(self) -> Iterator[Rows]:
        """EVENT rows in order; of one time in the order of the parts."""
        while self._waiting or self._open:
            self._advance()
            limit_ns = self._limit_ns()
            taken = [cursor.take(limit_ns) for cursor in self._open]
            self._open = [cursor for cursor in self._open if not cursor.is_over]
            taken = [rows for rows in taken if len(rows)]
            if len(taken) > 1:
                joined = np.concatenate(taken)
                yield joined[np.argsort(joined["ts_ns"], kind="stable")]
            elif taken:
                yield taken[0]
            else:
                self._read_on(limit_ns)

    def _advance(self) -> None:
        """Open what begins next, and read where nothing is left to look at."""
        if not self._open:
            self._open.append(self._waiting.pop(0))
        for cursor in self._open:
            if cursor.buffer is None or not len(cursor.buffer):
                cursor.fill()
        newest_ns = max(int(cursor.buffer["ts_ns"][-1]) for cursor in self._open)
        while self._waiting and self._waiting[0].first_ts_ns <= newest_ns:
            cursor = self._waiting.pop(0)
            cursor.fill()
            self._open.append(cursor)
            newest_ns = max(newest_ns, int(cursor.buffer["ts_ns"][-1]))

    def _limit_ns(self) -> int:
        """No event that has not been read is earlier than this."""
        limits = [int(c.buffer["ts_ns"][-1]) for c in self._open if c.rows]
        if self._waiting:
            limits.append(self._waiting[0].first_ts_ns)
        return min(limits, default=_FOREVER_NS)

    def _read_on(self, limit_ns: int) -> None:
        """A whole buffer of one time: look at what follows it."""
        for cursor in self._open:
            if cursor.rows and int(cursor.buffer["ts_ns"][-1]) == limit_ns:
                cursor.fill()
