"""Bands and ranks against scipy, scikit-learn and statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from sklearn.metrics import roc_auc_score
from statsmodels.stats.multitest import multipletests

from core.research.inference import (
    area_under_curve,
    by_cluster,
    correlation,
    cosines,
    cut_outliers,
    deviation_of_mean,
    estimate,
    false_discovery,
    panel_correlation,
    panel_value,
)
from tests.unit.research.markets import autoregression


@given(
    hnp.arrays(np.int64, st.integers(4, 60), elements=st.integers(-5, 5)),
    st.integers(0, 2**32 - 1),
)
def test_the_auc_is_that_of_scikit_learn_and_of_mann_and_whitney(scores, seed):
    is_positive = np.random.default_rng(seed).random(len(scores)) < 0.4
    is_positive[:2] = [True, False]
    area, influence = area_under_curve(scores.astype(float), is_positive)
    assert area == pytest.approx(roc_auc_score(is_positive, scores), abs=1e-12)
    u = stats.mannwhitneyu(scores[is_positive], scores[~is_positive], method="asymptotic").statistic
    pairs = np.count_nonzero(is_positive) * np.count_nonzero(~is_positive)
    assert area == pytest.approx(u / pairs, abs=1e-12)
    assert np.mean(influence) == pytest.approx(0.0, abs=1e-12)


def test_the_influence_on_the_auc_gives_delongs_variance():
    """Var = S10 / m + S01 / n, with the sample variances of the placements."""
    rng = np.random.default_rng(3)
    rises, falls = rng.normal(0.6, 1.0, 300), rng.normal(0.0, 1.5, 500)
    over = (rises[:, None] > falls[None, :]).astype(float)
    delong = np.var(over.mean(1), ddof=1) / 300 + np.var(over.mean(0), ddof=1) / 500
    _, influence = area_under_curve(np.append(rises, falls), np.arange(800) < 300)
    assert np.mean(influence**2) / 800 == pytest.approx(delong, rel=0.005)


def test_adjusted_p_values_are_those_of_statsmodels():
    p_values = np.random.default_rng(4).random(40) ** 3
    expected = multipletests(p_values, method="fdr_bh")[1]
    assert false_discovery(p_values) == pytest.approx(expected, abs=1e-14)


def test_without_autocorrelation_the_error_is_the_usual_one():
    values = np.random.default_rng(5).standard_normal(20_000)
    assert deviation_of_mean(values, cosines(20_000)) == pytest.approx(
        1 / math.sqrt(20_000), rel=0.1
    )


def test_an_autocorrelated_mean_is_as_uncertain_as_theory_says():
    """The long-run variance of an AR(1) is (1 + w) / (1 - w) times its variance."""
    values = autoregression(np.random.default_rng(6), 40_000, 0.8)
    expected = math.sqrt(9.0 / 40_000)
    assert deviation_of_mean(values, cosines(40_000)) == pytest.approx(expected, rel=0.15)


def test_the_band_of_a_correlation_covers_as_often_as_it_says():
    """Two independent AR(1) series of 500: r = 0 lies outside of 5 % of the bands, not 40 %."""
    missed = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        found = correlation(autoregression(rng, 500, 0.7), autoregression(rng, 500, 0.9))
        missed += not found.low <= 0.0 <= found.high
    assert missed / 400 < 0.09


def test_the_band_respects_overlapping_returns():
    """A signal that lasts, on a random walk's returns over 50 steps: chance stays chance."""
    missed = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        walk = np.cumsum(rng.standard_normal(2_050))
        signal = autoregression(rng, 2_000, 0.99)
        found = correlation(signal, walk[50:] - walk[:-50], overlap=50)
        missed += found.p_value < 0.05
    assert missed / 300 < 0.09


def test_a_correlation_is_numpys_and_its_band_holds_it():
    rng = np.random.default_rng(8)
    x = rng.standard_normal(300)
    y = 0.5 * x + rng.standard_normal(300)
    found = correlation(x, y)
    assert found.value == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-12)
    # Without autocorrelation the band is Fisher's, up to the estimated variance.
    fisher = 1.96 / math.sqrt(300)
    assert math.atanh(found.high) - math.atanh(found.value) == pytest.approx(fisher, rel=0.35)
    assert -1.0 < found.low < found.value < found.high < 1.0
    assert found.p_value < 1e-4


