"""Level, momentum, volatility, against NumPy, pykalman and published figures."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from core.domain.memory import allocate
from core.domain.records import INSTRUMENT_STATE, WINDOW
from core.kernel.features import update_features
from tests.unit.kernel.kernel_rig import make_params

DATA = Path(os.environ.get("IMC_COCKPIT_DATA", Path(__file__).parents[4] / "shared" / "data"))


def run_mids(mid2: list[int], noise_ratio: float = 0.05):
    """Feed books whose bid + ask is `mid2`, one tick or two wide."""
    instrument = allocate(INSTRUMENT_STATE, 1)[0]
    params = make_params(kalman_noise_ratio=noise_ratio)[0]
    levels = []
    for total in mid2:
        instrument["bid_ticks"][0] = (total - 1) // 2
        instrument["ask_ticks"][0] = total - (total - 1) // 2
        update_features(instrument, params)
        levels.append(float(instrument["level_ticks"]))
    return instrument, np.array(levels)


def random_walk(length: int, seed: int) -> list[int]:
    return (20_000 + np.random.default_rng(seed).integers(-3, 4, length).cumsum()).tolist()


def test_momentum_and_volatility_look_back_exactly_one_window() -> None:
    """Running sums equal what NumPy finds in the last 20 changes."""
    path = random_walk(90, seed=4)
    instrument, _ = run_mids(path)
    changes = np.diff(path)[-WINDOW:] / 2
    assert instrument["momentum_ticks"] == pytest.approx(changes.sum(), abs=1e-12)
    assert instrument["volatility_ticks"] == pytest.approx(changes.std(), abs=1e-12)
    assert instrument["efficiency"] == pytest.approx(
        abs(changes.sum()) / np.abs(changes).sum(), abs=1e-12
    )


def test_the_level_is_the_local_level_filter_of_pykalman() -> None:
    """Same path, same ratio of noises: the library's filtered means to 1e-9."""
    from pykalman import KalmanFilter

    path = random_walk(200, seed=9)
    mids = np.array(path) / 2
    _, levels = run_mids(path, noise_ratio=0.08)
    oracle = KalmanFilter(
        transition_matrices=[[1.0]],
        observation_matrices=[[1.0]],
        transition_covariance=[[0.08]],
        observation_covariance=[[1.0]],
        # The first observation starts our level with one unit of variance, and is then
        # filtered like any other.
        initial_state_mean=[mids[0]],
        initial_state_covariance=[[1.08]],
    )
    means, _ = oracle.filter(mids)
    assert np.abs(means[:, 0] - levels).max() < 1e-9


def test_the_gain_settles_where_durbin_and_koopman_say() -> None:
    """Nile: q = 1469.1 / 15099 has the steady-state gain 0.2670480."""
    instrument, _ = run_mids(random_walk(400, seed=2), noise_ratio=1469.1 / 15099)
    assert instrument["kalman_gain"] == pytest.approx(0.2670480, abs=1e-6)


def test_a_still_market_has_no_volatility_and_no_direction() -> None:
    instrument, levels = run_mids([6_803] * 50)
    assert instrument["volatility_ticks"] == 0.0
    assert instrument["momentum_ticks"] == 0.0
    assert instrument["efficiency"] == 0.0
    assert levels[-1] == 3_401.5
