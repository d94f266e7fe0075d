"""What a data file becomes: instruments, events in order, and where they came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core.domain.instrument import Instrument
from core.domain.memory import Rows


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


@dataclass(frozen=True, slots=True)
class DataSet:
    """Recorded markets, ready for the kernel."""

    instruments: tuple[Instrument, ...]
    """An event's `instrument` is an index into these."""
    profile: str
    """The shipped profile whose capital and fees fit this kind of data."""
    events: Rows
    """EVENT rows in order of `ts_ns`, unnumbered; of one time, books before trades."""
    sources: tuple[SourceFile, ...]

    @property
    def first_ts_ns(self) -> int:
        """Time of the first event."""
        return int(self.events["ts_ns"][0])

    @property
    def last_ts_ns(self) -> int:
        """Time of the last event."""
        return int(self.events["ts_ns"][-1])
