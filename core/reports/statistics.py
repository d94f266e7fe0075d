"""
What the figures of a run are worth: intervals, and whether it shows an edge.

Returns are those of `core.reports.bars`. Yearly figures are of a year that never closes,
with as many bars as fit into it: of a run of minutes they say how steady it was, not what
a year of it would bring. Intervals are of the stationary bootstrap of the bars, or of the
closing fills in their order.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.domain.instrument import NANOS
from core.domain.memory import FloatArray, Rows
from core.reports import metrics
from core.reports.bars import Bars, bars_of
from core.reports.bootstrap import (
    LEVEL_PCT,
    RESAMPLES,
    SEED,
    Dependence,
    Interval,
    Resamples,
    as_document,
    dependence,
    interval,
    resample,
)
from core.reports.evidence import deflated_sharpe, minimum_detectable, minimum_track_record
from core.reports.plain import number
from core.reports.result import BacktestResult
from core.reports.verdict import Judged, sentences

MIN_BARS = 30
"""Fewer returns have no interval."""

MIN_CLOSING_FILLS = 20
"""The same for fills that closed something."""

_UNKNOWN = Interval(math.nan, math.nan, math.nan)


def statistics_of(
    result: BacktestResult, closing: FloatArray, trials: int = 1, seed: int = SEED
) -> dict[str, Any]:
    """
    Judge a run.

    Args:
        result: Of the run.
        closing: What each fill gained that closed something, after fees, in order of time.
        trials: Variants that were tried until this one was chosen, itself included.
        seed: Of the resamples.

    Returns:
        `bar_s`, `bars`, `block_bars` (mean block of the bootstrap), `inflation` (variance of
        the mean return by that of independent ones), `resamples`, `level_pct`, `trials`;
        `pnl`, `sharpe`, `sortino`, `calmar`, `win_rate` and `profit_factor` each with `value`,
        `low` and `high`; `deflated_sharpe`, the probability of an edge after so many trials
        (of one trial it is the probabilistic Sharpe ratio); `track_record_s`, after which such
        a Sharpe ratio would prove an edge at 95 %; `detectable_pnl`, the smallest profit of
        such a run that would be seen four times in five; and `verdict`, in sentences.
    """
    bars = bars_of(result.ts_ns)
    equity = result.equity_nanos[bars.places].astype(np.float64) / NANOS
    pnl = np.diff(equity)
    returns = pnl / equity[:-1] if len(pnl) and np.all(equity[:-1] > 0.0) else np.array([])
    hang = dependence(returns)
    found = _of_bars(pnl, returns, bars, hang, seed) | _of_fills(closing, seed)
    proof = _proof(returns, bars, hang, trials)
    deviation = float(np.std(pnl, ddof=1)) if len(pnl) > 1 else math.nan
    inflation = max(hang.inflation, 1.0)
    judged = Judged(
        fills=len(result.fills),
        bars=len(returns),
        bar_s=bars.length_s,
        sharpe=found["sharpe"],
        deflated_sharpe=proof["deflated_sharpe"],
        trials=trials,
        detectable_pnl=minimum_detectable(deviation * math.sqrt(len(pnl) * inflation)),
        track_record_s=proof["track_record_s"],
        span_s=len(returns) * bars.length_s,
        closing_fills=len(closing),
        is_lost=bool(len(pnl)) and not len(returns),
    )
    return {
        "bar_s": bars.length_s,
        "bars": len(returns),
        "block_bars": number(hang.careful_block),
        "inflation": number(hang.inflation),
        "resamples": RESAMPLES,
        "level_pct": LEVEL_PCT,
        "trials": trials,
        **{name: as_document(figure) for name, figure in found.items()},
        **{name: number(value) for name, value in proof.items()},
        "detectable_pnl": number(judged.detectable_pnl),
        "verdict": sentences(judged, MIN_BARS, MIN_CLOSING_FILLS),
    }


def _of_bars(
    pnl: FloatArray, returns: FloatArray, bars: Bars, hang: Dependence, seed: int
) -> dict[str, Interval]:
    periods = metrics.SECONDS / bars.length_s
    total = float(pnl.sum()) if len(pnl) else math.nan
    values = (total, *ratios(returns, periods))
    names = ("pnl", "sharpe", "sortino", "calmar")
    if len(returns) < MIN_BARS:
        return {n: Interval(v, math.nan, math.nan) for n, v in zip(names, values, strict=True)}
    drawn: list[tuple[FloatArray, ...]] = [
        (piece.sums(pnl), *drawn_ratios(returns, periods, piece))
        for piece in resample(len(returns), hang.careful_block, seed=seed)
    ]
    return {
        name: interval(value, np.concatenate(column))
        for name, value, column in zip(names, values, zip(*drawn, strict=True), strict=True)
    }


def ratios(returns: FloatArray, periods: float) -> tuple[float, float, float]:
    """
    Compute Sharpe, Sortino and Calmar ratio, NaN where there is nothing to divide by.

    The first two are those of `core.reports.metrics`. Calmar's return is the mean scaled to
    a year, not compounded: seconds that compound to a year are infinite.

    Args:
        returns: In order of time.
        periods: Returns in a year.
    """
    if len(returns) < 2:
        return math.nan, math.nan, math.nan
    scale, fall = math.sqrt(periods), -metrics.max_drawdown(returns)
    mean = float(np.mean(returns))
    lossless = math.inf if mean > 0.0 else math.nan
    return (
        metrics.sharpe(returns, 1) * scale,
        metrics.sortino(returns, 1) * scale,
        mean * periods / fall if fall > 0.0 else lossless,
    )


def drawn_ratios(
    returns: FloatArray, periods: float, piece: Resamples
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Compute `ratios` of each resample: only the drawdown needs the resamples themselves."""
    count, center = len(returns), float(np.mean(returns))
    rest = returns - center
    shift = piece.sums(rest) / count
    mean = center + shift
    variance = (_cleared(piece.sums(rest**2)) / count - shift**2) * (count / (count - 1))
    downside = _cleared(piece.sums(np.square(np.minimum(returns, 0.0)))) / count
    # Without a shortfall a gain is infinitely good; without either there is no ratio.
    lossless = np.where(mean > 0.0, math.inf, math.nan)
    yearly = mean * math.sqrt(periods)
    deepest = -np.expm1(-_deepest_falls(piece.take(np.log1p(returns))))
    return (
        _divided(yearly, np.sqrt(np.maximum(variance, 0.0)), math.nan),
        _divided(yearly, np.sqrt(downside), lossless),
        _divided(mean * periods, deepest, lossless),
    )


