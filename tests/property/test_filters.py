"""The streaming filters are the libraries' own, for any model."""

from __future__ import annotations

import math
import os

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.filters import KALMAN_FILTER
from core.domain.memory import allocate
from core.domain.regimes import REGIME_MODEL
from core.kernel.hmm import advance, load_regime_model
from core.kernel.kalman import observe, set_noise

EXAMPLES = 15 if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0") else 60

variances = st.floats(-4, 4).map(lambda exponent: 10.0**exponent)


@settings(max_examples=EXAMPLES)
@given(
    observation=variances,
    level=variances,
    slope=variances,
    trend=st.booleans(),
    share_missing=st.floats(0, 0.6),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_stream_is_pykalman_s_filter(
    observation, level, slope, trend, share_missing, seed
) -> None:
    """
    Means and covariances after every observation, to 1e-9 of their size.

    pykalman has no exact diffuse start: it is handed the state after the first
    observation (with a trend, the second), one step ahead.
    """
    from pykalman import KalmanFilter

    generator = np.random.default_rng(seed)
    scale = math.sqrt(observation + level)
    values = scale * generator.normal(size=40).cumsum()
    values[2:][generator.random(38) < share_missing] = np.nan
    kalman = allocate(KALMAN_FILTER, 1)[0]
    assert set_noise(kalman, observation, level, slope, int(trend), 1, 0.02)
    head = 2 if trend else 1
    for value in values[:head]:
        observe(kalman, float(value))
    size = 2 if trend else 1
    move = np.array([[1.0, 1.0], [0.0, 1.0]])[:size, :size]
    noise = np.diag([level, slope])[:size, :size]
    oracle = KalmanFilter(
        transition_matrices=move,
        observation_matrices=np.eye(1, size),
        transition_covariance=noise,
        observation_covariance=[[observation]],
        initial_state_mean=move @ state(kalman)[:size],
        initial_state_covariance=move @ covariance(kalman)[:size, :size] @ move.T + noise,
    )
    means, covariances = oracle.filter(np.ma.masked_invalid(values[head:]))
    for value, mean, expected in zip(values[head:], means, covariances, strict=True):
        observe(kalman, float(value))
        size_of_all = max(1.0, np.abs(means).max())
        assert np.abs(state(kalman)[:size] - mean).max() < 1e-9 * size_of_all
        gap = np.abs(covariance(kalman)[:size, :size] - expected).max()
        assert gap < 1e-9 * max(1.0, np.abs(covariances).max())


def state(kalman):
    return np.array([kalman["level"], kalman["slope"]])


def covariance(kalman):
    return np.array(
        [[kalman["p_level"], kalman["p_cross"]], [kalman["p_cross"], kalman["p_slope"]]]
    )


@settings(max_examples=EXAMPLES)
@given(seed=st.integers(0, 2**32 - 1), spread=st.floats(0.05, 4), sticky=st.floats(0.2, 30))
def test_the_stream_is_hmmlearn_s_forward_filter(seed, spread, sticky) -> None:
    """On every prefix: the last row of predict_proba, and the score, to 1e-9."""
    from hmmlearn.hmm import GaussianHMM

    generator = np.random.default_rng(seed)
    oracle = GaussianHMM(3, "diag")
    oracle.startprob_ = generator.dirichlet(np.ones(3))
    oracle.transmat_ = np.array([generator.dirichlet(1 + sticky * np.eye(3)[i]) for i in range(3)])
    oracle.means_ = spread * generator.normal(size=(3, 3))
    oracle.covars_ = generator.uniform(0.05, 3.0, size=(3, 3))
    standard = np.clip(oracle.sample(25, random_state=seed % 2**31)[0], -8, 8)
    location, scale = generator.normal(size=3), generator.uniform(0.01, 50.0, size=3)
    values = np.concatenate(
        [
            oracle.startprob_, oracle.transmat_.ravel(), oracle.means_.ravel(),
            np.diagonal(oracle.covars_, axis1=1, axis2=2).ravel(), location, scale,
            generator.permutation([1.0, 2.0, 3.0]),
        ]
    )  # fmt: skip
    model = allocate(REGIME_MODEL, 1)[0]
    assert load_regime_model(model, values)
    for length, row in enumerate(location + scale * standard, start=1):
        advance(model, row)
        last = oracle.predict_proba(standard[:length])[-1]
        assert np.abs(model["alpha"] - last).max() < 1e-9
        assert abs(model["alpha"].sum() - 1.0) < 1e-14
        assert abs(model["log_likelihood"] - oracle.score(standard[:length])) < 1e-9 * 25
