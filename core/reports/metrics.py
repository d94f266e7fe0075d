"""
Performance figures of a series of returns.

Returns are fractions per period (0.01 is one per cent), NaN is a period without one.
Definitions are empyrical's: sample deviation, downside against a required return of 0,
yearly figures from the number of periods in a year. A figure that does not exist (of an
empty series, by a deviation of 0) is NaN.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Returns = NDArray[np.float64]

DAILY = 252
WEEKLY = 52
MONTHLY = 12
SECONDS = 365 * 86_400
"""Periods in a year of markets that never close, at one return a second."""


def cumulative_returns(returns: Returns) -> Returns:
    """Growth since the start after each period."""
    return np.asarray(np.cumprod(1.0 + np.nan_to_num(returns)) - 1.0)


def cumulative_return(returns: Returns) -> float:
    """Growth over all periods; NaN of none."""
    return float(cumulative_returns(returns)[-1]) if len(returns) else math.nan


def max_drawdown(returns: Returns) -> float:
    """Deepest fall from a peak, as a fraction <= 0; NaN of no returns."""
    if not len(returns):
        return math.nan
    growth = np.concatenate(([1.0], 1.0 + cumulative_returns(returns)))
    return float(np.min(growth / np.maximum.accumulate(growth)) - 1.0)


def annual_return(returns: Returns, periods: int = DAILY) -> float:
    """Yearly growth rate that compounds to the cumulative return."""
    if not len(returns):
        return math.nan
    growth = 1.0 + cumulative_return(returns)
    if growth <= 0.0:
        return -1.0
    exponent = periods / len(returns) * math.log(growth)
    # Seconds that compound to a year overflow: more than any float is infinite.
    return math.expm1(exponent) if exponent < 700.0 else math.inf


def annual_volatility(returns: Returns, periods: int = DAILY) -> float:
    """Deviation of the returns, scaled to a year."""
    return _deviation(returns) * math.sqrt(periods)


def sharpe(returns: Returns, periods: int = DAILY) -> float:
    """Mean by deviation, scaled to a year; no risk-free rate."""
    deviation = _deviation(returns)
    if not deviation > 0.0:
        return math.nan
    return _mean(returns) / deviation * math.sqrt(periods)


def downside_risk(returns: Returns, periods: int = DAILY, required: float = 0.0) -> float:
    """Root of the mean square of what falls short of `required`, scaled to a year."""
    shortfall = np.minimum(returns - required, 0.0)
    return math.sqrt(_mean(shortfall**2)) * math.sqrt(periods)


def sortino(returns: Returns, periods: int = DAILY) -> float:
    """Yearly mean by downside risk; infinite for gains without any shortfall."""
    if len(returns) < 2:
        return math.nan
    mean, risk = _mean(returns) * periods, downside_risk(returns, periods)
    if risk == 0.0:
        return math.inf if mean > 0.0 else math.nan
    return mean / risk


def calmar(returns: Returns, periods: int = DAILY) -> float:
    """Yearly return by the deepest drawdown; NaN without one."""
    fall = max_drawdown(returns)
    return annual_return(returns, periods) / -fall if fall < 0.0 else math.nan


def omega(returns: Returns, required: float = 0.0, periods: int = DAILY) -> float:
    """
    Gains beyond a required return by what falls short of it.

    Args:
        returns: Any number of them.
        required: A year's return, > -1.
        periods: In a year.

    Returns:
        NaN of fewer than two returns, and where none falls short.
    """
    if len(returns) < 2:
        return math.nan
    beyond = returns - ((1.0 + required) ** (1.0 / periods) - 1.0)
    gains, losses = np.nansum(np.maximum(beyond, 0.0)), -np.nansum(np.minimum(beyond, 0.0))
    return float(gains / losses) if losses > 0.0 else math.nan


def information_ratio(returns: Returns, benchmark: Returns) -> float:
    """Mean by deviation of the returns beyond a benchmark's, per period: not scaled to a year."""
    beyond = returns - benchmark
    deviation = _deviation(beyond)
    return _mean(beyond) / deviation if deviation > 0.0 else math.nan


def alpha_beta(returns: Returns, benchmark: Returns, periods: int = DAILY) -> tuple[float, float]:
    """
    Regress on a benchmark, over the periods of which both returns are known.

    Returns:
        What is earned beside the benchmark, summed up to a year, and the slope on it; NaN
        of fewer than two such periods and of a benchmark that never changes.
    """
    is_known = ~(np.isnan(returns) | np.isnan(benchmark))
    own, other = returns[is_known], benchmark[is_known]
    if len(own) < 2 or not np.var(other) > 0.0:
        return math.nan, math.nan
    beta = float(np.cov(own, other, ddof=1)[0, 1] / np.var(other, ddof=1))
    return float(np.mean(own - beta * other)) * periods, beta


def _mean(values: Returns) -> float:
    known = values[~np.isnan(values)]
    return float(np.mean(known)) if len(known) else math.nan


def _deviation(values: Returns) -> float:
    known = values[~np.isnan(values)]
    return float(np.std(known, ddof=1)) if len(known) > 1 else math.nan
