"""
Forward filter of the three regimes: one step a bar, normalized at each.

Rabiner, A Tutorial on Hidden Markov Models (1989), III.A and V.A.
"""

from __future__ import annotations

import math

from core.domain.enums import N_REGIMES, Regime
from core.domain.memory import FloatArray
from core.domain.regimes import FEATURE_CLIP, N_FEATURES, N_VALUES, RegimeModel
from core.jit import njit

LEAST_VARIANCE = 1e-12
LARGEST_NUMBER = 1e12
"""Beyond these a number in a model is a mistake, and its density may not be a number."""
_LEAST_SCALE = 1e-100
_SUM_TOLERANCE = 1e-6
_START = 0
_TRANSITION = _START + N_REGIMES
_MEAN = _TRANSITION + N_REGIMES * N_REGIMES
_VARIANCE = _MEAN + N_REGIMES * N_FEATURES
_FEATURE_MEAN = _VARIANCE + N_REGIMES * N_FEATURES
_FEATURE_SCALE = _FEATURE_MEAN + N_FEATURES
_REGIME = _FEATURE_SCALE + N_FEATURES
_HALF_LN_2PI = 0.5 * math.log(2.0 * math.pi)


@njit
def load_regime_model(model: RegimeModel, values: FloatArray) -> int:
    """
    Replace the parameters of a model between two steps.

    What is known of the present goes along by name: the probability of TRENDING is the
    same before and after, whatever number the state has in the new model. `version`
    goes up by one, and the likelihood starts at 0.

    Args:
        model: One REGIME_MODEL record.
        values: float64, N_VALUES numbers or more, in the order that N_VALUES documents.

    Returns:
        1 if taken. 0, and nothing changes, if there are too few numbers, one is not
        finite, probabilities are negative or do not sum to 1, a variance or scale is
        not positive, or the states are not the three regimes, each once.
    """
    if not _is_valid(values):
        return 0
    first = 0.0
    second = 0.0
    third = 0.0
    if model.observations > 0:
        first = probability_of(model, Regime.TRENDING.value)
        second = probability_of(model, Regime.MEAN_REVERTING.value)
        third = probability_of(model, Regime.HIGH_VOLATILITY.value)
    start_sum = values[_START] + values[_START + 1] + values[_START + 2]
    for state in range(N_REGIMES):
        model.start[state] = values[_START + state] / start_sum
        _load_state(model, values, state)
        regime = model.regime_of_state[state]
        if model.observations == 0:
            model.alpha[state] = model.start[state]
        elif regime == Regime.TRENDING:
            model.alpha[state] = first
        elif regime == Regime.MEAN_REVERTING:
            model.alpha[state] = second
        else:
            model.alpha[state] = third
    for feature in range(N_FEATURES):
        model.feature_mean[feature] = values[_FEATURE_MEAN + feature]
        model.feature_scale[feature] = values[_FEATURE_SCALE + feature]
    model.version += 1
    model.log_likelihood = 0.0
    return 1


@njit
def _load_state(model: RegimeModel, values: FloatArray, state: int) -> None:
    row = _TRANSITION + N_REGIMES * state
    row_sum = values[row] + values[row + 1] + values[row + 2]
    for other in range(N_REGIMES):
        model.transition[state, other] = values[row + other] / row_sum
    log_normalizer = -N_FEATURES * _HALF_LN_2PI
    for feature in range(N_FEATURES):
        variance = values[_VARIANCE + N_FEATURES * state + feature]
        model.state_mean[state, feature] = values[_MEAN + N_FEATURES * state + feature]
        model.state_variance[state, feature] = variance
        model.inverse_variance[state, feature] = 1.0 / variance
        log_normalizer -= 0.5 * math.log(variance)
    model.log_normalizer[state] = log_normalizer
    model.regime_of_state[state] = int(values[_REGIME + state])


