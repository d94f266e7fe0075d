"""
What a mean, a correlation or an AUC is worth when its observations hang together.

Quotes come in bursts and the windows of returns overlap, so the usual standard error is
far too small. Here each estimate is written as a mean of influence values, and the
long-run variance of these is estimated by equal-weighted cosines, whose t statistic has
Student's distribution with as many degrees of freedom as there are cosines: Lazarus,
Lewis, Stock, Watson, HAR Inference: Recommendations for Practice (JBES 2018), eq. 11-12.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.special import stdtr, stdtrit

from core.domain.memory import FloatArray, IntArray

Bools = NDArray[np.bool_]

LEVEL = 0.95
"""Of every interval in a report."""

MIN_COSINES = 4
"""Fewer leave the variance itself a guess: Student's factor passes 2.8."""

_OUTLIER = 30.0
"""Changes beyond this many of their upper quartiles are cut: no market moves so, bad prints do."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its band."""

    value: float
    low: float
    high: float
    """Ends of the 95 % interval."""
    p_value: float
    """Of no effect, two-sided."""


def band(estimate: Estimate) -> str:
    """An estimate with its interval, as sentences have it."""
    return f"{estimate.value:+.2f} [{estimate.low:+.2f}, {estimate.high:+.2f}]"


def cosines(observations: int, overlap: int = 1) -> int:
    """
    Choose the number of cosines: 0.41 n^(2/3), and no more than half the windows that fit.

    Faster cosines than that would see the inside of an overlapping window, where the
    observations repeat each other, and call the mean more certain than it is.

    Args:
        observations: n; 0 or less gives 0.
        overlap: Observations in a row that share a part of one window.
    """
    if observations <= 0:
        return 0
    return int(min(0.41 * observations ** (2 / 3), observations / (2 * max(1, overlap))))


def deviation_of_mean(influence: FloatArray, count: int) -> float:
    """
    Compute the standard error of a mean, whatever the autocorrelation of its terms.

    Args:
        influence: Terms in order of time, one axis.
        count: Number of cosines, 1 or more and less than there are terms.
    """
    terms = len(influence)
    # The orthonormal DCT-II is the projection on sqrt(2/n) cos(pi j (t + 1/2) / n).
    weights = dct(influence - np.mean(influence), type=2, norm="ortho")[1 : count + 1]
    return math.sqrt(float(np.mean(weights**2)) / terms)


def estimate(value: float, deviation: float, count: int, null: float = 0.0) -> Estimate:
    """Put a band around an estimate, from Student's distribution with `count` degrees."""
    factor = float(stdtrit(count, 0.5 + LEVEL / 2))
    if deviation == 0.0:
        p_value = 1.0 if value == null else 0.0
    else:
        p_value = 2.0 * float(stdtr(count, -abs(value - null) / deviation))
    return Estimate(value, value - factor * deviation, value + factor * deviation, p_value)


def correlation(x: FloatArray, y: FloatArray, overlap: int = 1) -> Estimate | None:
    """
    Correlate two series, with a band that respects their order in time.

    The influence of one pair on r is zx zy - r (zx² + zy²) / 2; the band is drawn on
    Fisher's scale and so stays inside [-1, 1].

    Args:
        x: Finite values in order of time.
        y: As many.
        overlap: Observations in a row that share a part of one window.

    Returns:
        None where there are too few independent pairs, or one side never changes.
    """
    return panel_correlation(x[:, np.newaxis], y[:, np.newaxis], overlap)


