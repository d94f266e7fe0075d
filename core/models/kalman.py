"""Noises of a local level or local linear trend, from a recorded series."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.domain.filters import KALMAN_FILTER
from core.domain.memory import FloatArray, Rows, allocate
from core.kernel.kalman import LARGEST_VALUE, filter_series, set_noise
from core.models.refusal import Refusal

LEAST_VALUES = 20
EM_VALUES = 300
"""Newest values that EM looks at: ten steps of pykalman on them take about 0.5 s."""
EM_ITERATIONS = 10

_LN_2PI = math.log(2.0 * math.pi)
_LARGEST_LOG_RATIO = 18.0
"""Noise ratios are searched within e^±18: beyond, the gain is 0 or 1 to seven digits."""
_SPIKE = 100.0
_LEAST_STANDARD_VARIANCE = 1e-26
"""Of a series with a range of 1: what rounding alone amounts to, a thousand times over."""
_UNLIKELY = 1e300
"""Stands for minus a likelihood that is no number; infinity would stop the search."""


@dataclass(frozen=True, slots=True)
class KalmanFit:
    """
    Variances in squared units of the series, per observation.

    `log_likelihood` is the exact diffuse one: a term for each of the `n` finite values
    but the first (with a trend, the first two), each with its ½ ln 2π. KFAS writes it
    so; Durbin & Koopman's (2.46) counts ½ ln 2π for the diffuse ones too.
    """

    observation_variance: float
    level_variance: float
    slope_variance: float
    log_likelihood: float
    trend: bool
    n: int
    """Values used: finite, and no spikes."""
    spikes: int
    """Single values left out: off both neighbors by 100 times what is usual in the series."""


def fit_kalman(
    values: FloatArray,
    *,
    trend: bool = False,
    method: Literal["likelihood", "em"] = "likelihood",
) -> KalmanFit | Refusal:
    """
    Fit the noises of a series.

    Args:
        values: float64, shape (n,), in time order; NaN or infinity is a missing value.
        trend: True for the local linear trend, False for the local level.
        method: "likelihood" maximizes the diffuse likelihood over the noise ratios, the
            scale being concentrated out (Durbin & Koopman, 2.10.2). "em" goes on from
            there with ten steps of pykalman's EM on the last 300 values: slower, and
            closer to those values than to the rest.

    Returns:
        The fit; or why there is none: too few values, a constant series, or numbers
        that no model comes out of.
    """
    series = np.array(values, np.float64)
    series[~(np.abs(series) <= LARGEST_VALUE)] = np.nan
    spikes = _drop_spikes(series)
    present = series[np.isfinite(series)]
    if len(present) < LEAST_VALUES:
        return Refusal(f"{len(present)} usable values; a Kalman fit needs {LEAST_VALUES}")
    if present.min() == present.max():
        return Refusal(f"the series is constant at {present[0]:g}: no noise to fit")
    scale = float(present.max() - present.min())
    center = float(present[0])
    standard = (series - center) / scale
    likelihood = _Likelihood(standard, trend)
    variances = _search_trend(likelihood) if trend else _search_level(likelihood)
    if method == "em":
        variances = _expectation_maximization(standard[-EM_VALUES:], variances, trend)
    return _report(standard, variances, trend, scale, len(present), spikes)


class _Likelihood:
    """Minus the concentrated diffuse log-likelihood of a series, by the kernel's own filter."""

    def __init__(self, series: FloatArray, trend: bool) -> None:
        self._series = series
        self._trend = trend
        self._rows: Rows = allocate(KALMAN_FILTER, 1)
        self._sums = np.zeros(3)

    def __call__(self, log_ratios: FloatArray) -> float:
        """Rate the logarithms of σ²η / σ²ε and, with a trend, σ²ζ / σ²ε."""
        self._filter(np.exp(log_ratios))
        log_sum, square_sum, count = self._sums
        if square_sum <= 0.0 or not math.isfinite(log_sum + square_sum):
            return _UNLIKELY
        return 0.5 * float(log_sum + count * (math.log(square_sum / count) + 1.0 + _LN_2PI))

    def variances(self, log_ratios: FloatArray) -> FloatArray:
        """Scale the ratios to the series: σ²ε, σ²η, σ²ζ."""
        ratios = np.exp(log_ratios)
        self._filter(ratios)
        slope = ratios[1] if self._trend else 0.0
        return np.array([1.0, ratios[0], slope]) * float(self._sums[1] / self._sums[2])

    def _filter(self, ratios: FloatArray) -> None:
        slope = float(ratios[1]) if self._trend else 0.0
        _run(self._rows, self._series, np.array([1.0, ratios[0], slope]), self._trend, self._sums)


