"""Hidden Markov models with Gaussian states, fitted by hmmlearn to features of any width."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np

from core.domain.memory import FloatArray
from core.domain.regimes import FEATURE_CLIP
from core.models.refusal import Refusal
from core.models.scaling import Scaling, scaling_of, usable_rows

LEAST_ROWS_PER_STATE = 20
MAX_ITERATIONS = 300
LEAST_SHARE = 0.01
"""Of the time; a state that holds less is an outlier with a name."""
LARGEST_OVERLAP = 0.95
"""Bhattacharyya coefficient of two states: 1 where they are the same."""

_VARIANCE_FLOOR = 0.01
"""
Of standardized features. Prices that stand still give returns of exactly 0, and a state
without a floor shrinks onto them until nothing else is likely.
"""
_STAY = 0.9
_SHORT_RUN = 12
"""Steps after which the starts are compared: what is behind by then seldom catches up."""
_RANDOM_STARTS = 2
_GAIN_PER_ROW = 1e-6
"""Nats a row: EM has converged when a step gains less."""
_TRANSITION_PRIOR = 1.01
"""Dirichlet: a transition never seen stays possible, so the filter can leave every state."""
_LN_2PI = math.log(2.0 * math.pi)


@dataclass(frozen=True, slots=True, eq=False)
class HmmStates:
    """Parameters of `k` states over `d` standardized features."""

    start: FloatArray
    """Shape (k,)."""
    transition: FloatArray
    """Shape (k, k), [from, to]."""
    mean: FloatArray
    """Shape (k, d)."""
    variance: FloatArray
    """Shape (k, d)."""

    def take(self, order: Sequence[int]) -> HmmStates:
        """Number the states anew: state `i` of the result is state `order[i]` of this."""
        new = list(order)
        return HmmStates(
            self.start[new], self.transition[np.ix_(new, new)], self.mean[new], self.variance[new]
        )


@dataclass(frozen=True, slots=True, eq=False)
class HmmFit:
    """A fitted model. `log_likelihood` is that of the standardized features."""

    states: HmmStates
    scaling: Scaling
    log_likelihood: float
    iterations: int
    """EM steps of the last climb, the one from the best of the starts."""
    n: int
    """Rows used."""
    dropped: int
    """Rows left out because a number in them was missing; their neighbors were joined."""

    def posteriors(self, features: FloatArray) -> FloatArray:
        """
        Give each state's smoothed probability in each row.

        Args:
            features: Raw, shape (n, d).

        Returns:
            Shape (n, k), rows summing to 1; NaN in rows that hold a missing number.
        """
        usable = usable_rows(features)
        model = _library_model(self.states, "log")
        result = np.full((len(features), len(self.states.start)), np.nan)
        result[usable] = model.predict_proba(self.scaling.standardize(features[usable]))
        return result


def fit_hmm(
    features: FloatArray,
    n_states: int,
    *,
    criterion: Literal["schwarz", "akaike"] = "schwarz",
    previous: HmmFit | None = None,
    seed: int = 0,
) -> HmmFit | Refusal:
    """
    Fit a Gaussian hidden Markov model with diagonal covariance by EM, from several starts.

    Starts: the rows cut into equal parts along each feature in turn, two random draws,
    and `previous`. hmmlearn takes every EM step; between steps variances are held above
    a floor. It is called a step at a time, so convergence is judged here and it has no
    occasion to log.

    Args:
        features: Raw, shape (n, d), in time order. Rows with a NaN or infinity are dropped.
        n_states: How many states, 2 or more.
        criterion: What the states must gain over a single Gaussian to be believed.
            Schwarz's has refused every series of white noise tried, Akaike's lets up to
            a quarter of the short ones pass: it is for series known to have states.
        previous: A fit to the same features and number of states, as one more start.
        seed: Of the random starts: same arguments, same fit.

    Returns:
        The likeliest fit; or why there is none: too few rows, a constant feature, no
        convergence in 300 steps, more states than the data tell apart.
    """
    usable = features[usable_rows(features)]
    dropped = len(features) - len(usable)
    width = features.shape[1]
    needed = max(LEAST_ROWS_PER_STATE * n_states, _parameters(n_states, width) // width + 1)
    if len(usable) < needed:
        return Refusal(
            f"{len(usable)} usable rows ({dropped} dropped); {n_states} states need {needed}"
        )
    scaling = scaling_of(usable)
    if isinstance(scaling, Refusal):
        return scaling
    standard = scaling.standardize(usable)
    climb = _best_climb(standard, _starts(standard, n_states, scaling, previous, seed))
    if climb is None or not climb.converged:
        return Refusal(f"EM did not converge in {MAX_ITERATIONS} steps on {len(usable)} rows")
    flaw = _flaw(standard, climb, criterion)
    if flaw:
        return Refusal(flaw)
    return HmmFit(
        climb.states, scaling, climb.log_likelihood, climb.iterations, len(usable), dropped
    )


def _parameters(n_states: int, width: int) -> int:
    """Count the free numbers of a model."""
    return n_states * n_states - 1 + 2 * n_states * width


def _starts(
    standard: FloatArray, n_states: int, scaling: Scaling, previous: HmmFit | None, seed: int
) -> Iterator[HmmStates]:
    width = standard.shape[1]
    start = np.full(n_states, 1.0 / n_states)
    leave = (1.0 - _STAY) / (n_states - 1)
    transition = np.full((n_states, n_states), leave) + (_STAY - leave) * np.eye(n_states)
    if previous is not None and previous.states.mean.shape == (n_states, width):
        yield _carried_over(previous, scaling)
    for feature in range(width):
        parts = np.array_split(standard[np.argsort(standard[:, feature], kind="stable")], n_states)
        mean = np.array([part.mean(axis=0) for part in parts])
        variance = np.array([part.var(axis=0) for part in parts])
        yield HmmStates(start, transition, mean, np.maximum(variance, _VARIANCE_FLOOR))
    random = np.random.default_rng(seed)
    for _ in range(_RANDOM_STARTS):
        rows = random.choice(len(standard), n_states, replace=False)
        yield HmmStates(start, transition, standard[rows], np.ones((n_states, width)))


def _carried_over(previous: HmmFit, scaling: Scaling) -> HmmStates:
    """Express an earlier fit in the units of this one."""
    states = previous.states
    mean = previous.scaling.translate(states.mean, scaling)
    ratio = previous.scaling.scale / scaling.scale
    variance = np.maximum(states.variance * ratio * ratio, _VARIANCE_FLOOR)
    return HmmStates(
        states.start, states.transition, np.clip(mean, -FEATURE_CLIP, FEATURE_CLIP), variance
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Climb:
    """Where EM has come to; the likelihood is that of `states`."""

    states: HmmStates
    log_likelihood: float
    iterations: int
    converged: bool


def _best_climb(standard: FloatArray, starts: Iterator[HmmStates]) -> _Climb | None:
    short = [_climb(standard, start, _SHORT_RUN) for start in starts]
    usable = [climb for climb in short if climb is not None]
    if not usable:
        return None
    ahead = max(usable, key=lambda climb: climb.log_likelihood)
    return _climb(standard, ahead.states, MAX_ITERATIONS)


def _climb(standard: FloatArray, states: HmmStates, steps: int) -> _Climb | None:
    """Take EM steps until they gain nothing. None if a state died on the way."""
    model = _library_model(states, "scaling")
    least_gain = _GAIN_PER_ROW * len(standard)
    reached = -math.inf
    for iteration in range(1, steps + 1):
        log_likelihood = _step(model, standard)
        if not math.isfinite(log_likelihood):
            return None
        if log_likelihood - reached < least_gain:
            return _Climb(states, log_likelihood, iteration, converged=True)
        reached = log_likelihood
        if iteration < steps:
            states = _states_of(model)
    return _Climb(states, reached, steps, converged=False)


def _library_model(states: HmmStates, implementation: str) -> Any:
    """Make hmmlearn's model of these states, set to take one EM step a call."""
    from hmmlearn.hmm import GaussianHMM

    model = GaussianHMM(
        len(states.start),
        covariance_type="diag",
        covars_prior=0.0,
        transmat_prior=_TRANSITION_PRIOR,
        n_iter=1,
        init_params="",
        implementation=implementation,
    )
    model.startprob_ = states.start
    model.transmat_ = states.transition
    model.means_ = states.mean
    model.covars_ = states.variance
    return model


