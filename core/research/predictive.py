"""
Lead-lag correlation of signals with returns: what each knows of the future, and how long.

Signals and mids are read off a regular clock, so that a burst of quotes weighs no more
than the time it takes. Bands and p values respect that the returns overlap; the p values
of all signals, horizons and instruments are adjusted together (Benjamini & Hochberg), and
a finding has to be worth money as well: the move expected after a signal one standard
deviation off its mean, |r| times the deviation of the returns, against half the spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.domain.enums import Signal
from core.domain.instrument import NANOS
from core.domain.memory import FloatArray, IntArray, Rows
from core.models.refusal import Refusal
from core.research.findings import Verdict
from core.research.inference import (
    MIN_COSINES,
    Bools,
    Estimate,
    correlation,
    cosines,
    cut_outliers,
    false_discovery,
)

HORIZONS_S = (0.1, 0.5, 1.0, 5.0, 10.0, 30.0)

MAX_Q = 0.05
"""Share of false findings that is put up with."""

WEAK_SHARE = 0.1
"""Of half the spread: an expected move below this is of no use to any order."""

MIN_QUOTES = 100
_MAX_SAMPLES = 200_000
_BREAK_NS = 60 * NANOS
"""A silence longer than this ends a session, as long as it is unusual."""
_UNUSUAL = 50
"""Times the mean distance of two quotes."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """How one signal goes with the returns of one stretch of time."""

    horizon_s: float
    """Negative: the return that led up to the signal; positive: the one that followed."""
    samples: int
    correlation: Estimate
    expected_move_ticks: float
    """After a signal one standard deviation off its mean."""
    q_value: float | None = None
    """p value adjusted for all tests of the report; None for returns of the past."""


@dataclass(frozen=True, slots=True)
class SignalFound:
    """What one signal knows."""

    name: str
    horizons: tuple[Horizon, ...]
    """In order of time, the past first."""
    verdict: Verdict
    best: Horizon | None
    """The surest of those that earn the verdict; of no edge, the strongest correlation."""
    half_life_s: float | None
    """Horizon at which a finding has fallen to half its peak; None if there is none."""
    reason: str = ""
    """Why there is nothing to report, where there is not."""

    @property
    def future(self) -> tuple[Horizon, ...]:
        """Horizons ahead, the nearest first."""
        return tuple(horizon for horizon in self.horizons if horizon.horizon_s > 0)


@dataclass(frozen=True, slots=True)
class Prediction:
    """All signals of one instrument."""

    signals: tuple[SignalFound, ...]
    step_s: float
    """Of the clock that signals were read by."""
    half_spread_ticks: float
    notes: tuple[str, ...]
    """What was left out or cut."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """Times at which signals are read, and the sessions they lie in."""

    ts_ns: IntArray
    """Of the quotes."""
    mid_ticks: FloatArray
    start_ns: IntArray
    """Of each quote's session."""
    end_ns: IntArray
    at_ns: IntArray
    """When signals are read."""
    step_ns: int


def predict(quotes: Rows) -> Prediction | Refusal:
    """
    Correlate every signal of one instrument with the returns around it.

    No signal has a verdict yet: `adjust` gives it, looking at all tests of a report.

    Args:
        quotes: QUOTE rows of one instrument, in order of time.
    """
    warm = quotes[quotes["is_warm"] == 1]
    if len(warm) < MIN_QUOTES:
        return Refusal(f"{len(warm)} quotes after the warm-up; fewer than {MIN_QUOTES} say nothing")
    if not np.any(np.diff(warm["mid2_ticks"])):
        return Refusal("the mid never moves, so there are no returns to predict")
    clock = _clock(warm)
    notes: list[str] = []
    horizons = _horizons(clock, notes)
    if not horizons:
        return Refusal("the recording is too short for any horizon")
    signals = np.asarray(warm["signals"])[_place(clock, clock.at_ns)]
    returns = {h: _returns(clock, h, notes) for size in horizons for h in (-size, size)}
    spread = np.asarray(warm["ask_ticks"] - warm["bid_ticks"])
    found = tuple(
        _judge(signal.name.lower(), signals[:, signal], returns, clock.step_ns) for signal in Signal
    )
    return Prediction(found, clock.step_ns / NANOS, float(np.mean(spread)) / 2, tuple(notes))


def adjust(predictions: Sequence[Prediction]) -> list[Prediction]:
    """Give every test of a report its q value, and every signal its verdict."""
    tests = [h for p in predictions for signal in p.signals for h in signal.future]
    if not tests:
        return list(predictions)
    p_values = np.array([horizon.correlation.p_value for horizon in tests])
    adjusted = iter(false_discovery(p_values))
    return [
        replace(
            prediction,
            signals=tuple(
                _with_verdict(
                    signal,
                    tuple(
                        replace(h, q_value=float(next(adjusted))) if h.horizon_s > 0 else h
                        for h in signal.horizons
                    ),
                    prediction.half_spread_ticks,
                )
                for signal in prediction.signals
            ),
        )
        for prediction in predictions
    ]


