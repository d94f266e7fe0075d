"""
Which pairs of instruments belong together.

Engle & Granger (1987) tests the residual of a regression for a unit root, Johansen (1991)
the rank of the system; a pair must pass both. Testing every pair finds some by luck, so
the pairs' p-values are adjusted together (Benjamini & Hochberg, 1995).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np

from core.domain.memory import FloatArray
from core.domain.spreads import SpreadReason
from core.models.refusal import Refusal
from core.models.unit_roots import adf, engle_granger, half_life, is_constant, johansen

MIN_ROWS: Final = 100
MAX_ROWS: Final = 5_000
"""Longer series are thinned to at most so many rows, evenly: their span is what counts."""

MIN_HALF_LIFE_BARS: Final = 1.0
HALF_LIVES_PER_SAMPLE: Final = 10.0
"""A spread that returned fewer times than this in the sample has shown nothing."""
STATIONARY_P: Final = 0.01
"""ADF p-value below which a series is stationary."""
MIN_SHARE: Final = 0.1
"""Least part of the target's deviation that its partner must account for."""


@dataclass(frozen=True, slots=True)
class PairFit:
    """One pair, with what was found and whether it may be traded."""

    target: str
    leg: str
    reason: str
    """Empty if it may be traded, else why not."""
    code: SpreadReason = SpreadReason.NOT_COINTEGRATED
    bars: int = 0
    """Bars that the figures cover."""
    p_value: float = 1.0
    """Engle-Granger, the better direction, times two for having tried both."""
    adjusted_p_value: float = 1.0
    """Share of false finds to expect if pairs up to this one are believed."""
    statistic: float = math.nan
    trace: float = math.nan
    """Johansen's trace statistic against no common trend."""
    trace_critical: float = math.nan
    """At 5 per cent."""
    hedge: float = math.nan
    """target = hedge leg + intercept, by least squares."""
    intercept: float = math.nan
    spread_sd: float = math.nan
    half_life_bars: float = math.nan
    """Infinite if the spread does not return."""
    leg_mean: float = math.nan
    leg_sd: float = math.nan

    @property
    def is_tradable(self) -> bool:
        """True if nothing speaks against it."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class PairsFit:
    """All pairs, the most convincing first."""

    pairs: tuple[PairFit, ...]
    max_p: float

    @property
    def tradable(self) -> tuple[PairFit, ...]:
        """Those that may be traded."""
        return tuple(pair for pair in self.pairs if pair.is_tradable)


def fit_pairs(
    prices: FloatArray, names: Sequence[str], *, max_p: float = 0.05
) -> PairsFit | Refusal:
    """
    Test every pair of instruments for cointegration.

    A pair may be traded if both are integrated of order one, its adjusted Engle-Granger
    p-value and Johansen's trace test both say so, its spread returns within a tenth of
    the sample, and the partner accounts for a tenth of the target's deviation. The tests
    use one lag; the adjustment (Benjamini-Hochberg) runs over all pairs that could be
    tested, so that about `max_p` of those that pass are false. It assumes that pairs do
    not speak against each other, which holds for pairs that share an instrument.

    Args:
        prices: float64, shape (n, k): bars by instruments, NaN where there is no price.
            A pair uses the rows where both have one. Units are the caller's.
        names: One per column.
        max_p: False finds to tolerate, in (0, 1).

    Returns:
        Every pair with its figures and its reason, or why nothing could be tested.
    """
    if prices.ndim != 2 or prices.shape[1] != len(names):
        return Refusal(f"prices of shape {prices.shape} do not fit {len(names)} names")
    if len(names) < 2:
        return Refusal("a pair takes two instruments")
    if len(prices) < MIN_ROWS:
        return Refusal(f"{len(prices)} bars are too few to test pairs: {MIN_ROWS} needed")
    stride = -(-len(prices) // MAX_ROWS)
    thinned = np.ascontiguousarray(prices[::stride], np.float64)
    faults = [_order_fault(thinned[:, column]) for column in range(len(names))]
    fits = []
    for first, second in combinations(range(len(names)), 2):
        fault = next((f"{names[i]} {faults[i]}" for i in (first, second) if faults[i]), "")
        if fault:
            fits.append(PairFit(names[first], names[second], fault))
        else:
            fits.append(_fit_pair(thinned, (first, second), names, stride))
    judged = [_judge(fit, max_p) for fit in _adjust(fits)]
    judged.sort(key=lambda fit: (not fit.is_tradable, fit.adjusted_p_value, fit.p_value))
    return PairsFit(tuple(judged), max_p)


def _order_fault(column: FloatArray) -> str:
    """Why a series cannot be one of a pair, as the end of a sentence; empty if it can."""
    present = column[np.isfinite(column)]
    if len(present) < MIN_ROWS:
        return f"has only {len(present)} prices"
    if is_constant(present):
        return "never moves"
    levels, changes = adf(present), adf(np.diff(present))
    if isinstance(levels, Refusal) or isinstance(changes, Refusal):
        return "cannot be tested for its order of integration"
    if levels.p_value < STATIONARY_P:
        return f"returns to its mean by itself (ADF p {levels.p_value:.2g})"
    if changes.p_value > STATIONARY_P:
        return f"is not integrated of order one (ADF of its changes: p {changes.p_value:.2g})"
    return ""


def _fit_pair(
    prices: FloatArray, columns: tuple[int, int], names: Sequence[str], stride: int
) -> PairFit:
    """Test both directions, keep the better one, and measure its spread."""
    rows = prices[np.isfinite(prices[:, columns]).all(axis=1)][:, columns]
    unfit = PairFit(names[columns[0]], names[columns[1]], "", bars=stride * len(rows))
    if len(rows) < MIN_ROWS:
        return replace(unfit, reason=f"only {len(rows)} bars have both prices")
    forward = engle_granger(rows[:, 0], rows[:, 1], lags=1)
    backward = engle_granger(rows[:, 1], rows[:, 0], lags=1)
    rank = johansen(rows)
    if isinstance(forward, Refusal) or isinstance(backward, Refusal) or isinstance(rank, Refusal):
        refusal = next(found for found in (forward, backward, rank) if isinstance(found, Refusal))
        return replace(unfit, reason=refusal.reason)
    target, leg = (0, 1) if forward.p_value <= backward.p_value else (1, 0)
    better = forward if target == 0 else backward
    hedge, intercept = (float(x) for x in np.polyfit(rows[:, leg], rows[:, target], 1))
    spread = rows[:, target] - hedge * rows[:, leg] - intercept
    return PairFit(
        target=names[columns[target]],
        leg=names[columns[leg]],
        reason="",
        bars=stride * len(rows),
        p_value=min(1.0, 2.0 * better.p_value),
        statistic=better.statistic,
        trace=rank.statistic,
        trace_critical=rank.critical,
        hedge=hedge,
        intercept=intercept,
        spread_sd=float(spread.std()),
        half_life_bars=stride * half_life(spread),
        leg_mean=float(rows[:, leg].mean()),
        leg_sd=float(rows[:, leg].std()),
    )


def _adjust(fits: Sequence[PairFit]) -> list[PairFit]:
    """Give each tested pair its Benjamini-Hochberg adjusted p-value."""
    tested = sorted((fit for fit in fits if not fit.reason), key=lambda fit: -fit.p_value)
    adjusted = [fit for fit in fits if fit.reason]
    least = 1.0
    for place, fit in enumerate(tested):
        rank = len(tested) - place
        least = min(least, fit.p_value * len(tested) / rank)
        adjusted.append(replace(fit, adjusted_p_value=least))
    return adjusted


def _judge(fit: PairFit, max_p: float) -> PairFit:
    """Say why a pair may not be traded, if so."""
    if fit.reason:
        return fit
    code = SpreadReason.NOT_COINTEGRATED
    explained = abs(fit.hedge) * fit.leg_sd
    share = explained / math.hypot(explained, fit.spread_sd)
    longest = fit.bars / HALF_LIVES_PER_SAMPLE
    if fit.adjusted_p_value > max_p:
        reason = f"not cointegrated: adjusted p {fit.adjusted_p_value:.2g} > {max_p:g}"
    elif fit.trace <= fit.trace_critical:
        reason = f"not cointegrated: Johansen trace {fit.trace:.1f} <= {fit.trace_critical:.1f}"
    elif share < MIN_SHARE:
        reason = f"hedge ratio {fit.hedge:.3g} leaves {1.0 - share:.0%} of the target unexplained"
    else:
        code = SpreadReason.HALF_LIFE
        reason = _half_life_fault(fit.half_life_bars, longest)
    return replace(fit, reason=reason, code=code if reason else SpreadReason.NONE)


def _half_life_fault(bars: float, longest: float) -> str:
    """Why a spread with this half-life cannot be traded; empty if it can."""
    if bars > longest:
        return f"half-life of {bars:.0f} bars is too long: over a tenth of the sample"
    if bars < MIN_HALF_LIFE_BARS:
        return f"half-life of {bars:.1f} bars is too short to trade"
    return ""
