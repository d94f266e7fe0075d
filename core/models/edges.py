"""
What each signal has been worth: ticks of later move per tick of its reach.

One regression for each signal and horizon; errors that respect overlapping horizons
(Newey & West, A Simple, Positive Semi-definite, Heteroskedasticity and Autocorrelation
Consistent Covariance Matrix, 1987); the horizon that leaves most of a move
to be sure of is taken. What several signals
say together is not sorted out here: the kernel discounts it by their correlations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from core.domain.enums import N_SIGNALS, Signal
from core.domain.memory import FloatArray, IntArray, Rows
from core.models.long_run import long_run_variance
from core.models.refusal import Refusal

HORIZONS_BARS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
PER_HORIZON = 10
LEAST_BLOCKS = 20
"""Horizons that do not fit into the recording so often are left out."""
LEAST_ROWS = 1_000
"""Books, and 100 for a horizon once they are thinned."""
_LEAST_THINNED = 100

CLEAR_T = 4.5
"""
Below this a signal counts as worth nothing.

Searches through 14 signals and 10 horizons of ten instruments find one larger by chance
about once in a hundred (Bonferroni, normal), which leaves room for tails fatter than that.
"""

_BOUNDED = (Signal.SPREAD, Signal.FAIR_VALUE)
"""Their reach is the whole way: an edge above 1 would be to expect more than that."""
_PRIOR_DEVIATION = 0.5
"""Of an assumed edge, as a share of it."""
_MOST = 10.0
LEAST_SPREAD = 30.0
"""Fewer effective values, (Σ x²)² / Σ x⁴, than these are a handful of outliers."""
_PENALTY = 3.0
"""Errors by which the best of many horizons is expected to flatter a signal."""


@dataclass(frozen=True, slots=True)
class SignalEdge:
    """One signal's regression at its clearest horizon."""

    slope: float
    t: float
    horizon_bars: float
    edge: float
    """What is made of it: shrunk, or 0 where it is not clear."""


@dataclass(frozen=True, slots=True)
class EdgeFit:
    """Edges of one instrument, by Signal."""

    signals: tuple[SignalEdge, ...]
    quotes: int

    def values(self) -> list[float]:
        """Edges by Signal, as a model update carries them."""
        return [signal.edge for signal in self.signals]

    @property
    def text(self) -> str:
        """The signals that are worth something, in a line."""
        found = [
            f"{signal.name.lower()} {fit.edge:+.3f} over {fit.horizon_bars:g} bars (t {fit.t:+.1f})"
            for signal, fit in zip(Signal, self.signals, strict=True)
            if fit.edge != 0.0 and fit.horizon_bars > 0
        ]
        return "; ".join(found) or "no edge"


def fit_edges(quotes: Rows, bar_ns: int, prior: FloatArray) -> EdgeFit | Refusal:
    """
    Regress later moves of the mid on each signal.

    For a horizon the books are thinned to PER_HORIZON a horizon: more would be as good as
    the same book again.

    Args:
        quotes: QUOTE rows in order.
        bar_ns: Length of a bar, the unit of the horizons.
        prior: Assumed edges, shape (N_SIGNALS,); 0 for signals that have to prove theirs.

    Returns:
        Why not, if there are fewer than LEAST_ROWS usable books or the mid never moves.
    """
    ts_ns, mid, reach = quotes["ts_ns"], quotes["mid_ticks"], quotes["reach"]
    usable = np.isfinite(mid) & np.isfinite(reach).all(axis=1)
    ts_ns, mid, reach = ts_ns[usable], mid[usable], reach[usable]
    if len(mid) < LEAST_ROWS:
        return Refusal(f"{len(mid)} usable books; {LEAST_ROWS} are needed")
    if np.ptp(mid) == 0.0:
        return Refusal("the mid never moves")
    best = [_Slope(0.0, np.inf, 0.0)] * N_SIGNALS
    for bars in HORIZONS_BARS:
        horizon_ns = int(bars * bar_ns)
        if horizon_ns * LEAST_BLOCKS > ts_ns[-1] - ts_ns[0]:
            break
        rows, later = _thin(ts_ns, horizon_ns)
        if len(rows) < _LEAST_THINNED:
            continue
        slopes, errors = _regress(reach[rows], mid[later] - mid[rows], PER_HORIZON)
        for signal in range(N_SIGNALS):
            slope = _Slope(float(slopes[signal]), float(errors[signal]), bars)
            errors_off = _PENALTY if prior[signal] == 0.0 else 1.0
            if slope.sure(errors_off) > best[signal].sure(errors_off):
                best[signal] = slope
    return EdgeFit(
        tuple(
            SignalEdge(slope.slope, slope.t, slope.bars, _shrink(signal, slope, prior[signal]))
            for signal, slope in zip(Signal, best, strict=True)
        ),
        len(mid),
    )


class _Slope(NamedTuple):
    slope: float
    error: float
    bars: float

    @property
    def t(self) -> float:
        return self.slope / self.error

    def sure(self, errors: float) -> float:
        """Size of the slope that is left when so many errors are taken off."""
        return abs(self.slope) - errors * self.error if np.isfinite(self.error) else -np.inf


def _thin(ts_ns: IntArray, horizon_ns: int) -> tuple[IntArray, IntArray]:
    """Rows a step of the horizon apart, and for each the last row within its horizon."""
    step_ns = max(1, horizon_ns // PER_HORIZON)
    beats = np.arange(ts_ns[0], ts_ns[-1] - horizon_ns + 1, step_ns)
    rows = np.unique(np.searchsorted(ts_ns, beats))
    later = np.searchsorted(ts_ns, ts_ns[rows] + horizon_ns, side="right") - 1
    # A stretch without books says nothing of what came after the book before it.
    known = (later > rows) & (ts_ns[later] - ts_ns[rows] > horizon_ns // 2)
    known &= ts_ns[rows] + horizon_ns <= ts_ns[-1]
    return rows[known], later[known]


def _shrink(signal: Signal, found: _Slope, prior: float) -> float:
    """
    Believe a slope as far as its error allows.

    Where an edge is assumed, that is where the fit starts, and the books move it as far as
    they are sure (normal prior, normal likelihood); it never changes its sign. Where none
    is, a signal has to be clear.
    """
    if prior != 0.0:
        edge = prior
        if np.isfinite(found.error):
            deviation = _PRIOR_DEVIATION * abs(prior)
            trust = deviation**2 / (deviation**2 + found.error**2)
            edge += trust * (found.slope - prior)
        most = 1.0 if signal in _BOUNDED else _MOST
        return float(np.copysign(np.clip(edge * np.sign(prior), 0.0, most), prior))
    if abs(found.t) < CLEAR_T:
        return 0.0
    return float(np.clip(np.copysign(found.sure(_PENALTY), found.slope), -_MOST, _MOST))


def _regress(x: FloatArray, y: FloatArray, horizon: int) -> tuple[FloatArray, FloatArray]:
    """Slopes of y on each column of x and their Newey-West errors over `horizon` lags."""
    x = x - x.mean(axis=0)
    y = y - y.mean()
    spread = (x * x).sum(axis=0)
    fourth = (x**4).sum(axis=0)
    moves = (spread > 1e-12 * len(x)) & (spread * spread > LEAST_SPREAD * fourth)
    safe = np.where(moves, spread, 1.0)
    slopes = np.where(moves, x.T @ y / safe, 0.0)
    scores = x * (y[:, None] - x * slopes)
    variance = long_run_variance(scores, horizon) / safe**2
    errors = np.where(moves & (variance > 0.0), np.sqrt(np.maximum(variance, 0.0)), np.inf)
    return slopes, errors