def panel_correlation(x: FloatArray, y: FloatArray, overlap: int = 1) -> Estimate | None:
    """
    Correlate several pairs of series as one, each pair with the same weight.

    What the pairs do at one time counts as one observation, so pairs that move together
    are no more certain than one of them.

    Args:
        x: Shape (times, pairs): finite values in order of time.
        y: The same shape.
        overlap: Times in a row that share a part of one window.

    Returns:
        As `correlation`, over the pairs of which both sides change.
    """
    count = cosines(len(x), overlap)
    if count < MIN_COSINES:
        return None
    columns = _columns(x, y)
    if not columns:
        return None
    products = np.mean([one * other for one, other in columns], axis=0)
    value = float(np.clip(np.mean(products), -1.0, 1.0))
    if abs(value) > 1.0 - 1e-12:
        return Estimate(value, value, value, 0.0)
    squares = np.mean([one**2 + other**2 for one, other in columns], axis=0)
    influence = products - value * squares / 2
    deviation = deviation_of_mean(influence, count) / (1.0 - value * value)
    fisher = estimate(math.atanh(value), deviation, count)
    return Estimate(value, math.tanh(fisher.low), math.tanh(fisher.high), fisher.p_value)


def panel_value(x: FloatArray, y: FloatArray) -> float | None:
    """Give the value of `panel_correlation` alone, which is far sooner known than its band."""
    columns = _columns(x, y)
    return float(np.mean([np.mean(one * other) for one, other in columns])) if columns else None


def _columns(x: FloatArray, y: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
    """Standardize the pairs of which both sides change."""
    return [
        (standard_x, standard_y)
        for one, other in zip(x.T, y.T, strict=True)
        if (standard_x := _standardized(one)) is not None
        and (standard_y := _standardized(other)) is not None
    ]


def _standardized(values: FloatArray) -> FloatArray | None:
    center = float(np.mean(values))
    spread = float(np.std(values))
    # What is left of a constant after rounding is no variation.
    if not spread > 1e-12 * max(1.0, abs(center)):
        return None
    return np.asarray((values - center) / spread)


def area_under_curve(scores: FloatArray, is_positive: Bools) -> tuple[float, FloatArray]:
    """
    Probability that a positive scores above a negative, ties counting half.

    Args:
        scores: One axis.
        is_positive: As many, with at least one of either kind.

    Returns:
        The AUC, and each observation's influence on it in units of a mean over all (DeLong,
        DeLong, Clarke-Pearson 1988: the placements, centered).
    """
    positives = int(np.count_nonzero(is_positive))
    negatives = len(scores) - positives
    pooled = _midranks(scores)
    placements = np.empty(len(scores))
    above = pooled[is_positive] - _midranks(scores[is_positive])
    below = pooled[~is_positive] - _midranks(scores[~is_positive])
    placements[is_positive] = above / negatives
    placements[~is_positive] = 1.0 - below / positives
    area = float(np.mean(placements[is_positive]))
    weight = np.where(is_positive, len(scores) / positives, len(scores) / negatives)
    return area, np.asarray((placements - area) * weight)


def _midranks(values: FloatArray) -> FloatArray:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place])


def by_cluster(influence: FloatArray, cluster: IntArray, clusters: int) -> FloatArray:
    """
    Add up the influence of observations that stand or fall together.

    Args:
        influence: Of each observation on a mean over all of them.
        cluster: Which cluster each belongs to, from 0.
        clusters: How many there are.

    Returns:
        Influence of each cluster, in units of a mean over clusters.
    """
    sums = np.bincount(cluster, influence, clusters)
    return np.asarray(sums * (clusters / len(influence)))


def false_discovery(p_values: FloatArray) -> FloatArray:
    """
    Adjust p values for how many there are (Benjamini & Hochberg 1995).

    Returns:
        q values: calling all those below 5 % findings, 5 % of the findings are false.
    """
    tests = len(p_values)
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * tests / np.arange(1, tests + 1)
    adjusted = np.empty(tests)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return adjusted


def cut_outliers(changes: FloatArray) -> tuple[FloatArray, int]:
    """
    Cut changes that no market makes, so that one bad print cannot decide a result.

    Returns:
        The changes with none larger than 30 upper quartiles of those that are not 0, and
        how many were cut.
    """
    sizes = np.abs(changes[changes != 0.0])
    if not len(sizes):
        return changes, 0
    most = _OUTLIER * float(np.quantile(sizes, 0.75))
    return np.clip(changes, -most, most), int(np.count_nonzero(sizes > most))
