"""
What each signal has been worth: ticks of later move per tick of its reach.

One regression for each signal and horizon; errors that respect overlapping horizons
(Newey & West, A Simple, Positive Semi-definite, Heteroskedasticity and Autocorrelation
Consistent Covariance Matrix, 1987); the clearest horizon is taken. What several signals
say together is not sorted out here: the kernel discounts it by their correlations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from core.domain.enums import N_SIGNALS, Signal
from core.domain.memory import FloatArray
from core.models.refusal import Refusal

HORIZONS_BARS = (1, 2, 5, 10, 20, 50, 100)
LEAST_BLOCKS = 20
"""Horizons that do not fit into the bars so often are left out."""
LEAST_BARS = 100

CLEAR_T = 3.5
"""
Below this a signal counts as worth nothing.

About one in twenty searches through 13 signals and 7 horizons of pure chance would find a
larger one somewhere (Bonferroni).
"""

STRUCTURAL = (Signal.SPREAD, Signal.FAIR_VALUE)
"""
Signals with a reason to hold beyond these bars: the assumed edge is where the fit starts,
and the bars move it as far as they are sure (normal prior, normal likelihood).
"""
_PRIOR_DEVIATION = 0.25
_MOST = 10.0


@dataclass(frozen=True, slots=True)
class SignalEdge:
    """One signal's regression at its clearest horizon."""

    slope: float
    t: float
    horizon_bars: int
    edge: float
    """What is made of it: shrunk, or 0 where it is not clear."""


@dataclass(frozen=True, slots=True)
class EdgeFit:
    """Edges of one instrument, by Signal."""

    signals: tuple[SignalEdge, ...]
    bars: int

    def values(self) -> list[float]:
        """Edges by Signal, as a model update carries them."""
        return [signal.edge for signal in self.signals]

    @property
    def text(self) -> str:
        """The signals that are worth something, in a line."""
        found = [
            f"{signal.name.lower()} {fit.edge:+.3f} over {fit.horizon_bars} bars (t {fit.t:+.1f})"
            for signal, fit in zip(Signal, self.signals, strict=True)
            if fit.edge != 0.0
        ]
        return "; ".join(found) or "no edge"


def fit_edges(
    numbers: FloatArray, mid_ticks: FloatArray, reach: FloatArray, prior: FloatArray
) -> EdgeFit | Refusal:
    """
    Regress later moves of the mid on each signal.

    Args:
        numbers: Bar numbers, shape (n,), rising; a jump is a stretch without books, over
            which nothing is measured.
        mid_ticks: Mid at the close of each bar, shape (n,).
        reach: Signal times reach at the close, ticks, shape (n, N_SIGNALS).
        prior: Assumed edges, shape (N_SIGNALS,), for signals that are STRUCTURAL.

    Returns:
        Why not, if there are fewer than LEAST_BARS usable bars or the mid never moves.
    """
    usable = np.isfinite(mid_ticks) & np.isfinite(reach).all(axis=1)
    numbers, mid_ticks, reach = numbers[usable], mid_ticks[usable], reach[usable]
    if len(numbers) < LEAST_BARS:
        return Refusal(f"{len(numbers)} usable bars; {LEAST_BARS} are needed")
    if np.ptp(mid_ticks) == 0.0:
        return Refusal("the mid never moves")
    best: list[tuple[float, float, int, float]] = [(0.0, 0.0, 0, np.inf)] * N_SIGNALS
    for horizon in HORIZONS_BARS:
        if horizon * LEAST_BLOCKS > len(numbers):
            break
        whole = numbers[horizon:] - numbers[:-horizon] == horizon
        move = (mid_ticks[horizon:] - mid_ticks[:-horizon])[whole]
        if len(move) < LEAST_BARS:
            continue
        slopes, errors = _regress(reach[:-horizon][whole], move, horizon)
        for signal in range(N_SIGNALS):
            t = slopes[signal] / errors[signal]
            if abs(t) > abs(best[signal][1]):
                best[signal] = (slopes[signal], t, horizon, errors[signal])
    return EdgeFit(
        tuple(
            SignalEdge(slope, t, horizon, _shrink(signal, slope, t, error, prior[signal]))
            for signal, (slope, t, horizon, error) in zip(Signal, best, strict=True)
        ),
        len(numbers),
    )


def _shrink(signal: Signal, slope: float, t: float, error: float, prior: float) -> float:
    """Believe a slope as far as its error allows."""
    if signal in STRUCTURAL:
        if not np.isfinite(error):
            return prior
        trust = _PRIOR_DEVIATION**2 / (_PRIOR_DEVIATION**2 + error**2)
        # Below zero would be to trade against the reason for the signal.
        return float(np.clip(prior + trust * (slope - prior), 0.0, 1.0))
    if abs(t) < CLEAR_T:
        return 0.0
    return float(np.clip(slope * (1.0 - 1.0 / t**2), -_MOST, _MOST))


def _regress(x: FloatArray, y: FloatArray, horizon: int) -> tuple[FloatArray, FloatArray]:
    """Slopes of y on each column of x and their Newey-West errors over `horizon` lags."""
    x = x - x.mean(axis=0)
    y = y - y.mean()
    spread = (x * x).sum(axis=0)
    moves = spread > 1e-12 * len(x)
    safe = np.where(moves, spread, 1.0)
    slopes = np.where(moves, x.T @ y / safe, 0.0)
    scores = x * (y[:, None] - x * slopes)
    variance = _long_run(scores, horizon) / safe**2
    errors = np.where(moves & (variance > 0.0), np.sqrt(np.maximum(variance, 0.0)), np.inf)
    return slopes, errors


def _long_run(scores: FloatArray, lags: int) -> FloatArray:
    """Σ of the scores' autocovariances up to `lags`, with Bartlett weights."""
    length = next_fast_len(len(scores) + lags + 1)
    spectrum = rfft(scores, length, axis=0)
    covariances = irfft(spectrum * spectrum.conj(), length, axis=0)[: lags + 1]
    weights = 1.0 - np.arange(lags + 1) / (lags + 1)
    weights[1:] *= 2.0
    total: FloatArray = weights @ covariances
    return total