def _deepest_falls(growth: FloatArray) -> FloatArray:
    """Deepest fall of each series of logarithmic returns, overwritten for speed."""
    np.cumsum(growth, axis=1, out=growth)
    falls = np.maximum.accumulate(growth, axis=1)
    np.maximum(falls, 0.0, out=falls)
    falls -= growth
    return np.asarray(falls.max(axis=1))


def _divided(top: FloatArray, bottom: FloatArray, otherwise: FloatArray | float) -> FloatArray:
    is_good = bottom > 0.0
    return np.where(is_good, top / np.where(is_good, bottom, 1.0), otherwise)


def _of_fills(gains: FloatArray, seed: int) -> dict[str, Interval]:
    if not len(gains):
        return {"win_rate": _UNKNOWN, "profit_factor": _UNKNOWN}
    is_won = (gains > 0.0).astype(np.float64)
    won, lost = np.maximum(gains, 0.0), np.maximum(-gains, 0.0)
    rate = float(np.mean(is_won))
    factor = float(won.sum() / lost.sum()) if lost.any() else math.nan
    if len(gains) < MIN_CLOSING_FILLS:
        return {
            "win_rate": Interval(rate, math.nan, math.nan),
            "profit_factor": Interval(factor, math.nan, math.nan),
        }
    rates, factors = [], []
    for piece in resample(len(gains), dependence(gains).careful_block, seed=seed):
        rates.append(piece.sums(is_won) / len(gains))
        factors.append(_divided(piece.sums(won), _cleared(piece.sums(lost)), math.inf))
    return {
        "win_rate": interval(rate, np.concatenate(rates)),
        "profit_factor": interval(factor, np.concatenate(factors)),
    }


def _cleared(sums: FloatArray) -> FloatArray:
    """What running sums leave of nothing is nothing."""
    return np.where(sums > 1e-9 * sums.max(initial=0.0), sums, 0.0)


def _proof(returns: FloatArray, bars: Bars, hang: Dependence, trials: int) -> dict[str, float]:
    if len(returns) < MIN_BARS or not np.std(returns) > 0.0:
        return {"deflated_sharpe": math.nan, "track_record_s": math.nan}
    sharpe = float(np.mean(returns) / np.std(returns, ddof=1))
    # Returns that persist are worth fewer independent ones; that they turn is not counted on.
    inflation = max(hang.inflation, 1.0)
    standard = (returns - np.mean(returns)) / np.std(returns)
    shape = float(np.mean(standard**3)), float(np.mean(standard**4))
    needed = minimum_track_record(sharpe, *shape)
    return {
        "deflated_sharpe": deflated_sharpe(sharpe, len(returns) / inflation, *shape, trials),
        "track_record_s": needed * inflation * bars.length_s,
    }


def closing_gains(fills: Rows) -> FloatArray:
    """What each fill gained that closed at least a part of a position, after fees."""
    before = fills["position_lots"] - fills["side"] * fills["lots"]
    closing = fills[before * fills["side"] < 0]
    return np.asarray((closing["realized_nanos"] - closing["fee_nanos"]) / NANOS)
