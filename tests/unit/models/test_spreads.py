"""Baskets measured, pairs made ready to stream."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from core.domain.spreads import MAX_LEGS, SpreadKind, SpreadModel, SpreadReason, spread_values
from core.models.cointegration import PairFit
from core.models.refusal import Refusal
from core.models.spreads import BasketFit, basket_model, fit_basket, pair_model
from core.models.unit_roots import UnitRoot
from tests.unit.models.recorded import gift_basket

PAIR = PairFit(
    "A", "B", "", SpreadReason.NONE, bars=900, hedge=2.0, intercept=-40.0, spread_sd=3.0,
    half_life_bars=9.0, leg_mean=500.0, leg_sd=6.0,
)  # fmt: skip


def test_the_gift_basket_s_premium() -> None:
    """Mean, deviation, ADF and half-life as computed independently."""
    mids = gift_basket()
    legs = np.column_stack([mids["CHOCOLATE"], mids["STRAWBERRIES"], mids["ROSES"]])
    found = fit_basket(mids["GIFT_BASKET"], legs, [4, 6, 1])
    assert isinstance(found, BasketFit)
    assert (found.mean, found.sd) == pytest.approx((370.23, 85.29), abs=0.005)
    assert found.unit_root.statistic == pytest.approx(-3.62, abs=0.005)
    assert found.half_life_bars == pytest.approx(258, abs=0.5)
    assert found.rows == 10_000


def test_rows_without_every_price_are_left_out() -> None:
    rng = np.random.default_rng(2)
    legs = rng.normal(size=(300, 2)).cumsum(axis=0)
    target = legs @ [2.0, 3.0] + 7.0 + rng.normal(size=300)
    whole = fit_basket(target[20:], legs[20:], [2.0, 3.0])
    legs[:20, 1] = np.nan
    assert fit_basket(target, legs, [2.0, 3.0]) == whole


@pytest.mark.parametrize(
    ("target", "legs", "weights", "reason"),
    [
        (np.ones(200), np.ones((200, 2)), [1.0], "do not fit 200 bars and 1 weights"),
        (np.ones(200), np.ones(200), [1.0], "do not fit"),
        (np.ones(99), np.ones((99, 1)), [1.0], "only 99 bars"),
        (np.full(200, np.nan), np.ones((200, 1)), [1.0], "only 0 bars"),
        (np.full(200, 5.0), np.ones((200, 1)), [1.0], "that vary"),
    ],
)
def test_what_is_no_basket_is_refused(target, legs, weights, reason) -> None:
    found = fit_basket(target, legs, weights)
    assert isinstance(found, Refusal)
    assert reason in found.reason


def test_a_basket_sells_its_legs() -> None:
    fit = BasketFit(370.0, 80.0, UnitRoot(-3.6, 0.01, (-3.4, -2.9, -2.6)), 250.0, 10_000)
    model = basket_model(fit, [3, 0, 1], [4.0, 6.0])
    assert model.weights == [1.0, -4.0, -6.0]
    assert (model.mean_ticks, model.variance, model.half_life_bars) == (370.0, 6400.0, 250.0)
    assert model.reason == SpreadReason.NONE
    never = basket_model(replace(fit, half_life_bars=math.inf), [3, 0, 1], [4.0, 6.0])
    assert (never.reason, never.half_life_bars) == (SpreadReason.HALF_LIFE, 0.0)


def test_a_pair_starts_from_its_fit() -> None:
    model = pair_model(PAIR, 5, 2)
    assert isinstance(model, SpreadModel)
    assert model.instruments == [5, 2]
    assert model.weights == [1.0, -2.0]
    assert model.reference_ticks == 500.0
    assert model.intercept_ticks == -40.0 + 2.0 * 500.0
    assert model.observation_variance == 9.0
    # 900 bars are 100 looks at a spread with a half-life of nine.
    assert model.intercept_variance == pytest.approx(0.09)
    assert model.hedge_variance == pytest.approx(0.09 / 36)
    # A step of the intercept is a deviation spread over ten half-lives.
    assert model.intercept_noise == pytest.approx((3.0 / 90) ** 2)
    assert model.hedge_noise == pytest.approx((3.0 / 90 / 6) ** 2)


def test_a_pair_that_never_returns_is_loaded_to_be_shown_only() -> None:
    fit = replace(PAIR, half_life_bars=math.inf, code=SpreadReason.HALF_LIFE, reason="too long")
    model = pair_model(fit, 0, 1)
    assert isinstance(model, SpreadModel)
    assert model.reason == SpreadReason.HALF_LIFE
    assert np.isfinite(spread_values(model)).all()
    assert model.hedge_noise == 0.0


def test_a_pair_without_figures_is_refused() -> None:
    found = pair_model(PairFit("A", "B", "B never moves"), 0, 1)
    assert found == Refusal("A and B: B never moves")


@pytest.mark.parametrize("legs", [1, MAX_LEGS + 1])
def test_a_spread_has_two_to_eight_legs(legs) -> None:
    with pytest.raises(ValueError, match="2 to 8 legs"):
        spread_values(SpreadModel(SpreadKind.BASKET, range(legs), [1.0] * legs))


def test_every_leg_needs_a_weight() -> None:
    with pytest.raises(ValueError, match="not 3 with 2"):
        spread_values(SpreadModel(SpreadKind.BASKET, [0, 1, 2], [1.0, -1.0]))
