"""Pairs: found where they are, and rarely where they are not."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from core.domain.spreads import SpreadReason
from core.models.cointegration import MAX_ROWS, PairFit, PairsFit, _judge, fit_pairs
from core.models.refusal import Refusal
from core.models.unit_roots import UnitRoot, engle_granger
from tests.unit.models.recorded import gift_basket


def walks(rows, columns, seed):
    rng = np.random.default_rng(seed)
    return 1000.0 + rng.normal(size=(rows, columns)).cumsum(axis=0)


def returning(rows, persistence, seed):
    rng = np.random.default_rng(seed)
    spread = np.zeros(rows)
    for bar in range(1, rows):
        spread[bar] = persistence * spread[bar - 1] + rng.normal()
    return spread


def pairs_of(prices, names="ABCDEFGH", **options):
    found = fit_pairs(prices, list(names[: prices.shape[1]]), **options)
    assert isinstance(found, PairsFit)
    return found


def reason_of(found, *names):
    (pair,) = [pair for pair in found.pairs if {pair.target, pair.leg} == set(names)]
    return pair.reason


def test_a_true_pair_is_found_with_its_hedge_ratio() -> None:
    prices = walks(2000, 4, seed=1)
    prices[:, 2] = 300.0 + 2.5 * prices[:, 0] + returning(2000, 0.9, seed=3)
    found = pairs_of(prices)
    (pair,) = found.tradable
    hedge = 2.5 if pair.target == "C" else 0.4
    assert {pair.target, pair.leg} == {"A", "C"}
    assert pair.hedge == pytest.approx(hedge, rel=0.01)
    assert pair.half_life_bars == pytest.approx(math.log(2) / -math.log(0.9), rel=0.25)
    assert pair.code == SpreadReason.NONE
    assert found.pairs[0] == pair
    assert len(found.pairs) == 6


def test_figures_are_those_of_least_squares() -> None:
    prices = walks(400, 2, seed=5)
    (pair,) = pairs_of(prices).pairs
    columns = {"A": prices[:, 0], "B": prices[:, 1]}
    target, leg = columns[pair.target], columns[pair.leg]
    design = np.column_stack([leg, np.ones(400)])
    (hedge, intercept), *_ = np.linalg.lstsq(design, target, rcond=None)
    spread = target - hedge * leg - intercept
    tests = [engle_granger(target, leg, 1), engle_granger(leg, target, 1)]
    assert all(isinstance(test, UnitRoot) for test in tests)
    assert tests[0].p_value <= tests[1].p_value
    assert pair.p_value == pytest.approx(min(1.0, 2 * tests[0].p_value))
    assert pair.statistic == tests[0].statistic
    assert (pair.hedge, pair.intercept) == pytest.approx((hedge, intercept))
    assert pair.spread_sd == pytest.approx(spread.std())
    assert (pair.leg_mean, pair.leg_sd) == pytest.approx((leg.mean(), leg.std()))
    assert pair.bars == 400


def test_false_finds_stay_rare() -> None:
    """40 markets of 15 unrelated pairs: unadjusted, nearly every second would show a pair."""
    lucky, unadjusted = 0, 0
    for seed in range(40):
        found = pairs_of(walks(300, 6, seed=100 + seed))
        lucky += bool(found.tradable)
        unadjusted += any(pair.p_value <= 0.05 for pair in found.pairs)
    assert lucky <= 4
    assert unadjusted > 2 * lucky


def test_the_adjustment_is_benjamini_and_hochberg_s() -> None:
    found = pairs_of(walks(300, 6, seed=7))
    raw = [pair.p_value for pair in found.pairs]
    expected = multipletests(raw, method="fdr_bh")[1]
    assert [pair.adjusted_p_value for pair in found.pairs] == pytest.approx(expected)


def test_the_gift_basket_s_parts_are_no_pairs() -> None:
    mids = gift_basket()
    found = pairs_of(np.column_stack(list(mids.values())), "CSRG")
    assert found.tradable == ()
    assert all("not cointegrated" in pair.reason for pair in found.pairs)


def test_each_fault_has_its_reason() -> None:
    prices = walks(600, 8, seed=21)
    prices[:, 1] = 50.0
    prices[:, 2] = 100.0 + returning(600, 0.3, seed=22)
    prices[:, 3] = walks(600, 1, seed=23)[:, 0].cumsum() / 10
    prices[:550, 4] = np.nan
    prices[:, 5] = 7.0 * prices[:, 0]
    prices[:320, 6] = np.nan
    prices[300:, 7] = np.nan
    found = pairs_of(prices)
    assert reason_of(found, "A", "B") == "B never moves"
    assert "C returns to its mean by itself" in reason_of(found, "A", "C")
    assert "D is not integrated of order one" in reason_of(found, "A", "D")
    assert reason_of(found, "A", "E") == "E has only 50 prices"
    assert reason_of(found, "A", "F") == "the two are the same series, scaled"
    assert reason_of(found, "G", "H") == "only 0 bars have both prices"
    assert len(found.pairs) == 28


def test_a_spread_that_is_only_noise_is_no_trade() -> None:
    """Cointegrated beyond doubt, and back before an order could be there."""
    rng = np.random.default_rng(31)
    common = 1000.0 + 5.0 * rng.normal(size=400).cumsum()
    prices = np.column_stack([common, 2.0 * common + 0.5 * returning(400, 0.2, seed=32)])
    fast = pairs_of(prices).pairs[0]
    assert fast.half_life_bars < 1.0
    assert "too short" in fast.reason
    assert fast.code == SpreadReason.HALF_LIFE


PAIR = PairFit(
    "A", "B", "", bars=900, p_value=0.001, adjusted_p_value=0.004, trace=40.0, trace_critical=15.5,
    hedge=2.0, spread_sd=3.0, half_life_bars=9.0, leg_sd=6.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code", "reason"),
    [
        ({}, SpreadReason.NONE, ""),
        ({"adjusted_p_value": 0.051}, SpreadReason.NOT_COINTEGRATED, "adjusted p 0.051 > 0.05"),
        ({"trace": 15.4}, SpreadReason.NOT_COINTEGRATED, "Johansen trace 15.4 <= 15.5"),
        ({"hedge": -0.04}, SpreadReason.NOT_COINTEGRATED, "leaves 92% of the target unexplained"),
        ({"hedge": -2.0}, SpreadReason.NONE, ""),
        ({"half_life_bars": 91.0}, SpreadReason.HALF_LIFE, "91 bars is too long"),
        ({"half_life_bars": math.inf}, SpreadReason.HALF_LIFE, "too long"),
        ({"half_life_bars": 89.0}, SpreadReason.NONE, ""),
        ({"half_life_bars": 0.9}, SpreadReason.HALF_LIFE, "0.9 bars is too short"),
    ],
)
def test_a_pair_is_judged_by_its_figures(changes, code, reason) -> None:
    judged = _judge(replace(PAIR, **changes), 0.05)
    assert judged.code == code
    assert reason in judged.reason
    assert judged.is_tradable == (code == SpreadReason.NONE)


def test_a_straight_line_is_named() -> None:
    prices = walks(300, 2, seed=44)
    prices[:, 1] = np.arange(300.0)
    assert reason_of(pairs_of(prices), "A", "B").startswith("B cannot be tested")


def test_gaps_cost_only_their_rows() -> None:
    prices = walks(1500, 2, seed=51)
    prices[:, 1] = 20.0 + 0.5 * prices[:, 0] + returning(1500, 0.85, seed=52)
    prices[100:130, 0] = np.nan
    prices[700:710, 1] = np.inf
    (pair,) = pairs_of(prices).tradable
    assert pair.bars == 1460


def test_an_outlier_loses_nothing_but_its_pair() -> None:
    prices = walks(800, 3, seed=61)
    prices[400, 0] = 1e9
    assert len(pairs_of(prices).pairs) == 3


def test_long_series_are_thinned_and_bars_stay_bars() -> None:
    rows = 3 * MAX_ROWS
    prices = walks(rows, 2, seed=71)
    prices[:, 1] = 900.0 + 1.5 * prices[:, 0] + returning(rows, 0.99, seed=72)
    (pair,) = pairs_of(prices).tradable
    assert pair.bars == rows
    assert pair.half_life_bars == pytest.approx(math.log(2) / -math.log(0.99), rel=0.25)


@pytest.mark.parametrize(
    ("prices", "names", "reason"),
    [
        (np.ones((200, 3)), ["A", "B"], "do not fit 2 names"),
        (np.ones(200), ["A"], "do not fit 1 names"),
        (np.ones((200, 1)), ["A"], "two instruments"),
        (np.ones((99, 2)), ["A", "B"], "99 bars are too few"),
    ],
)
def test_what_cannot_be_tested_is_refused(prices, names, reason) -> None:
    found = fit_pairs(prices, names)
    assert isinstance(found, Refusal)
    assert reason in found.reason


def test_a_stricter_limit_is_obeyed() -> None:
    prices = walks(2000, 2, seed=1)
    prices[:, 1] = 300.0 + 2.5 * prices[:, 0] + returning(2000, 0.9, seed=2)
    (pair,) = pairs_of(prices, max_p=1e-300).pairs
    assert pair.reason.startswith("not cointegrated: adjusted p")
    assert pair.code == SpreadReason.NOT_COINTEGRATED