@njit
def _is_valid(values: FloatArray) -> bool:
    if len(values) < N_VALUES:
        return False
    for index in range(N_VALUES):
        # Written so that a NaN fails it.
        if not abs(values[index]) <= LARGEST_NUMBER:
            return False
    for state in range(N_REGIMES + 1):
        # The start, then the rows of the transition: they follow each other.
        row_sum = 0.0
        for other in range(N_REGIMES):
            probability = values[_START + N_REGIMES * state + other]
            if probability < 0.0:
                return False
            row_sum += probability
        if abs(row_sum - 1.0) > _SUM_TOLERANCE:
            return False
    for index in range(_VARIANCE, _FEATURE_MEAN):
        if values[index] < LEAST_VARIANCE:
            return False
    for index in range(_FEATURE_SCALE, _REGIME):
        if values[index] < _LEAST_SCALE:
            return False
    return _names_each_regime_once(values)


@njit
def _names_each_regime_once(values: FloatArray) -> bool:
    for regime in range(1, N_REGIMES + 1):
        found = 0
        for state in range(N_REGIMES):
            if values[_REGIME + state] == regime:
                found += 1
        if found != 1:
            return False
    return True


@njit
def advance(model: RegimeModel, features: FloatArray) -> None:
    """
    Filter one step: where the chain goes, then how well each state explains the features.

    Raw features are standardized and held within ±FEATURE_CLIP. If one is not finite,
    the step is a missing one: the chain moves, nothing is learned. Without a model
    nothing happens.

    Args:
        model: One REGIME_MODEL record; `alpha` and `log_likelihood` advance.
        features: float64, N_FEATURES raw features or more.
    """
    if model.version == 0:
        return
    if model.observations > 0:
        _predict(model)
    model.observations += 1
    for feature in range(N_FEATURES):
        if not math.isfinite(features[feature]):
            return
    _weigh(model, features)


@njit
def _predict(model: RegimeModel) -> None:
    alpha = model.alpha
    move = model.transition
    first = alpha[0] * move[0, 0] + alpha[1] * move[1, 0] + alpha[2] * move[2, 0]
    second = alpha[0] * move[0, 1] + alpha[1] * move[1, 1] + alpha[2] * move[2, 1]
    third = alpha[0] * move[0, 2] + alpha[1] * move[1, 2] + alpha[2] * move[2, 2]
    alpha[0] = first
    alpha[1] = second
    alpha[2] = third


@njit
def _weigh(model: RegimeModel, features: FloatArray) -> None:
    first = model.log_normalizer[0]
    second = model.log_normalizer[1]
    third = model.log_normalizer[2]
    for feature in range(N_FEATURES):
        value = (features[feature] - model.feature_mean[feature]) / model.feature_scale[feature]
        value = min(FEATURE_CLIP, max(-FEATURE_CLIP, value))
        off_first = value - model.state_mean[0, feature]
        off_second = value - model.state_mean[1, feature]
        off_third = value - model.state_mean[2, feature]
        first -= 0.5 * off_first * off_first * model.inverse_variance[0, feature]
        second -= 0.5 * off_second * off_second * model.inverse_variance[1, feature]
        third -= 0.5 * off_third * off_third * model.inverse_variance[2, feature]

    alpha = model.alpha
    # The largest exponent among the states that are possible at all: it becomes exp(0),
    # so the sum is never 0, however unlikely the features are.
    highest = -math.inf
    if alpha[0] > 0.0:
        highest = first
    if alpha[1] > 0.0:
        highest = max(highest, second)
    if alpha[2] > 0.0:
        highest = max(highest, third)
    alpha[0] = alpha[0] * math.exp(first - highest) if alpha[0] > 0.0 else 0.0
    alpha[1] = alpha[1] * math.exp(second - highest) if alpha[1] > 0.0 else 0.0
    alpha[2] = alpha[2] * math.exp(third - highest) if alpha[2] > 0.0 else 0.0
    total = alpha[0] + alpha[1] + alpha[2]
    alpha[0] /= total
    alpha[1] /= total
    alpha[2] /= total
    model.log_likelihood += highest + math.log(total)


@njit
def probability_of(model: RegimeModel, regime: int) -> float:
    """
    Give the filtered probability of a regime, by its Regime value.

    0 if no state bears the name, as when no model was ever loaded.
    """
    for state in range(N_REGIMES):
        if model.regime_of_state[state] == regime:
            return float(model.alpha[state])
    return 0.0
