"""Spreads in the kernel: baskets, pairs, and when they may be traded."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pykalman import KalmanFilter

from core.domain.memory import allocate
from core.domain.records import INSTRUMENT_STATE
from core.domain.spreads import (
    N_SPREAD_VALUES,
    SPREAD,
    SpreadKind,
    SpreadModel,
    SpreadReason,
    SpreadState,
    spread_values,
)
from core.kernel.spread import (
    BREAK_BARS,
    RETURN_BARS,
    WARM_UP_BARS,
    load_spread,
    spread_signal,
    spread_value,
    update_spread,
)

# Asymmetric on purpose: the target is not instrument 0, and the legs are out of order.
BASKET = {
    "kind": SpreadKind.BASKET, "instruments": [2, 0, 3], "weights": [1.0, -4.0, -0.5],
}  # fmt: skip
FITTED = {**BASKET, "is_fitted": True, "mean_ticks": 30.0, "variance": 16.0, "half_life_bars": 20.0}
PAIR = {
    "kind": SpreadKind.PAIR, "instruments": [1, 3], "weights": [1.0, -2.0], "is_fitted": True,
    "half_life_bars": 10.0, "intercept_ticks": 1040.0, "reference_ticks": 500.0,
    "hedge_variance": 0.02, "covariance": 0.01, "intercept_variance": 5.0,
    "hedge_noise": 1e-4, "intercept_noise": 0.01, "observation_variance": 9.0,
}  # fmt: skip


class SpreadRig:
    """One spread over four instruments whose mids are set by hand."""

    def __init__(self, **model):
        self.instruments = allocate(INSTRUMENT_STATE, 4)
        self.rows = allocate(SPREAD, 1)
        self.spread = self.rows[0]
        assert load_spread(self.spread, spread_values(SpreadModel(**model)), 4) == 1

    def mids(self, *mids):
        for instrument, mid in zip(self.instruments, mids, strict=True):
            instrument["mid2_ticks"] = round(2 * mid)

    def premium(self, value):
        """Legs at 100 and 60: the target is worth 430 plus the premium."""
        self.mids(100, 7, 430 + value, 60)
        update_spread(self.spread, self.instruments)

    def pair(self, target, leg):
        self.mids(9, target, 8, leg)
        update_spread(self.spread, self.instruments)

    def __getattr__(self, name):
        return self.rows[name][0]


def test_a_premium_is_the_target_less_its_parts() -> None:
    rig = SpreadRig(**BASKET)
    rig.mids(100.5, 7, 450, 60)
    assert spread_value(rig.spread, rig.instruments) == 450 - 4 * 100.5 - 0.5 * 60


def test_a_leg_without_a_price_leaves_nothing_to_say() -> None:
    rig = SpreadRig(**FITTED)
    rig.premium(34)
    assert spread_signal(rig.spread) < 0
    before = float(rig.mean_ticks)
    rig.mids(100, 7, 464, 0)
    assert math.isnan(spread_value(rig.spread, rig.instruments))
    update_spread(rig.spread, rig.instruments)
    assert (rig.missing_bars, rig.observations, rig.mean_ticks) == (1, 1, before)
    assert spread_signal(rig.spread) == 0.0
    rig.premium(34)
    assert rig.missing_bars == 0
    assert spread_signal(rig.spread) < 0


def test_a_fitted_basket_trades_from_its_first_bar() -> None:
    """Six over a deviation of four; the mean moves by a two-hundredth, ten half-lives."""
    rig = SpreadRig(**FITTED)
    rig.premium(36)
    assert rig.z == pytest.approx(1.5)
    assert rig.state == SpreadState.TRADING
    assert spread_signal(rig.spread) == pytest.approx(-0.6)
    assert rig.mean_ticks == pytest.approx(30.0 + 6.0 / 200)
    assert rig.variance == pytest.approx((1 - 1 / 200) * (16.0 + 36.0 / 200))


@pytest.mark.parametrize(("premium", "signal"), [(20, 1.0), (40, -1.0), (30, 0.0)])
def test_a_rich_target_is_sold_and_a_cheap_one_bought(premium, signal) -> None:
    rig = SpreadRig(**FITTED)
    rig.premium(premium)
    assert spread_signal(rig.spread) == signal


def test_an_unfitted_basket_learns_mean_and_variance_first() -> None:
    rig = SpreadRig(**BASKET)
    premiums = np.random.default_rng(5).integers(-40, 60, WARM_UP_BARS + 1).astype(float)
    for premium in premiums[:-1]:
        rig.premium(premium)
        assert rig.state == SpreadState.WARMING
        assert spread_signal(rig.spread) == 0.0
    assert rig.mean_ticks == pytest.approx(premiums[:-1].mean())
    assert rig.variance == pytest.approx(premiums[:-1].var())
    rig.premium(premiums[-1])
    assert rig.state == SpreadState.TRADING
    z = (premiums[-1] - premiums[:-1].mean()) / premiums[:-1].std()
    assert rig.z == pytest.approx(z)
    assert spread_signal(rig.spread) == pytest.approx(np.clip(-z / 2.5, -1, 1))


def test_an_unfitted_basket_remembers_a_thousand_bars() -> None:
    rig = SpreadRig(**BASKET)
    for bar in range(1200):
        rig.premium(10.0 + bar % 3)
    before = float(rig.mean_ticks)
    rig.premium(13)
    assert rig.mean_ticks == pytest.approx(before + (13 - before) / 1000)


def test_a_premium_that_never_moves_says_nothing() -> None:
    rig = SpreadRig(**BASKET)
    for _ in range(WARM_UP_BARS + 10):
        rig.premium(5)
    assert (rig.z, spread_signal(rig.spread)) == (0.0, 0.0)
    rig.premium(6)
    assert math.isfinite(rig.z)


def test_a_wild_bar_moves_the_mean_no_more_than_four_deviations() -> None:
    rig = SpreadRig(**FITTED)
    rig.premium(4_000_030)
    assert rig.mean_ticks == pytest.approx(30.0 + 16.0 / 200)
    assert rig.variance == pytest.approx((1 - 1 / 200) * (16.0 + 256.0 / 200))
    assert rig.z == 1e6
    assert spread_signal(rig.spread) == -1.0


def test_the_memory_is_never_shorter_than_the_warm_up() -> None:
    rig = SpreadRig(**{**FITTED, "half_life_bars": 2.0})
    rig.premium(36)
    assert rig.mean_ticks == pytest.approx(30.0 + 6.0 / WARM_UP_BARS)


@pytest.mark.parametrize("far", [60, -7])
def test_a_broken_spread_is_suspended_and_comes_back(far) -> None:
    """Far for twenty bars: out. Sound for fifty: in again, with its history kept."""
    rig = SpreadRig(**{**FITTED, "half_life_bars": 1000.0})
    for _ in range(BREAK_BARS - 1):
        rig.premium(far)
        assert rig.state == SpreadState.TRADING
    rig.premium(far)
    assert (rig.state, rig.reason) == (SpreadState.SUSPENDED, SpreadReason.BROKEN)
    assert (rig.suspensions, spread_signal(rig.spread)) == (1, 0.0)
    for _ in range(RETURN_BARS - 1):
        rig.premium(32)
        assert rig.state == SpreadState.SUSPENDED
        assert rig.reason == SpreadReason.BROKEN
    rig.premium(32)
    assert (rig.state, rig.reason) == (SpreadState.TRADING, SpreadReason.NONE)
    assert spread_signal(rig.spread) != 0


def test_a_far_bar_starts_the_return_over() -> None:
    rig = SpreadRig(**{**FITTED, "half_life_bars": 1000.0})
    for _ in range(BREAK_BARS + 3):
        rig.premium(60)
    assert rig.suspensions == 1
    for premium in [30] * (RETURN_BARS - 1) + [60] + [30] * (RETURN_BARS - 1):
        rig.premium(premium)
        assert rig.state == SpreadState.SUSPENDED
    rig.premium(30)
    assert rig.state == SpreadState.TRADING


def test_a_near_bar_forgives_the_far_ones() -> None:
    rig = SpreadRig(**{**FITTED, "half_life_bars": 1000.0})
    for premium in ([60] * (BREAK_BARS - 1) + [30]) * 3:
        rig.premium(premium)
    assert (rig.state, rig.suspensions) == (SpreadState.TRADING, 0)


@pytest.mark.parametrize("reason", [SpreadReason.NOT_COINTEGRATED, SpreadReason.HALF_LIFE])
def test_what_the_fit_refused_only_a_fit_brings_back(reason) -> None:
    rig = SpreadRig(**FITTED, reason=reason)
    for _ in range(RETURN_BARS + 10):
        rig.premium(34)
    assert (rig.state, rig.reason) == (SpreadState.SUSPENDED, reason)
    assert rig.z > 0
    assert spread_signal(rig.spread) == 0.0
    assert load_spread(rig.spread, spread_values(SpreadModel(**FITTED)), 4) == 1
    rig.premium(34)
    assert rig.state == SpreadState.TRADING


def pair_path(bars, seed):
    """Targets and legs on the half-tick grid, with a hedge ratio that drifts."""
    rng = np.random.default_rng(seed)
    legs = np.round(2 * (500 + rng.normal(size=bars).cumsum())) / 2
    hedges = 2.0 + 0.3 * np.sin(np.arange(bars) / 40)
    targets = hedges * (legs - 500) + 1040 + rng.uniform(-5, 5, bars)
    return np.round(2 * targets) / 2, legs


@pytest.mark.parametrize("missing", [(), (0, 1, 17, 18, 19, 60)])
def test_the_regression_is_pykalman_s(missing) -> None:
    """A time-varying observation row, random-walk coefficients, gaps in between."""
    targets, legs = pair_path(150, seed=8)
    rig = SpreadRig(**PAIR)
    observed = np.ma.masked_array(targets, mask=np.isin(np.arange(150), missing))
    oracle = KalmanFilter(
        transition_matrices=np.eye(2),
        observation_matrices=np.stack([legs - 500, np.ones(150)], axis=1)[:, None, :],
        transition_covariance=np.diag([1e-4, 0.01]),
        observation_covariance=[[9.0]],
        initial_state_mean=[2.0, 1040.0],
        initial_state_covariance=[[0.02, 0.01], [0.01, 5.0]],
    )
    means, covariances = oracle.filter(observed)
    for bar, (target, leg) in enumerate(zip(targets, legs, strict=True)):
        rig.pair(0 if bar in missing else target, leg)
        assert [rig.hedge, rig.intercept_ticks] == pytest.approx(means[bar], rel=1e-9)
        ours = [rig.hedge_variance, rig.covariance, rig.intercept_variance]
        assert ours == pytest.approx(covariances[bar][[0, 0, 1], [0, 1, 1]], rel=1e-9)
    assert rig.observations == 150 - len(missing)
    assert rig.leg_weight[1] == -rig.hedge


def test_a_pair_s_z_is_its_innovation_in_deviations() -> None:
    rig = SpreadRig(**PAIR)
    rig.pair(1065.0, 510.0)
    variance = 100 * 0.02 + 2 * 10 * 0.01 + 5.0 + 9.0
    assert rig.value_ticks == rig.innovation_ticks == 1065 - 2 * 10 - 1040
    assert rig.innovation_variance == pytest.approx(variance)
    assert rig.z == pytest.approx(5.0 / math.sqrt(variance))
    assert spread_signal(rig.spread) == pytest.approx(-5.0 / math.sqrt(variance) / 2.5)


def test_an_outlier_bends_a_pair_no_more_than_four_deviations_do() -> None:
    wild, bound = SpreadRig(**PAIR), SpreadRig(**PAIR)
    deviation = math.sqrt(14.0)
    wild.pair(1040 + 1e9, 500)
    bound.pair(1040 + 14, 500)
    assert wild.intercept_ticks == pytest.approx(
        1040 + (bound.intercept_ticks - 1040) * 4 * deviation / 14
    )
    assert wild.z == pytest.approx(1e9 / deviation)
    assert wild.hedge_variance == bound.hedge_variance


def test_a_hedge_that_changes_its_sign_is_unstable() -> None:
    rig = SpreadRig(**{**PAIR, "hedge_noise": 0.05})
    rng = np.random.default_rng(3)
    for leg in 500 + 20 * rng.normal(size=40):
        rig.pair(1040 - 2.0 * (leg - 500), leg)
    assert rig.hedge < 0
    assert (rig.state, rig.reason) == (SpreadState.SUSPENDED, SpreadReason.HEDGE_UNSTABLE)
    assert spread_signal(rig.spread) == 0.0
    for leg in 500 + 20 * rng.normal(size=RETURN_BARS + 40):
        rig.pair(1040 + 2.0 * (leg - 500), leg)
    assert (rig.state, rig.suspensions) == (SpreadState.TRADING, 1)


def test_a_pair_that_was_fitted_with_a_negative_hedge_may_keep_it() -> None:
    rig = SpreadRig(**{**PAIR, "weights": [1.0, 2.0]})
    rig.pair(1030, 503)
    assert rig.hedge < 0
    assert rig.state == SpreadState.TRADING


def test_an_empty_row_stays_empty() -> None:
    row = allocate(SPREAD, 1)
    instruments = allocate(INSTRUMENT_STATE, 1)
    before = row.tobytes()
    update_spread(row[0], instruments)
    assert row.tobytes() == before
    assert spread_signal(row[0]) == 0.0


def damaged(base, index, value):
    values = spread_values(SpreadModel(**base))
    values[index] = value
    return values


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(N_SPREAD_VALUES - 1),
        np.zeros(N_SPREAD_VALUES),
        damaged(FITTED, 0, 2.0),
        damaged(FITTED, 1, 1.0),
        damaged(FITTED, 1, 9.0),
        damaged(FITTED, 1, 2.5),
        damaged(FITTED, 2, 5.0),
        damaged(FITTED, 2, -1.0),
        damaged(FITTED, 2, 0.5),
        damaged(FITTED, 3, 0.5),
        damaged(FITTED, 4, -1.0),
        damaged(FITTED, 6, 4.0),
        damaged(FITTED, 6, -1.0),
        damaged(FITTED, 6, 0.5),
        damaged(FITTED, 13, 2.0),
        damaged(FITTED, 21, math.nan),
        damaged(FITTED, 22, 0.0),
        damaged(FITTED, 22, -1.0),
        damaged(PAIR, 1, 3.0),
        damaged(PAIR, 3, 0.0),
        damaged(PAIR, 25, -1e-9),
        damaged(PAIR, 27, -1e-9),
        damaged(PAIR, 28, -1e-9),
        damaged(PAIR, 29, -1e-9),
        damaged(PAIR, 30, 0.0),
        damaged(PAIR, 30, math.inf),
    ],
)
def test_numbers_that_make_no_spread_change_nothing(values) -> None:
    rig = SpreadRig(**FITTED)
    rig.premium(33)
    before = rig.rows.tobytes()
    assert load_spread(rig.spread, values, 4) == 0
    assert rig.rows.tobytes() == before


def test_a_longer_update_is_read_as_far_as_it_concerns_a_spread() -> None:
    rig = SpreadRig(**BASKET)
    values = np.concatenate([spread_values(SpreadModel(**PAIR)), np.full(9, np.nan)])
    assert load_spread(rig.spread, values, 4) == 1
    assert (rig.kind, rig.legs, rig.fitted_hedge) == (SpreadKind.PAIR, 2, 2.0)
    assert rig.leg_instrument[:2].tolist() == [1, 3]
