"""
What a figure could as well have been: the stationary bootstrap of a series.

Resamples are made of blocks of neighbors, so that what follows on each other in the
series does so in them too. The lengths of the blocks are geometric and the end is joined
to the beginning: Politis & Romano, The Stationary Bootstrap (JASA 1994). Their mean is
chosen from the series: Politis & White, Automatic Block-Length Selection for the
Dependent Bootstrap (Econometric Reviews 2004), as corrected by Patton, Politis & White
(2009). The same seed gives the same resamples.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.domain.memory import FloatArray, IntArray

LEVEL_PCT = 90
"""Of every interval."""

RESAMPLES = 2_000
SEED = 1

_PIECE = 1_000_000
"""Observations that are resampled at a time: they stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure, and what it lies between by nine in ten resamples. NaN is unknown."""

    value: float
    low: float
    high: float

    @property
    def is_known(self) -> bool:
        """Tell whether there are ends."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def holds_zero(self) -> bool:
        """Tell whether 0 lies inside; of an unknown interval it does."""
        return not (self.low > 0.0 or self.high < 0.0)


@dataclass(frozen=True, slots=True)
class Dependence:
    """How the values of a series hang together."""

    block: float
    """Mean length of the blocks to resample it in, >= 1, as the papers choose it."""
    inflation: float
    """Variance of its mean by that of as many independent values; > 1 where they persist."""

    @property
    def careful_block(self) -> float:
        """
        Mean length of the blocks that is used: 1 where values turn rather than persist.

        Blocks would make the mean more certain than independent values do, and what looks
        like turning is often chance.
        """
        return self.block if self.inflation > 1.0 else 1.0


@dataclass(frozen=True, slots=True)
class Resamples:
    """Some resamples of a series, as blocks of neighbors."""

    count: int
    """Observations in the series and in each resample."""
    begins: IntArray
    """Place of each block in the resamples, one after the other."""
    starts: IntArray
    """Where each block starts in the series."""
    lengths: IntArray
    """Of each block; one that passes the end of the series goes on at its beginning."""
    firsts: IntArray
    """Number of the first block of each resample."""

    def sums(self, values: FloatArray) -> FloatArray:
        """Sum of each resample."""
        running = np.concatenate(([0.0], np.cumsum(np.concatenate((values, values)))))
        blocks = running[self.starts + self.lengths] - running[self.starts]
        return np.asarray(np.add.reduceat(blocks, self.firsts))

    def take(self, values: FloatArray) -> FloatArray:
        """The resamples themselves: resample x observation."""
        places = np.repeat(self.starts - self.begins, self.lengths)
        places += np.arange(len(places))
        twice = np.concatenate((values, values))
        return np.asarray(twice[places].reshape(-1, self.count))


def resample(
    count: int, block: float, resamples: int = RESAMPLES, seed: int = SEED
) -> Iterator[Resamples]:
    """
    Draw resamples of a series, some at a time.

    Args:
        count: Observations in the series, 1 or more.
        block: Mean length of a block, >= 1.
        resamples: How many in all.
        seed: The same one gives the same resamples.
    """
    rng = np.random.default_rng(seed)
    rows = max(1, _PIECE // count)
    for done in range(0, resamples, rows):
        size = min(rows, resamples - done) * count
        is_begin = rng.random(size, np.float32) * np.float32(block) < 1.0
        is_begin[::count] = True
        begins = np.flatnonzero(is_begin)
        yield Resamples(
            count=count,
            begins=begins,
            starts=rng.integers(0, count, len(begins)),
            lengths=_gaps(begins, size),
            firsts=np.searchsorted(begins, np.arange(0, size, count)),
        )


def _gaps(begins: IntArray, size: int) -> IntArray:
    gaps = np.empty_like(begins)
    np.subtract(begins[1:], begins[:-1], out=gaps[:-1])
    gaps[-1] = size - begins[-1]
    return gaps


def interval(value: float, draws: FloatArray) -> Interval:
    """Put the percentile interval of a figure's resamples around it."""
    known = draws[~np.isnan(draws)]
    if not len(known):
        return Interval(value, math.nan, math.nan)
    tail = (100 - LEVEL_PCT) / 200
    # Ends are drawn values: between two of them, infinity would make NaN.
    low, high = np.quantile(known, (tail, 1.0 - tail), method="closest_observation")
    return Interval(value, float(low), float(high))


def dependence(values: FloatArray) -> Dependence:
    """
    Measure how values hang together, and with it how long blocks have to be.

    Autocorrelations are looked at up to twice the lag from which on a run of them is
    within chance, weighted by the flat-top window of Politis & Romano (1995). The mean
    block is (2 G² / D)^(1/3) n^(1/3) with D = 2 g(0)², eq. 9 and 13 of the papers above.

    Args:
        values: In order of time; a series that never changes is independent.
    """
    count = len(values)
    centered = values - np.mean(values) if count else values
    variance = float(np.mean(centered**2)) if count else 0.0
    if count < 4 or not variance > 0.0:
        return Dependence(1.0, 1.0)
    run = max(5, math.ceil(math.sqrt(math.log10(count))))
    most = min(count - 1, math.ceil(math.sqrt(count)) + run)
    covariances = _autocovariances(centered, most)
    reach = _reach(np.abs(covariances[1:] / variance), run, count)
    lags = np.arange(1, min(2 * reach, most) + 1)
    weights = np.minimum(1.0, 2.0 * (1.0 - lags / (2 * reach))) if reach else np.ones(0)
    weighted = weights * covariances[lags]
    long_run = variance + 2.0 * float(np.sum(weighted))
    slope = 2.0 * float(np.sum(weighted * lags))
    if not long_run > 0.0:
        return Dependence(1.0, 1.0)
    block = (slope / long_run) ** 2
    longest = math.ceil(min(3.0 * math.sqrt(count), count / 3.0))
    return Dependence(
        block=min(max(1.0, math.cbrt(block * count)), longest), inflation=long_run / variance
    )


def _autocovariances(centered: FloatArray, most: int) -> FloatArray:
    """At lags 0 to `most`, each over the whole number of values."""
    count = len(centered)
    # Wrapped around twice the length, no value meets itself from the other side.
    waves = np.fft.rfft(centered, 2 * count)
    found = np.fft.irfft(waves.real**2 + waves.imag**2, 2 * count)[: most + 1]
    return np.asarray(found / count)


def _reach(sizes: FloatArray, run: int, count: int) -> int:
    """Last lag before a run of autocorrelations that chance explains; 0 if all are such."""
    limit = 2.0 * math.sqrt(math.log10(count) / count)
    is_small = sizes < limit
    for lag in range(len(sizes) - run + 1):
        if is_small[lag : lag + run].all():
            return lag
    large = np.flatnonzero(~is_small)
    return int(large[-1]) + 1 if len(large) else 0


def as_document(found: Interval) -> dict[str, Any]:
    """Make an interval JSON: None for what is not finite."""
    names = ("value", "low", "high")
    return {
        name: end if math.isfinite(end) else None
        for name, end in zip(names, (found.value, found.low, found.high), strict=True)
    }
