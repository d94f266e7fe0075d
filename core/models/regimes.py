"""The three regimes of one instrument: a hidden Markov model whose states have names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Self

import numpy as np

from core.domain.enums import N_REGIMES, Regime
from core.domain.memory import FloatArray, allocate
from core.domain.regimes import N_FEATURES, N_VALUES, REGIME_MODEL
from core.kernel.hmm import load_regime_model
from core.models.hmm import HmmFit, HmmStates, fit_hmm
from core.models.refusal import Refusal
from core.models.scaling import Scaling, usable_rows

RETURN, LOG_VOLATILITY, AUTOCORRELATION = range(N_FEATURES)

LEAST_ROWS = 60
REGIMES = (Regime.TRENDING, Regime.MEAN_REVERTING, Regime.HIGH_VOLATILITY)
"""In the order of a fit's states."""
_LARGEST_CORRELATION = 0.9999
_LEAST_DISTANCE = 0.25
"""Between the means of two states, in their own standard deviations."""
_CLEAR = 0.25
"""Standard deviations of a feature by which states must differ to lose the names they had."""

_SHAPES = (
    (N_REGIMES,),
    (N_REGIMES, N_REGIMES),
    (N_REGIMES, N_FEATURES),
    (N_REGIMES, N_FEATURES),
    (N_FEATURES,),
    (N_FEATURES,),
)


@dataclass(frozen=True, slots=True, eq=False)
class RegimeFit:
    """A fitted model whose states 0, 1, 2 are TRENDING, MEAN_REVERTING, HIGH_VOLATILITY."""

    hmm: HmmFit

    def values(self) -> list[float]:
        """Give the N_VALUES numbers that `load_regime_model` takes."""
        states, scaling = self.hmm.states, self.hmm.scaling
        arrays = (
            states.start, states.transition, states.mean, states.variance,
            scaling.mean, scaling.scale,
        )  # fmt: skip
        numbers = np.concatenate([array.ravel() for array in arrays]).tolist()
        return [*numbers, *map(float, REGIMES)]

    @classmethod
    def from_values(cls, values: Sequence[float]) -> Self:
        """
        Read back what `values` gave, for the start of the next fit.

        How the fit came about does not travel: likelihood NaN, no rows, no iterations.

        Raises:
            ValueError: If the kernel would refuse the numbers.
        """
        if not _suits_the_kernel(values):
            raise ValueError(f"these {len(values)} numbers are no regime model of {N_VALUES}")
        numbers = np.array(values, np.float64)
        parts = []
        for shape in _SHAPES:
            size = math.prod(shape)
            parts.append(numbers[:size].reshape(shape))
            numbers = numbers[size:]
        order = np.argsort(numbers[:N_REGIMES]).tolist()
        states = HmmStates(*parts[:4]).take(order)
        return cls(HmmFit(states, Scaling(*parts[4:]), math.nan, 0, 0, 0))


def fit_regimes(
    features: FloatArray, *, previous: RegimeFit | None = None, seed: int = 0
) -> RegimeFit | Refusal:
    """
    Fit three states to one instrument and name them by what they do.

    HIGH_VOLATILITY is the state with the largest mean log volatility. Of the other two,
    TRENDING has the larger mean autocorrelation plus drift, both in standard deviations;
    the last is MEAN_REVERTING. Where states differ by less than a quarter of a standard
    deviation, the names that `previous` gave to the nearest states stay.

    Args:
        features: Shape (n, 3), a row a bar in time order: return, logarithm of
            volatility, autocorrelation of returns. Rows with a NaN are dropped.
        previous: The fit in use: a start for this one, and the names to keep.
        seed: Of the random starts.

    Returns:
        The fit; or why there is none: as `fit_hmm`, or fewer than 60 rows, features of
        which one is a multiple of another, or states that differ in their spread only,
        as those of any series with fat tails do. Its start is the stationary
        distribution: the stream does not begin where the recording did.

    Raises:
        ValueError: If there are not three columns.
    """
    if features.ndim != 2 or features.shape[1] != N_FEATURES:
        raise ValueError(f"features have the shape {features.shape}, not (n, {N_FEATURES})")
    if len(features) < LEAST_ROWS:
        return Refusal(f"{len(features)} rows; regimes need {LEAST_ROWS}")
    earlier = previous.hmm if previous else None
    fit = fit_hmm(features, N_REGIMES, previous=earlier, seed=seed)
    if isinstance(fit, Refusal):
        return fit
    flaw = _flaw(fit, features[usable_rows(features)])
    if flaw:
        return Refusal(flaw)
    states = fit.states.take(_name(fit, earlier))
    start = _stationary(states.transition)
    regimes = RegimeFit(replace(fit, states=replace(states, start=start)))
    if not _suits_the_kernel(regimes.values()):
        return Refusal("a feature is out of all proportion: the filter would refuse the model")
    return regimes