def _with_verdict(
    signal: SignalFound, horizons: tuple[Horizon, ...], half_spread_ticks: float
) -> SignalFound:
    future = [horizon for horizon in horizons if horizon.horizon_s > 0]
    if not future:
        return signal
    real = [h for h in future if h.q_value is not None and h.q_value < MAX_Q]
    worth = [h for h in real if h.expected_move_ticks >= WEAK_SHARE * half_spread_ticks]
    if not worth:
        best = max(future, key=lambda h: abs(h.correlation.value))
        return replace(signal, horizons=horizons, best=best)
    pays = [h for h in worth if h.expected_move_ticks >= half_spread_ticks]
    return replace(
        signal,
        horizons=horizons,
        verdict=Verdict.EDGE if pays else Verdict.WEAK,
        best=min(pays or worth, key=lambda h: h.correlation.p_value),
        half_life_s=_half_life(future),
    )


def _clock(quotes: Rows) -> _Clock:
    ts_ns = np.asarray(quotes["ts_ns"])
    span_ns = int(ts_ns[-1] - ts_ns[0])
    mean_gap_ns = span_ns // (len(ts_ns) - 1)
    gaps = np.diff(ts_ns)
    is_first = np.append(True, gaps > max(_BREAK_NS, _UNUSUAL * mean_gap_ns))
    first = np.flatnonzero(is_first)
    session = np.cumsum(is_first) - 1
    last = np.append(first[1:], len(ts_ns)) - 1
    step_ns = max(int(HORIZONS_S[0] * NANOS), int(np.median(gaps)), span_ns // _MAX_SAMPLES)
    at_ns = np.concatenate(
        [
            np.arange(ts_ns[one], ts_ns[end] + 1, step_ns)
            for one, end in zip(first, last, strict=True)
        ]
    )
    return _Clock(
        ts_ns=ts_ns,
        mid_ticks=np.asarray(quotes["mid2_ticks"]) / 2,
        start_ns=ts_ns[first][session],
        end_ns=ts_ns[last][session],
        at_ns=at_ns,
        step_ns=step_ns,
    )


def _horizons(clock: _Clock, notes: list[str]) -> list[int]:
    """Lengths of time in ns, none shorter than the clock's step or too long for the data."""
    sizes = sorted({max(clock.step_ns, int(size * NANOS)) for size in HORIZONS_S})
    usable = [
        size
        for size in sizes
        if cosines(len(clock.at_ns) - size // clock.step_ns, -(-size // clock.step_ns))
        >= MIN_COSINES
    ]
    notes += [
        f"{size / NANOS:g} s: the recording is too short to judge this horizon"
        for size in sizes
        if size not in usable
    ]
    return usable


def _place(clock: _Clock, at_ns: IntArray) -> IntArray:
    """Index of the newest quote at each time."""
    return np.asarray(np.searchsorted(clock.ts_ns, at_ns, side="right") - 1)


def _returns(clock: _Clock, horizon_ns: int, notes: list[str]) -> FloatArray:
    """Change of the mid in ticks from each time to the horizon; NaN where it leaves the session."""
    here = _place(clock, clock.at_ns)
    there_ns = clock.at_ns + horizon_ns
    is_inside = (there_ns >= clock.start_ns[here]) & (there_ns <= clock.end_ns[here])
    there = np.maximum(_place(clock, there_ns), 0)
    change = clock.mid_ticks[there] - clock.mid_ticks[here]
    cut, outliers = cut_outliers(change[is_inside] * np.sign(horizon_ns))
    if outliers and horizon_ns > 0:
        notes.append(
            f"{horizon_ns / NANOS:g} s: {outliers:,} returns beyond 30 times their usual size "
            "were cut to that"
        )
    returns = np.full(len(change), np.nan)
    returns[is_inside] = cut
    return returns


def _judge(
    name: str, values: FloatArray, returns: dict[int, FloatArray], step_ns: int
) -> SignalFound:
    """Correlate one signal with the returns of all horizons, by themselves."""
    horizons: list[Horizon] = []
    for horizon_ns, changes in sorted(returns.items()):
        is_known: Bools = np.isfinite(values) & np.isfinite(changes)
        overlap = -(-abs(horizon_ns) // step_ns)
        found = correlation(values[is_known], changes[is_known], overlap)
        if found is not None:
            move_ticks = abs(found.value) * float(np.std(changes[is_known]))
            size = int(np.count_nonzero(is_known))
            horizons.append(Horizon(horizon_ns / NANOS, size, found, move_ticks))
    future = [horizon for horizon in horizons if horizon.horizon_s > 0]
    if not future:
        constant = not np.any(np.diff(values[np.isfinite(values)]))
        reason = "never changes" if constant else "goes with no return that changes"
        return SignalFound(name, tuple(horizons), Verdict.NONE, None, None, reason)
    return SignalFound(name, tuple(horizons), Verdict.NONE, None, None)


def _half_life(future: Sequence[Horizon]) -> float | None:
    """Interpolate, in the logarithm of time, where the correlation is half its peak."""
    sizes = [abs(horizon.correlation.value) for horizon in future]
    peak = int(np.argmax(sizes))
    half = sizes[peak] / 2
    for index in range(peak + 1, len(future)):
        if sizes[index] <= half:
            part = (sizes[index - 1] - half) / (sizes[index - 1] - sizes[index])
            before, after = future[index - 1].horizon_s, future[index].horizon_s
            return float(before * (after / before) ** part)
    return None
