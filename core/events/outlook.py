"""
What a series does next by its own past, where no feed forecasts it.

A rule learns from a history and then expects values at bins of it, seen from one of them: it
uses nothing behind that bin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.domain.memory import FloatArray, IntArray
from core.events.history import History, taken
from core.events.timeline import filled

DAYS = 7
"""Days before that tell what a day is like."""

_SLOPE_H = 6.0
_KNOTS_H = np.array([1.0, 2.0, 3.0, 6.0, 9.0, 12.0, 18.0, 24.0, 36.0, 48.0])
_FEWEST_BINS = 96
_RIDGE = 0.02

_CONSTITUENTS_DEG_H = {
    "M2": 28.9841042,
    "K1": 15.0410686,
    "M4": 57.9682084,
    "O1": 13.9430356,
    "S2": 30.0,
    "M6": 86.9523127,
    "MS4": 58.9841042,
    "N2": 28.4397295,
}
"""Speeds of the largest tides of an estuary, the most important first (Doodson; IHO list)."""

_TIDE_DAYS = 60
_FEWEST_TIDE_H = 48.0


class Rule(Protocol):
    """One way to go on from a past."""

    reach_h: float
    """How much of the past it looks at."""
    remembers: bool
    """Whether its errors so far tell about those to come; the present is not part of it then."""

    may_guess: bool
    """Whether the profile's typical value is of use while there is nothing to go by."""

    def learn(self, history: History) -> Rule:
        """Rule as it is after a past; the same if that is too short."""
        ...

    def expect(self, history: History, origin: int, index: IntArray) -> FloatArray:
        """
        Expected values.

        Args:
            history: The past; what is behind `origin` is not looked at.
            origin: Index of the bin that is known last.
            index: Shape (n,): of the bins to expect, which may be any.

        Returns:
            Shape (n,): NaN where there is nothing to go by.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Persistence:
    """
    The present, its drift of the last hours and the way back to the usual.

    For a river both come out as it behaves: it rises on, and recedes slowly. How much of each
    is regressed on the past, by lead; without one, the present stays.
    """

    drift_h: FloatArray | None = None
    """Shape (knots,): hours for which the slope goes on, by lead."""
    pull: FloatArray | None = None
    """Shape (knots,): share of the distance from the base that is added, by lead."""
    base: float = 0.0

    reach_h = 2 * _SLOPE_H
    remembers = False
    may_guess = True

    def learn(self, history: History) -> Persistence:
        """Regress changes by lead on slope and distance from the median."""
        values = filled(history.values)
        known = np.isfinite(values)
        if known.sum() < _FEWEST_BINS:
            return self
        base = float(np.median(values[known]))
        slope = _slope(values, history.bin_h)
        drift_h, pull = np.zeros_like(_KNOTS_H), np.zeros_like(_KNOTS_H)
        for number, lead_h in enumerate(_KNOTS_H):
            steps = max(1, round(lead_h / history.bin_h))
            change = values[steps:] - values[:-steps]
            causes = np.column_stack([slope[:-steps], values[:-steps] - base])
            drift_h[number], pull[number] = _regressed(change, causes)
        return Persistence(drift_h, pull, base)

    def expect(self, history: History, origin: int, index: IntArray) -> FloatArray:
        """Go on from the last bin."""
        back = max(0, origin + 1 - round(self.reach_h / history.bin_h))
        values = filled(history.values[back : origin + 1])
        if not len(values) or not np.isfinite(values[-1]):
            return np.full(len(index), np.nan)
        present = values[-1]
        result = np.full(len(index), present, np.float64)
        if self.drift_h is not None and self.pull is not None:
            lead_h = np.maximum(index - origin, 0) * history.bin_h
            slope = _slope(values, history.bin_h)[-1]
            drift = np.interp(lead_h, _with_zero(_KNOTS_H), _with_zero(self.drift_h))
            pull = np.interp(lead_h, _with_zero(_KNOTS_H), _with_zero(self.pull))
            result = result + drift * (slope if np.isfinite(slope) else 0.0)
            result = result + pull * (present - self.base)
        return result


def _slope(values: FloatArray, bin_h: float) -> FloatArray:
    """Change per hour over the last hours, at every bin; NaN where they are not known."""
    steps = max(1, round(_SLOPE_H / bin_h))
    slope = np.full(len(values), np.nan)
    if len(values) > steps:
        slope[steps:] = (values[steps:] - values[:-steps]) / (steps * bin_h)
    return slope


def _regressed(change: FloatArray, causes: FloatArray) -> FloatArray:
    seen = np.isfinite(change) & np.isfinite(causes).all(axis=1)
    if seen.sum() < _FEWEST_BINS // 2:
        return np.zeros(causes.shape[1])
    change, causes = change[seen], causes[seen]
    squares = causes.T @ causes
    # A cause that never varied must not divide by nothing.
    ridge = np.diag(_RIDGE * np.diag(squares) + 1e-12)
    return np.asarray(np.linalg.solve(squares + ridge, causes.T @ change), np.float64)


def _with_zero(values: FloatArray) -> FloatArray:
    return np.concatenate([[0.0], values])


@dataclass(frozen=True, slots=True)
class Daily:
    """The mean of the same bin of the days before."""

    reach_h = 24.0 * (DAYS + 2)
    remembers = True
    may_guess = True

    def learn(self, history: History) -> Daily:
        """Has nothing to learn: the days before are looked at when asked."""
        del history
        return self

    def expect(self, history: History, origin: int, index: IntArray) -> FloatArray:
        """Mean over the days that are known."""
        day = round(24.0 / history.bin_h)
        before = index[:, None] - day * np.arange(1, DAYS + 3)
        usable = before <= origin
        values = np.where(usable, taken(history.values, before), np.nan)
        known = np.isfinite(values)
        count = known.sum(axis=1)
        total = np.where(known, values, 0.0).sum(axis=1)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Tide:
    """
    Harmonic tide: a mean and the constituents that the past is long enough to tell apart.

    Method of least squares on constituents of known speed, chosen by Rayleigh's criterion
    (Foreman 1977, Manual for tidal heights analysis and prediction).
    """

    speeds_deg_h: FloatArray | None = None
    coefficients: FloatArray | None = None
    """Shape (1 + 2 * speeds,): mean, then cosine and sine of each."""
    epoch_ts_ns: int = 0

    reach_h = 24.0
    remembers = True
    may_guess = False

    def learn(self, history: History) -> Tide:
        """Fit the last two months."""
        recent = max(0, len(history.values) - round(_TIDE_DAYS * 24 / history.bin_h))
        ends, values = history.ends_ts_ns[recent:], history.values[recent:]
        known = np.isfinite(values)
        span_h = known.sum() * history.bin_h
        if span_h < _FEWEST_TIDE_H:
            return self
        speeds = _separable(span_h)
        epoch = int(ends[0])
        waves = _waves(ends[known], epoch, speeds)
        squares = waves.T @ waves
        ridge = 1e-3 * np.diag(np.diag(squares))
        fitted = np.linalg.solve(squares + ridge, waves.T @ values[known])
        return Tide(speeds, np.asarray(fitted, np.float64), epoch)

    def expect(self, history: History, origin: int, index: IntArray) -> FloatArray:
        """Add the waves up."""
        del origin
        if self.coefficients is None or self.speeds_deg_h is None:
            return np.full(len(index), np.nan)
        moments = history.first_end_ts_ns + index * history.bin_ns
        result: FloatArray = _waves(moments, self.epoch_ts_ns, self.speeds_deg_h) @ (
            self.coefficients
        )
        return result


def _separable(span_h: float) -> FloatArray:
    """Constituents of which each pair is a whole turn apart within the time."""
    chosen: list[float] = []
    for speed in _CONSTITUENTS_DEG_H.values():
        if all(abs(speed - other) * span_h >= 360.0 for other in chosen):
            chosen.append(speed)
    return np.array(chosen)


def _waves(moments: IntArray, epoch_ts_ns: int, speeds_deg_h: FloatArray) -> FloatArray:
    hours = (moments - epoch_ts_ns) / 3.6e12
    angles = np.radians(hours[:, None] * speeds_deg_h)
    return np.hstack([np.ones((len(hours), 1)), np.cos(angles), np.sin(angles)])
