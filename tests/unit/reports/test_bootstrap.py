"""Resamples of a series, and how long their blocks have to be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter

from core.reports.bootstrap import Interval, dependence, interval, resample


def persistent(share, count, seed=5):
    """An autoregression of order one."""
    noise = np.random.default_rng(seed).normal(size=count)
    return lfilter([1.0], [1.0, -share], noise)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_blocks_are_as_long_as_the_paper_asks_for(share):
    """
    Of an AR(1) the formula is closed: (2 rho / (1 - rho²))^(2/3) n^(1/3).

    With R(k) = rho^|k| R(0): G = 2 rho / (1 - rho)² R(0), g(0) = (1 + rho) / (1 - rho) R(0),
    and the block is (G / g(0))^(2/3) n^(1/3), by Patton, Politis & White (2009).
    """
    found = dependence(persistent(share, 20_000))
    assert found.block == pytest.approx(
        (2 * share / (1 - share**2)) ** (2 / 3) * 20_000 ** (1 / 3), rel=0.2
    )
    assert found.inflation == pytest.approx((1 + share) / (1 - share), rel=0.15)


def test_independent_values_are_drawn_one_by_one():
    assert dependence(persistent(0.0, 5_000)).block < 2.0


def test_values_that_turn_are_drawn_one_by_one_all_the_same():
    found = dependence(persistent(-0.6, 5_000))
    assert found.inflation == pytest.approx(0.4 / 1.6, rel=0.2)
    assert found.block > 5.0
    assert found.careful_block == 1.0


@pytest.mark.parametrize("values", [[], [1.0], [2.0] * 50, [0.1, -0.1, 0.1]])
def test_what_does_not_vary_or_is_too_short_hangs_together_in_no_way(values):
    found = dependence(np.array(values))
    assert (found.block, found.inflation) == (1.0, 1.0)


@given(st.integers(4, 300))
def test_no_block_passes_what_the_series_can_bear(count):
    """A walk hangs together without end; the paper's limit is min(3 root n, n / 3)."""
    walk = np.cumsum(np.random.default_rng(count).normal(size=count))
    assert 1.0 <= dependence(walk).block <= math.ceil(min(3 * math.sqrt(count), count / 3))


@given(st.integers(1, 60), st.floats(1.0, 80.0), st.integers(1, 30), st.integers(0, 9))
def test_every_resample_is_made_of_runs_of_the_series(count, block, resamples, seed):
    values = np.arange(count, dtype=np.float64)
    rows = np.concatenate([piece.take(values) for piece in resample(count, block, resamples, seed)])
    assert rows.shape == (resamples, count)
    assert np.isin(rows, values).all()
    for piece in resample(count, block, resamples, seed):
        inside = np.ones(piece.begins[-1] + piece.lengths[-1], bool)
        inside[piece.begins] = False
        steps = np.diff(piece.take(values).ravel(), prepend=0.0)[inside]
        assert np.isin(steps, [1.0, 1.0 - count]).all()


@given(st.integers(1, 40), st.floats(1.0, 20.0))
def test_sums_are_those_of_the_resamples(count, block):
    values = np.random.default_rng(count).normal(size=count)
    for piece in resample(count, block, 25):
        assert np.allclose(piece.sums(values), piece.take(values).sum(axis=1), atol=1e-9)


def test_blocks_have_the_mean_length_asked_for():
    pieces = list(resample(5_000, 8.0, 100))
    assert np.mean(np.concatenate([piece.lengths for piece in pieces])) == pytest.approx(
        8.0, rel=0.05
    )


def test_the_same_seed_gives_the_same_resamples():
    values = np.arange(30.0)
    one, again, other = (
        np.concatenate([piece.sums(values) for piece in resample(30, 3.0, 50, seed)])
        for seed in (4, 4, 5)
    )
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_resamples_scatter_as_means_of_persistent_values_do():
    """The bootstrap's deviation of a mean is that of theory: sigma / (1 - rho) / root n."""
    values = persistent(0.6, 4_000)
    block = dependence(values).block
    means = np.concatenate([piece.sums(values) for piece in resample(4_000, block, 800)]) / 4_000
    assert np.std(means) == pytest.approx(1.0 / 0.4 / math.sqrt(4_000), rel=0.2)


def test_nine_in_ten_intervals_hold_the_truth():
    """Over 200 series of a hundred values that persist a little, whose true mean is 0."""
    held = 0
    for seed in range(200):
        values = persistent(0.2, 100, seed)
        pieces = resample(100, dependence(values).careful_block, 200, seed)
        held += interval(0.0, np.concatenate([piece.sums(values) for piece in pieces])).holds_zero
    # 180 expected with a deviation of 4.2; percentile intervals are a little short at this length.
    assert 160 <= held <= 192


def test_an_interval_leaves_a_twentieth_on_either_side():
    found = interval(7.0, np.arange(1_000.0))
    assert (found.value, found.low, found.high) == pytest.approx((7.0, 50.0, 950.0), abs=1.0)


def test_an_interval_of_infinite_draws_has_an_infinite_end():
    found = interval(1.0, np.array([0.5] * 50 + [math.inf] * 50 + [math.nan] * 9))
    assert (found.low, found.high) == (0.5, math.inf)
    assert not found.is_known


@pytest.mark.parametrize(
    ("low", "high", "holds"),
    [(-1.0, 2.0, True), (0.1, 2.0, False), (-2.0, -0.1, False), (math.nan, math.nan, True)],
)
def test_what_is_not_known_does_not_leave_zero_out(low, high, holds):
    assert Interval(1.0, low, high).holds_zero is holds


def test_nothing_drawn_is_no_interval():
    assert math.isnan(interval(1.0, np.array([math.nan])).low)
