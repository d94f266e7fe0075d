"""The row of one regime model: a hidden Markov chain of three states, and where it may be."""

from __future__ import annotations

from typing import Annotated, Protocol

import numpy as np

from core.domain.enums import N_REGIMES
from core.domain.memory import F64, I64, FloatArray, IntArray, dtype_of

N_FEATURES = 3
"""Return, logarithm of volatility, autocorrelation of returns: in this order."""

FEATURE_CLIP = 8.0
"""Standardized features are held within ±8, in the fit and in the stream alike."""

N_VALUES = 2 * N_REGIMES + N_REGIMES**2 + 2 * N_REGIMES * N_FEATURES + 2 * N_FEATURES
"""
Numbers that carry a model, row by row: start, transition, state_mean, state_variance,
feature_mean, feature_scale, regime_of_state.
"""

_States = Annotated[FloatArray, np.float64, N_REGIMES]
_StatePairs = Annotated[FloatArray, np.float64, N_REGIMES, N_REGIMES]
_StateFeatures = Annotated[FloatArray, np.float64, N_REGIMES, N_FEATURES]
_Features = Annotated[FloatArray, np.float64, N_FEATURES]
_StateNames = Annotated[IntArray, np.int64, N_REGIMES]


class RegimeModel(Protocol):
    """
    A Gaussian hidden Markov model with diagonal covariance, and its filter.

    Means and variances are those of standardized features, (x - feature_mean) /
    feature_scale. States are numbered as the fit numbered them; `regime_of_state`
    names them.
    """

    start: _States
    transition: _StatePairs
    """[from, to]: each row sums to 1."""
    state_mean: _StateFeatures
    """[state, feature]. (NumPy records have a `mean` of their own.)"""
    state_variance: _StateFeatures
    feature_mean: _Features
    feature_scale: _Features
    regime_of_state: _StateNames
    """A Regime for each state, each once."""
    inverse_variance: _StateFeatures
    log_normalizer: _States
    """Logarithm of each state's density at its mean."""

    version: I64
    """Models loaded so far; 0 while there is none."""
    fitted_ts_ns: I64
    """When the model was fitted; whoever loads it says."""
    observations: I64
    """Steps filtered, missing ones included, under any model."""
    alpha: _States
    """Probability of each state given everything seen so far."""
    log_likelihood: F64
    """Of the standardized features seen since the model was loaded."""


REGIME_MODEL = dtype_of(RegimeModel)
