"""What a backtest leaves behind, before anybody counts."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.instrument import Instrument
from core.domain.memory import IntArray, Rows


@dataclass(frozen=True, slots=True)
class FileUsed:
    """One data file and how much of it was used."""

    path: str
    sha256: str
    rows: int
    skipped: dict[str, int]
    repaired: dict[str, int]


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """A finished run over recorded markets."""

    instruments: tuple[Instrument, ...]
    files: tuple[FileUsed, ...]
    settings_hash: str
    events: int
    """Recorded events that were run."""
    seconds: float
    """Wall time of the compiled loop."""
    account: Rows
    """ACCOUNT, 1 row, as it ended."""
    states: Rows
    """INSTRUMENT_STATE, one row each, as they ended."""
    fills: Rows
    """FILL_RECORD of `core.kernel.batch`, all of them in order."""
    ts_ns: IntArray
    """Time of each sample of the curves below, about one a second of event time."""
    equity_nanos: IntArray
    pnl_nanos: IntArray
    """Sample x instrument."""
    regime: IntArray
    """Sample x instrument."""
    mid2_ticks: IntArray
    """Sample x instrument: bid plus ask, 0 before the first book."""
    position_lots: IntArray
    """Sample x instrument."""
    sent_lots: IntArray
    """By instrument: lots of all new orders that were sent."""

    @property
    def events_per_second(self) -> float:
        """Speed of the run; 0 where it was too short to time."""
        return self.events / self.seconds if self.seconds > 0 else 0.0