def test_a_perfect_correlation_has_a_band_of_no_width():
    x = np.arange(200.0)
    found = correlation(x, -3 * x)
    assert (found.value, found.low, found.high, found.p_value) == (-1.0, -1.0, -1.0, 0.0)


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e9])
def test_a_constant_goes_with_nothing(constant):
    x = np.full(500, constant)
    assert correlation(x, np.arange(500.0)) is None
    assert correlation(np.arange(500.0), x) is None


def test_too_few_windows_give_no_correlation():
    x = np.random.default_rng(9).standard_normal(100)
    assert correlation(x, x[::-1], overlap=13) is None
    assert correlation(x[:0], x[:0]) is None


def test_cosines_are_no_faster_than_half_the_windows():
    assert cosines(1_000) == 40
    assert cosines(1_000, overlap=50) == 10


def test_an_estimate_is_judged_against_its_null():
    """With t = 2.5 and 10 degrees of freedom p = 0.0314; the half-width is 2.228 deviations."""
    found = estimate(0.75, 0.1, 10, null=0.5)
    assert found.p_value == pytest.approx(2 * stats.t.sf(2.5, 10))
    assert found.high - 0.75 == pytest.approx(stats.t.ppf(0.975, 10) * 0.1)
    assert found.low - 0.75 == pytest.approx(-stats.t.ppf(0.975, 10) * 0.1)


def test_no_deviation_decides_by_itself():
    assert estimate(0.5, 0.0, 10, null=0.5).p_value == 1.0
    assert estimate(0.6, 0.0, 10, null=0.5).p_value == 0.0


def test_what_stands_together_falls_together():
    """Three observations in the first cluster, one in the third, none in the second."""
    influence = np.array([1.0, 2.0, 3.0, -6.0])
    clusters = by_cluster(influence, np.array([0, 0, 0, 2]), 3)
    assert clusters.tolist() == [4.5, 0.0, -4.5]


def test_a_bad_print_is_cut_and_counted():
    changes = np.array([0.0, 1.0, -1.0, 2.0, 1e6, 0.0, -1.0, 1.0, 1.0])
    cut, count = cut_outliers(changes)
    assert count == 1
    assert cut.max() < 100
    assert cut[:4].tolist() == changes[:4].tolist()


def test_changes_that_are_all_nothing_stay_nothing():
    cut, count = cut_outliers(np.zeros(5))
    assert (cut.tolist(), count) == ([0.0] * 5, 0)


def test_a_panel_of_one_pair_is_its_correlation():
    rng = np.random.default_rng(23)
    x = autoregression(rng, 400, 0.6)
    y = 0.4 * x + rng.standard_normal(400)
    alone = correlation(x, y, 3)
    assert panel_correlation(x[:, None], y[:, None], 3) == alone
    assert alone.value == pytest.approx(stats.pearsonr(x, y).statistic)


def test_pairs_that_do_the_same_are_no_more_certain_than_one():
    rng = np.random.default_rng(24)
    x, y = rng.standard_normal((2, 500))
    alone = correlation(x, y)
    copied = panel_correlation(np.stack([x, 7 * x], 1), np.stack([y, 3 * y], 1))
    for name in ("value", "low", "high", "p_value"):
        assert getattr(copied, name) == pytest.approx(getattr(alone, name), abs=1e-12)


def test_independent_pairs_are_more_certain_together():
    """Four pairs of a small correlation: half the band of one, about their mean."""
    rng = np.random.default_rng(25)
    x = rng.standard_normal((600, 4))
    y = 0.2 * x + rng.standard_normal((600, 4))
    alone = [correlation(x[:, n], y[:, n]) for n in range(4)]
    together = panel_correlation(x, y)
    assert panel_value(x, y) == pytest.approx(together.value, abs=1e-12)
    assert together.value == pytest.approx(np.mean([one.value for one in alone]))
    width = np.mean([one.high - one.low for one in alone])
    assert together.high - together.low == pytest.approx(width / 2, rel=0.2)


def test_a_pair_that_never_changes_is_left_out_of_a_panel():
    rng = np.random.default_rng(26)
    x, y = rng.standard_normal((2, 300))
    still = np.full(300, 4.25)
    with_still = panel_correlation(np.stack([x, still], 1), np.stack([y, y], 1))
    assert with_still == correlation(x, y)
    assert panel_correlation(still[:, None], y[:, None]) is None
    assert panel_value(still[:, None], y[:, None]) is None