def _run(
    rows: Rows, series: FloatArray, variances: FloatArray, trend: bool, sums: FloatArray
) -> None:
    """Filter a series from its start with the given variances, all in one compiled loop."""
    rows[:] = np.zeros((), KALMAN_FILTER)
    observation, level, slope = variances.tolist()
    set_noise(rows[0], observation, level, slope, int(trend), 1, 1.0)
    filter_series(rows[0], series, sums)


def _search_level(likelihood: _Likelihood) -> FloatArray:
    """Look along the whole range of ratios first: the likelihood may have two maxima."""
    from scipy.optimize import minimize_scalar

    grid = np.linspace(-_LARGEST_LOG_RATIO, _LARGEST_LOG_RATIO, 13)
    step = float(grid[1] - grid[0])
    best = float(grid[np.argmin([likelihood(grid[index : index + 1]) for index in range(13)])])
    low = max(-_LARGEST_LOG_RATIO, best - step)
    high = min(_LARGEST_LOG_RATIO, best + step)
    found = minimize_scalar(
        lambda log_ratio: likelihood(np.array([log_ratio])),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-5},
    )
    return likelihood.variances(np.array([found.x]))


def _search_trend(likelihood: _Likelihood) -> FloatArray:
    """The same over a plane; Nelder-Mead, as the ridges are long and flat."""
    from scipy.optimize import minimize

    axis = np.linspace(-15.0, 15.0, 7)
    points = [np.array([level, slope]) for level in axis for slope in axis]
    start = min(points, key=likelihood)
    found = minimize(
        likelihood,
        start,
        method="Nelder-Mead",
        bounds=[(-_LARGEST_LOG_RATIO, _LARGEST_LOG_RATIO)] * 2,
        options={"xatol": 1e-4, "fatol": 1e-7, "maxiter": 400},
    )
    return likelihood.variances(found.x)


def _expectation_maximization(series: FloatArray, variances: FloatArray, trend: bool) -> FloatArray:
    """Let pykalman's EM go on from a maximum of the likelihood, on a short series."""
    from pykalman import KalmanFilter

    size = 2 if trend else 1
    present = series[np.isfinite(series)]
    noise = float(variances[0])
    doubt = np.eye(size) * (noise + float(np.var(present)))
    library = KalmanFilter(
        transition_matrices=[[1.0, 1.0], [0.0, 1.0]] if trend else [[1.0]],
        observation_matrices=[[1.0, 0.0]] if trend else [[1.0]],
        transition_covariance=np.diag(variances[1 : 1 + size]),
        observation_covariance=[[noise]],
        initial_state_mean=[float(present[0]), 0.0][:size],
        initial_state_covariance=doubt,
        em_vars=["transition_covariance", "observation_covariance"],
    )
    library.em(np.ma.masked_invalid(series), n_iter=EM_ITERATIONS)
    fitted = np.zeros(3)
    fitted[0] = library.observation_covariance[0, 0]
    fitted[1 : 1 + size] = np.diag(library.transition_covariance)
    return fitted


def _report(
    standard: FloatArray, variances: FloatArray, trend: bool, scale: float, n: int, spikes: int
) -> KalmanFit | Refusal:
    """Rate the variances on the whole series, in its own units."""
    if not np.isfinite(variances).all() or variances.sum() < _LEAST_STANDARD_VARIANCE:
        return Refusal("the series is its own forecast to the last digit: no noise to fit")
    sums = np.zeros(3)
    _run(allocate(KALMAN_FILTER, 1), standard, variances, trend, sums)
    log_sum, square_sum, count = sums.tolist()
    log_likelihood = -0.5 * (count * (_LN_2PI + 2.0 * math.log(scale)) + log_sum + square_sum)
    observation, level, slope = (variances * scale * scale).tolist()
    row = allocate(KALMAN_FILTER, 1)[0]
    if not set_noise(row, observation, level, slope, int(trend), 1, 1.0):
        return Refusal(f"a range of {scale:g} is out of all proportion for a filter")
    return KalmanFit(observation, level, slope, log_likelihood, trend, n, spikes)


def _drop_spikes(series: FloatArray) -> int:
    """Turn single values that are off both neighbors into missing ones; say how many."""
    places = np.flatnonzero(np.isfinite(series))
    if len(places) < LEAST_VALUES:
        return 0
    moves = np.abs(np.diff(series[places]))
    moved = moves[moves > 0.0]
    if not len(moved):
        return 0
    # The first and the last value have one neighbor, which must do.
    nearest = np.minimum(np.append(moves, np.inf), np.insert(moves, 0, np.inf))
    spikes = places[nearest > _SPIKE * np.median(moved)]
    series[spikes] = np.nan
    return len(spikes)
