"""
Lead and lag of a city's numbers with prices: who moves first, and by how long.

Changes of a series are set against changes of a mid, both read off one clock at what was
known by then, over lags to either side: the cross-correlation function (Box, Jenkins,
Reinsel, Time Series Analysis, ch. 12). Its usual error, Bartlett's, supposes series without
bursts; here each correlation has the band of `core.research.inference`, which holds with
them. The largest of all lags is judged as the largest (Bonferroni), and all pairs and clocks
of a report together (Benjamini & Hochberg). Which side of no lag holds more is the lead-lag
ratio of Huth and Abergel, High frequency lead/lag relationships (J. Empir. Finance 2014).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from core.domain.instrument import NANOS, Instrument
from core.domain.memory import FloatArray, IntArray, Rows
from core.models.refusal import Refusal
from core.research.city_series import CitySeries
from core.research.inference import (
    Estimate,
    cut_outliers,
    false_discovery,
    panel_correlation,
    panel_value,
)
from core.research.predictive import MAX_Q

BARS_S = (0.5, 5.0, 60.0)
"""A lead of seconds drowns in a minute's bar, and one of minutes in the noise of seconds."""

LAGS = 20
"""Bars to either side."""

MIN_CHANGES = 20
"""Of either side: fewer are no sample, however large."""

MIN_BARS = 5 * LAGS

_ALL_LAGS = range(-LAGS, LAGS + 1)


POOLED = ("every fair value", "its own product")
"""A few changes of each of many products make a sample where those of one do not."""


class Lead(StrEnum):
    """Who moves first, seen from the series."""

    LEADS = "leads"
    FOLLOWS = "follows"
    TOGETHER = "moves with"
    """Within one bar: which is first cannot be told."""
    NONE = "no lead"
    """Looked for, at every lag."""
    UNKNOWN = "not judged"


@dataclass(frozen=True, slots=True)
class Correlogram:
    """Correlations over all lags, on bars of one length."""

    bar_s: float
    bars: int
    changes: int
    """Bars in which the series changed."""
    moves: int
    """Bars in which the mid did."""
    by_lag: tuple[float, ...]
    """From -LAGS bars to +LAGS; a positive lag is a mid that moves after the series."""
    lag_s: float
    """Of the largest absolute correlation."""
    correlation: Estimate
    """At that lag, with the p value of this lag alone."""
    lead_lag_ratio: float | None
    """Squared correlations after over those before; None where there are none before."""
    p_value: float
    """Of no correlation at any lag."""
    q_value: float | None = None
    """p value adjusted for all tests of the report."""

    @property
    def is_real(self) -> bool:
        """Whether it is more than chance."""
        return self.q_value is not None and self.q_value < MAX_Q


@dataclass(frozen=True, slots=True)
class LeadLag:
    """What one series has to do with the mid of one instrument."""

    series: str
    symbol: str
    verdict: Lead
    best: Correlogram | Refusal
    """On the shortest bars that show more than chance; without such, the surest."""


_Pair = tuple[CitySeries, Rows]
"""A series, and the QUOTE rows that it is set against."""
_Tested = tuple[Correlogram, ...] | Refusal


def find_leads(
    series: Sequence[CitySeries], instruments: Sequence[Instrument], quotes: Sequence[Rows]
) -> tuple[LeadLag, ...]:
    """
    Judge every series with every instrument, and all fair values with their own as one.

    Args:
        series: Of a city.
        instruments: What is traded.
        quotes: QUOTE rows of each, in order of time.
    """
    pairs = [
        (one.name, str(instrument.symbol), _test([(one, rows)]))
        for one in series
        for instrument, rows in zip(instruments, quotes, strict=True)
    ]
    own = [
        (one, rows)
        for one in series
        for instrument, rows in zip(instruments, quotes, strict=True)
        if one.symbol == instrument.symbol and len(rows)
    ]
    if len(own) > 1:
        pairs.insert(0, (*POOLED, _test(own)))
    tests = [test for _, _, tested in pairs if not isinstance(tested, Refusal) for test in tested]
    adjusted = iter(false_discovery(np.array([test.p_value for test in tests])) if tests else ())
    return tuple(
        _judge(name, symbol, tested if isinstance(tested, Refusal) else _with_q(tested, adjusted))
        for name, symbol, tested in pairs
    )


def by_strength(found: Sequence[LeadLag]) -> list[tuple[LeadLag, Correlogram]]:
    """Those that are more than chance, the largest absolute correlation first."""
    real = [
        (one, one.best)
        for one in found
        if one.verdict is not Lead.NONE and isinstance(one.best, Correlogram)
    ]
    return sorted(real, key=lambda pair: -abs(pair[1].correlation.value))


