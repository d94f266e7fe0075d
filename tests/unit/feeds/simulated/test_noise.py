"""Randomness by name: the same again, normal, smooth, and counts that are Poisson."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from core.feeds.simulated.noise import Noise

HOURS = np.arange(20_000) * 3600.0 + 1.7e9


def test_the_same_name_makes_the_same_series() -> None:
    first = Noise("munich/7").smooth("clouds", HOURS, 7200.0)
    assert np.array_equal(first, Noise("munich/7").smooth("clouds", HOURS, 7200.0))


@pytest.mark.parametrize(("name", "series"), [("munich/8", "clouds"), ("munich/7", "rain")])
def test_another_name_or_series_is_another(name, series) -> None:
    first = Noise("munich/7").smooth("clouds", HOURS, 7200.0)
    other = Noise(name).smooth(series, HOURS, 7200.0)
    assert abs(np.corrcoef(first, other)[0, 1]) < 0.05


def test_a_moment_is_the_same_whatever_is_asked_with_it() -> None:
    noise = Noise("munich/7")
    whole = noise.smooth("clouds", HOURS, 50_000.0)
    for n in (0, 17, 4711, 19_999):
        assert noise.smooth("clouds", HOURS[n : n + 1], 50_000.0)[0] == whole[n]


def test_it_is_normal_with_mean_0_and_deviation_1() -> None:
    """On the lattice and between: a plain blend would have a deviation of 0.7 there."""
    for offset in (0.0, 0.5, 0.31):
        values = Noise("x").smooth("y", (np.arange(20_000) + offset) * 100.0, 100.0)
        assert values.mean() == pytest.approx(0.0, abs=0.03)
        assert values.std() == pytest.approx(1.0, abs=0.03)
        assert stats.kstest(values[::2], "norm").pvalue > 1e-3


def test_it_is_smooth_within_its_period() -> None:
    values = Noise("x").smooth("y", np.arange(10_000) * 1.0, 100.0)
    assert np.abs(np.diff(values)).max() < 0.1


def test_times_before_1970_are_times_too() -> None:
    values = Noise("x").smooth("y", np.arange(-5.0, 5.0) * 100.0, 100.0)
    assert np.isfinite(values).all()
    assert len(set(values)) == 10


def test_counts_are_poisson() -> None:
    noise = Noise("x")
    for mean in (0.0, 0.7, 13.5):
        counts = np.array([noise.count("arrivals", n, mean) for n in range(4000)])
        assert counts.mean() == pytest.approx(mean, abs=0.2)
        assert counts.var() == pytest.approx(mean, abs=0.9)


def test_many_series_do_not_make_it_grow() -> None:
    noise = Noise("x")
    for n in range(1000):
        noise.smooth(f"error of {n}", HOURS[:1], 10.0)
    assert len(noise._keys) <= 200
