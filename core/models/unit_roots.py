"""Does a series return to its mean, and how fast: unit-root tests by statsmodels."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.domain.memory import FloatArray
from core.models.refusal import Refusal

Trend = Literal["n", "c", "ct"]


@dataclass(frozen=True, slots=True)
class UnitRoot:
    """A unit-root test: the more negative the statistic, the less of one."""

    statistic: float
    p_value: float
    critical: tuple[float, float, float]
    """At 1, 5 and 10 per cent."""


@dataclass(frozen=True, slots=True)
class TraceTest:
    """A test of no cointegration at all: the greater the statistic, the more of it."""

    statistic: float
    critical: float
    """At 5 per cent."""


def adf(values: FloatArray, lags: int = 1, trend: Trend = "c") -> UnitRoot | Refusal:
    """
    Augmented Dickey-Fuller test with a fixed number of lags.

    Args:
        values: float64, shape (n,), finite and not constant.
        lags: Lagged differences in the regression.
        trend: No constant, a constant, or a constant and a line.

    Returns:
        Statistic and MacKinnon's p-value, as statsmodels.tsa.stattools.adfuller has them.
    """
    from statsmodels.tsa.stattools import adfuller

    if len(values) < 2 * lags + 8:
        return Refusal(f"{len(values)} values are too few for a unit-root test with {lags} lags")
    if not np.isfinite(values).all() or is_constant(values):
        return Refusal("a unit-root test needs finite values that vary")
    with _strictly():
        try:
            found = adfuller(values, maxlag=lags, regression=trend, autolag=None)
        except (ValueError, RuntimeError, Warning) as error:
            return Refusal(f"the unit-root test failed: {error}")
    return _unit_root(found[0], found[1], list(found[4].values()))


def engle_granger(
    target: FloatArray, leg: FloatArray, lags: int = 0, trend: Trend = "c"
) -> UnitRoot | Refusal:
    """
    Engle-Granger test of no cointegration, with a fixed number of lags.

    Args:
        target: float64, shape (n,), finite and not constant.
        leg: Same, what the target is regressed on.
        lags: Lagged differences in the residual's regression.
        trend: Deterministic terms of the first regression.

    Returns:
        Statistic and MacKinnon's p-value, as statsmodels.tsa.stattools.coint has them.
    """
    from statsmodels.tsa.stattools import coint

    if fault := _pair_fault(target, leg, lags):
        return Refusal(fault)
    with _strictly():
        try:
            found = coint(target, leg, trend=trend, maxlag=lags, autolag=None)
        except (ValueError, RuntimeError, Warning) as error:
            return Refusal(f"the pair could not be tested: {error}")
    return _unit_root(found[0], found[1], list(found[2]))


def johansen(rows: FloatArray) -> TraceTest | Refusal:
    """
    Johansen's trace test of rank 0, with a constant and one lagged change.

    Args:
        rows: float64, shape (n, k), finite: series that vary, none a copy of another.

    Returns:
        The statistic, as statsmodels.tsa.vector_ar.vecm.coint_johansen has it.
    """
    from statsmodels.tsa.vector_ar.vecm import coint_johansen

    with _strictly():
        try:
            found = coint_johansen(rows, 0, 1)
        except (ValueError, RuntimeError, Warning) as error:
            return Refusal(f"Johansen's test failed: {error}")
    return TraceTest(float(found.trace_stat[0]), float(found.trace_stat_crit_vals[0, 1]))


def _pair_fault(target: FloatArray, leg: FloatArray, lags: int) -> str:
    """Why two series cannot be tested; empty if they can."""
    if len(target) != len(leg):
        return f"{len(target)} and {len(leg)} values make no pair"
    if len(target) < 2 * lags + 10:
        return f"{len(target)} values are too few to test a pair"
    if not (np.isfinite(target).all() and np.isfinite(leg).all()):
        return "a pair is tested on finite values"
    if is_constant(target) or is_constant(leg):
        return "a constant series has no partner"
    return "the two are the same series, scaled" if _is_collinear(target, leg) else ""


def _unit_root(statistic: float, p_value: float, critical: Sequence[float]) -> UnitRoot:
    one, five, ten = (float(value) for value in critical)
    return UnitRoot(float(statistic), float(p_value), (one, five, ten))


@contextmanager
def _strictly() -> Iterator[None]:
    """Turn statsmodels' warnings of a meaningless result into errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # adfuller will return another type one day; its first fields stay.
        warnings.simplefilter("ignore", FutureWarning)
        yield


def is_constant(values: FloatArray) -> bool:
    """True if the values differ by no more than rounding."""
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max())


def _is_collinear(first: FloatArray, second: FloatArray) -> bool:
    return bool(1.0 - abs(np.corrcoef(first, second)[0, 1]) < 1e-10)


def half_life(spread: FloatArray) -> float:
    """
    Bars in which a spread loses half its distance from the mean: -ln 2 / ln φ.

    φ of the AR(1) is the correlation of successive values.

    Args:
        spread: float64, shape (n,), finite, n >= 3.

    Returns:
        Infinity if it never returns (φ = 1), 0 if it overshoots (φ <= 0) or is constant.
    """
    if is_constant(spread[1:]) or is_constant(spread[:-1]):
        return 0.0
    persistence = float(np.corrcoef(spread[1:], spread[:-1])[0, 1])
    if persistence >= 1.0:
        return math.inf
    return 0.0 if persistence <= 0.0 else -math.log(2.0) / math.log(persistence)