def _suits_the_kernel(values: Sequence[float]) -> bool:
    return bool(load_regime_model(allocate(REGIME_MODEL, 1)[0], np.array(values, np.float64)))


def _flaw(fit: HmmFit, usable: FloatArray) -> str:
    """Say what makes three states unfit to be called regimes; empty if nothing does."""
    twins = _twins(fit.scaling.standardize(usable))
    if twins:
        return f"features {twins[0]} and {twins[1]} are one: they say the same twice"
    mean, variance = fit.states.mean, fit.states.variance
    for first, second in combinations(range(N_REGIMES), 2):
        pooled = (variance[first] + variance[second]) / 2
        if np.sqrt(((mean[first] - mean[second]) ** 2 / pooled).sum()) < _LEAST_DISTANCE:
            return f"states {first} and {second} differ in their spread only: fat tails, no regimes"
    return ""


def _stationary(transition: FloatArray) -> FloatArray:
    """Solve p = p A with Σ p = 1: the share of time that the chain spends in each state."""
    equations = np.vstack([transition.T - np.eye(N_REGIMES), np.ones(N_REGIMES)])
    shares, *_ = np.linalg.lstsq(equations, np.array([0.0] * N_REGIMES + [1.0]), rcond=None)
    positive: FloatArray = np.maximum(shares, 0.0)
    return positive / float(positive.sum())


def _twins(standard: FloatArray) -> tuple[int, int] | None:
    correlation = np.abs(np.corrcoef(standard.T))
    for first, second in combinations(range(N_FEATURES), 2):
        if correlation[first, second] > _LARGEST_CORRELATION:
            return first, second
    return None


def _name(fit: HmmFit, previous: HmmFit | None) -> list[int]:
    """Say which state is TRENDING, which MEAN_REVERTING and which HIGH_VOLATILITY."""
    volatility = fit.states.mean[:, LOG_VOLATILITY]
    drift = np.abs(
        fit.states.mean[:, RETURN] + fit.scaling.mean[RETURN] / fit.scaling.scale[RETURN]
    )
    trend = fit.states.mean[:, AUTOCORRELATION] + drift
    order = _by_conduct(volatility, trend)
    if previous is None:
        return order
    inherited = _by_kinship(fit, previous)
    if inherited == order or _contradicts(inherited, volatility, trend):
        return order
    return inherited


def _by_conduct(volatility: FloatArray, trend: FloatArray) -> list[int]:
    volatile = int(np.argmax(volatility))
    calm = [state for state in range(N_REGIMES) if state != volatile]
    calm.sort(key=lambda state: float(trend[state]), reverse=True)
    return [*calm, volatile]


def _by_kinship(fit: HmmFit, previous: HmmFit) -> list[int]:
    """Give every earlier state the new one nearest to it, all in all."""
    from scipy.optimize import linear_sum_assignment

    earlier = previous.scaling.translate(previous.states.mean, fit.scaling)
    distance = ((earlier[:, None, :] - fit.states.mean[None, :, :]) ** 2).sum(axis=2)
    _, nearest = linear_sum_assignment(distance)
    return [int(state) for state in nearest]


def _contradicts(order: list[int], volatility: FloatArray, trend: FloatArray) -> bool:
    """Tell whether names clearly belie what the states do."""
    trending, reverting, volatile = order
    return bool(
        volatility.max() - volatility[volatile] > _CLEAR
        or trend[reverting] - trend[trending] > _CLEAR
    )