def seconds(lag_s: float) -> str:
    """A lag with its sign; none has no sign."""
    return f"{lag_s:+g} s" if lag_s else "0 s"


def _with_q(tested: tuple[Correlogram, ...], adjusted: Iterator[float]) -> tuple[Correlogram, ...]:
    return tuple(replace(test, q_value=float(next(adjusted))) for test in tested)


def _judge(name: str, symbol: str, tested: _Tested) -> LeadLag:
    if isinstance(tested, Refusal):
        return LeadLag(name, symbol, Lead.UNKNOWN, tested)
    for test in tested:
        if test.is_real:
            return LeadLag(name, symbol, _direction(test.lag_s), test)
    return LeadLag(name, symbol, Lead.NONE, min(tested, key=lambda test: test.p_value))


def _direction(lag_s: float) -> Lead:
    if lag_s == 0.0:
        return Lead.TOGETHER
    return Lead.LEADS if lag_s > 0.0 else Lead.FOLLOWS


def _test(pairs: Sequence[_Pair]) -> _Tested:
    """Correlate on bars of every length that the recording is long enough for."""
    if not all(len(quotes) for _, quotes in pairs):
        return Refusal("no book has both sides")
    found = [_correlogram(pairs, round(bar_s * NANOS)) for bar_s in BARS_S]
    tested = tuple(one for one in found if isinstance(one, Correlogram))
    return tested or next(one for one in found if isinstance(one, Refusal))


def _correlogram(pairs: Sequence[_Pair], bar_ns: int) -> Correlogram | Refusal:
    at_ns = _clock(pairs, bar_ns)
    bars = len(at_ns) - 1
    if bars < MIN_BARS:
        return Refusal(
            f"both are known for {max(bars, 0)} bars of {bar_ns / NANOS:g} s; "
            f"fewer than {MIN_BARS} say nothing"
        )
    values = np.stack([_changes(one.ts_ns, one.values, at_ns) for one, _ in pairs], axis=1)
    mids = np.stack([_changes(rows["ts_ns"], rows["mid2_ticks"], at_ns) for _, rows in pairs], 1)
    changes, moves = int(np.count_nonzero(values)), int(np.count_nonzero(mids))
    for what, count in (("it changed", changes), ("the mid moved", moves)):
        if count < MIN_CHANGES:
            return Refusal(f"{what} in {count} bars; fewer than {MIN_CHANGES} say nothing")
    by_lag = tuple(panel_value(*_at_lag(values, mids, lag)) or 0.0 for lag in _ALL_LAGS)
    lag = max(_ALL_LAGS, key=lambda lag: abs(by_lag[LAGS + lag]))
    best = panel_correlation(*_at_lag(values, mids, lag))
    if best is None:
        return Refusal("one of the two changes by the same in every bar")
    return Correlogram(
        bar_s=bar_ns / NANOS,
        bars=bars,
        changes=changes,
        moves=moves,
        by_lag=by_lag,
        lag_s=lag * bar_ns / NANOS,
        correlation=best,
        lead_lag_ratio=_ratio(by_lag),
        p_value=min(1.0, best.p_value * len(_ALL_LAGS)),
    )


def _ratio(by_lag: Sequence[float]) -> float | None:
    before = sum(value * value for value in by_lag[:LAGS])
    after = sum(value * value for value in by_lag[LAGS + 1 :])
    return after / before if before > 0.0 else None


def _clock(pairs: Sequence[_Pair], bar_ns: int) -> IntArray:
    """Ends of bars, from when all is known to when something is no longer told."""
    start_ns = max(max(int(one.ts_ns[0]), int(rows["ts_ns"][0])) for one, rows in pairs)
    last_ns = min(int(rows["ts_ns"][-1]) for _, rows in pairs)
    told_ns = min(int(one.ts_ns[-1]) for one, _ in pairs)
    return np.arange(start_ns, min(last_ns, told_ns + LAGS * bar_ns) + 1, bar_ns)


def _changes(ts_ns: IntArray, values: FloatArray | IntArray, at_ns: IntArray) -> FloatArray:
    """Changes from one moment to the next of what was known at each."""
    known = np.asarray(values, np.float64)[np.searchsorted(ts_ns, at_ns, side="right") - 1]
    return cut_outliers(np.diff(known))[0]


def _at_lag(values: FloatArray, mids: FloatArray, lag: int) -> tuple[FloatArray, FloatArray]:
    """Set changes of the series beside those of the mid `lag` bars later."""
    if lag < 0:
        return values[-lag:], mids[:lag]
    return values[: len(values) - lag], mids[lag:]