def _states_of(model: Any) -> HmmStates:
    variance = np.diagonal(model.covars_, axis1=1, axis2=2).copy()
    return HmmStates(model.startprob_, model.transmat_, model.means_, variance)


def _step(model: Any, standard: FloatArray) -> float:
    """Take one EM step; give the log-likelihood before it, NaN if a state has died."""
    # A state that nothing belongs to has the mean 0 / 0; that is what is looked for below.
    with np.errstate(all="ignore"):
        try:
            model.fit(standard)
        except ValueError:
            # The quick way underflows where a row is unlikely in every state.
            model.implementation = "log"
            model.fit(standard)
        variance = _states_of(model).variance
    if not np.isfinite(variance).all():
        return math.nan
    model.covars_ = np.maximum(variance, _VARIANCE_FLOOR)
    return float(model.monitor_.history[-1])


def _flaw(standard: FloatArray, climb: _Climb, criterion: str) -> str:
    """Say why a converged fit is still no model of several states; empty if it is one."""
    n, width = standard.shape
    states = climb.states
    n_states = len(states.start)
    share = _library_model(states, "log").predict_proba(standard).mean(axis=0)
    if share.min() < LEAST_SHARE:
        return f"a state holds only {100 * share.min():.2f} % of the time"
    overlap, pair = _largest_overlap(states)
    if overlap > LARGEST_OVERLAP:
        return f"states {pair[0]} and {pair[1]} overlap by {100 * overlap:.0f} %: they are one"
    alone = -0.5 * n * (width * (1.0 + _LN_2PI) + np.log(standard.var(axis=0)).sum())
    each = 0.5 * math.log(n) if criterion == "schwarz" else 1.0
    penalty = each * (_parameters(n_states, width) - 2 * width)
    if climb.log_likelihood - penalty <= alone:
        return f"{n_states} states explain the features no better than a single one"
    return ""


def _largest_overlap(states: HmmStates) -> tuple[float, tuple[int, int]]:
    """Find the two states with the largest Bhattacharyya coefficient."""
    found = (0.0, (0, 0))
    for first, second in combinations(range(len(states.start)), 2):
        pooled = (states.variance[first] + states.variance[second]) / 2
        gap = states.mean[first] - states.mean[second]
        product = states.variance[first] * states.variance[second]
        distance = (gap * gap / pooled).sum() / 8 + np.log(pooled / np.sqrt(product)).sum() / 2
        found = max(found, (math.exp(-distance), (first, second)))
    return found
