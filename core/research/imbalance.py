"""
Does the size at the best bid and ask say where the mid goes next?

The imbalance is (Qb - Qa) / (Qb + Qa) at the best level; the question is the sign of the
next change of the mid: asked of the last quote before each change ("before move"), which
flatters, and of every quote ("all states"), which is what a strategy meets. All quotes
before one change share one answer, so they count as one cluster, and neighboring clusters
may hang together too (bid-ask bounce): see `core.research.inference`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.domain.memory import FloatArray, IntArray, Rows
from core.models.refusal import Refusal
from core.research.findings import Verdict
from core.research.inference import (
    Bools,
    Estimate,
    area_under_curve,
    by_cluster,
    cosines,
    cut_outliers,
    deviation_of_mean,
    estimate,
)

MIN_MOVES = 50
"""Changes of the mid below which nothing is said."""

EDGE_AUC = 0.55
WEAK_AUC = 0.52
"""What the AUC has to exceed with all of its interval; less would not outlive its own cost."""

_BINS = 10


@dataclass(frozen=True, slots=True)
class Direction:
    """How well the sign of the next move was told."""

    states: int
    accuracy: Estimate
    """Share of signs right, of the quotes whose imbalance is not 0."""
    auc: Estimate
    """Probability that a quote before a rise has the higher imbalance."""


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Quotes with an imbalance in [low, high), the last bin with its end."""

    low: float
    high: float
    states: int
    share_up: float | None
    """Share of them whose next move was up; None without any."""


@dataclass(frozen=True, slots=True)
class ObiFound:
    """What the imbalance of one instrument is worth."""

    moves: int
    before_move: Direction
    all_states: Direction
    gain_ticks: Estimate
    """Mean move in the direction of the imbalance, over all states."""
    half_spread_ticks: float
    reliability: tuple[ReliabilityBin, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Sample:
    """Quotes with their answer."""

    obi: FloatArray
    move_ticks: FloatArray
    """Next change of the mid, never 0."""
    cluster: IntArray
    """Which change."""
    clusters: int

    @property
    def is_up(self) -> Bools:
        return np.asarray(self.move_ticks > 0)


def judge_imbalance(quotes: Rows) -> ObiFound | Refusal:
    """
    Measure accuracy and AUC of the best level's imbalance.

    Args:
        quotes: QUOTE rows of one instrument, in order of time.
    """
    states = quotes[quotes["is_state"] == 1]
    mid2 = np.asarray(states["mid2_ticks"])
    before = np.flatnonzero(np.diff(mid2))
    if len(before) < MIN_MOVES:
        return Refusal(f"the mid moved {len(before)} times; fewer than {MIN_MOVES} say nothing")
    moves_ticks, _ = cut_outliers(np.diff(mid2)[before] / 2)
    if np.all(moves_ticks > 0) or np.all(moves_ticks < 0):
        return Refusal("every move of the mid has the same sign, so there is nothing to tell apart")
    # Quotes after the last change have no answer.
    obi = np.asarray(states["obi"])[: before[-1] + 1]
    cluster = np.searchsorted(before, np.arange(len(obi)))
    every = _Sample(obi, moves_ticks[cluster], cluster, len(before))
    last = _Sample(obi[before], moves_ticks, np.arange(len(before)), len(before))
    if not np.any(last.obi):
        return Refusal("both sides of the book always show the same size before a move")
    all_states = _direction(every)
    spread = np.asarray(states["ask_ticks"] - states["bid_ticks"])
    return ObiFound(
        moves=len(before),
        before_move=_direction(last),
        all_states=all_states,
        gain_ticks=_mean(every, np.sign(every.obi) * every.move_ticks, null=0.0),
        half_spread_ticks=float(np.mean(spread)) / 2,
        reliability=_reliability(every),
        verdict=_verdict(all_states.auc),
    )


def _verdict(auc: Estimate) -> Verdict:
    if auc.low > EDGE_AUC:
        return Verdict.EDGE
    return Verdict.WEAK if auc.low > WEAK_AUC else Verdict.NONE


def _direction(sample: _Sample) -> Direction:
    is_decided = sample.obi != 0.0
    decided = _Sample(
        sample.obi[is_decided],
        sample.move_ticks[is_decided],
        sample.cluster[is_decided],
        sample.clusters,
    )
    is_right = (np.sign(decided.obi) == np.sign(decided.move_ticks)).astype(np.float64)
    area, influence = area_under_curve(sample.obi, sample.is_up)
    return Direction(
        states=len(sample.obi),
        accuracy=_mean(decided, is_right, null=0.5),
        auc=_band(sample, area, influence, null=0.5),
    )


def _mean(sample: _Sample, values: FloatArray, null: float) -> Estimate:
    mean = float(np.mean(values))
    return _band(sample, mean, np.asarray(values - mean), null)


def _band(sample: _Sample, value: float, influence: FloatArray, null: float) -> Estimate:
    clusters = by_cluster(influence, sample.cluster, sample.clusters)
    count = cosines(sample.clusters)
    return estimate(value, deviation_of_mean(clusters, count), count, null)


def _reliability(sample: _Sample) -> tuple[ReliabilityBin, ...]:
    edges = np.linspace(-1.0, 1.0, _BINS + 1)
    place = np.clip(np.searchsorted(edges, sample.obi, side="right") - 1, 0, _BINS - 1)
    counts = np.bincount(place, minlength=_BINS)
    rises = np.bincount(place, sample.is_up, _BINS)
    return tuple(
        ReliabilityBin(
            float(edges[index]),
            float(edges[index + 1]),
            int(counts[index]),
            float(rises[index] / counts[index]) if counts[index] else None,
        )
        for index in range(_BINS)
    )
