"""A finished session, as everything that its report says: no arithmetic is left but drawing."""

from __future__ import annotations

from dataclasses import dataclass

from core.api.topics import Statistics
from core.domain.memory import FloatArray, IntArray
from core.domain.snapshot import EngineSnapshot, Notice, RunMeta


@dataclass(frozen=True, slots=True)
class SessionCurve:
    """Samples of the whole run, about one a second, oldest first."""

    ts_ns: IntArray
    equity: FloatArray
    peak: FloatArray
    """Highest equity until then, as the risk limits count it: it may be of an earlier run."""
    regimes: IntArray
    """Sample x instrument: numbers of `Regime`."""

    @property
    def drawdown_pct(self) -> FloatArray:
        """How far below the peak, at least 0; 0 where there is no peak."""
        peak = self.peak
        safe = peak.copy()
        safe[peak <= 0] = 1.0
        fall: FloatArray = (peak - self.equity) * 100.0 / safe
        fall[(peak <= 0) | (fall < 0)] = 0.0
        return fall


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """A live parameter was changed."""

    ts_ns: int
    key: str
    old: float
    new: float
    who: str
    revert_s: float | None
    """It would go back after so long; None for a change that stays."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the journal, gone through again, gives the same decisions."""

    is_identical: bool
    lines: tuple[str, ...]
    """The verdict and what was compared, for people."""


@dataclass(frozen=True, slots=True)
class SessionReport:
    """All of a run that its report shows."""

    meta: RunMeta
    final: EngineSnapshot
    """The engine after the last event."""
    statistics: Statistics
    curve: SessionCurve
    notices: tuple[Notice, ...]
    """Of the whole run, oldest first."""
    started_ns: int
    ended_ns: int
    """Times of the first and the last event; 0 without any."""
    events: int
    ending: str
    """How the run ended, in words."""
    parameters_at_start: tuple[float, ...]
    """In the order of `RunMeta.parameters`."""
    changes: tuple[ParameterChange, ...]
    verdict: Verdict
    remarks: tuple[str, ...]
    """What the reader should know before trusting the numbers; empty if nothing."""
    facts: tuple[tuple[str, str], ...]
    """Name and value: versions, hashes."""

    @property
    def halts(self) -> int:
        """How often trading was halted."""
        return sum(
            notice.kind == "state" and notice.text.startswith("HALTED") for notice in self.notices
        )
