"""Scales that wild and resting features do not spoil."""

from __future__ import annotations

import numpy as np
import pytest

from core.models.refusal import Refusal
from core.models.scaling import Scaling, scaling_of, usable_rows


def scaled(*columns):
    scaling = scaling_of(np.column_stack(columns))
    assert isinstance(scaling, Scaling)
    return scaling


def test_an_ordinary_feature_is_scaled_by_its_moments() -> None:
    features = np.random.default_rng(3).normal([4.0, -1.0], [0.5, 20.0], size=(900, 2))
    scaling = scaled(*features.T)
    assert scaling.mean == pytest.approx(features.mean(axis=0))
    assert scaling.scale == pytest.approx(features.std(axis=0))


@pytest.mark.parametrize("length", [60, 99, 100, 101, 900])
def test_a_wild_value_counts_as_twenty_half_widths(length: int) -> None:
    """However wild: the scale is that of the others, and what the clip leaves of it."""
    values = np.random.default_rng(1).normal(size=length)
    values[-1] = 1e6
    half_width = np.diff(np.quantile(values, [0.25, 0.75]))[0] / 2
    rough = values.copy()
    rough[-1] = np.median(values) + 20 * half_width
    assert scaled(values).scale[0] == pytest.approx(rough.std(), rel=0.1)


def test_a_feature_that_rests_most_of_the_time_is_scaled_by_when_it_does_not() -> None:
    """Four values in five are 0, then ninety-six in a hundred: not constant."""
    values = np.zeros(500)
    values[::5] = np.resize([3.0, -1.0, 2.0, -4.0], 100)
    assert scaled(values).scale[0] == pytest.approx(values.std())
    rare = np.zeros(500)
    rare[::25] = np.resize([1.0, -1.0], 20)
    assert scaled(rare).scale[0] == pytest.approx(rare.std())


def test_what_hardly_ever_moves_is_constant() -> None:
    values = np.full(500, -2.5)
    values[7] = 1e6
    steady = np.random.default_rng(2).normal(size=500)
    assert scaling_of(np.column_stack([steady, values])) == Refusal("feature 1 is constant at -2.5")


def test_standard_features_stay_within_eight_and_keep_their_gaps() -> None:
    scaling = Scaling(np.array([2.0, 0.0]), np.array([0.5, 1e-200]))
    standard = scaling.standardize(np.array([[3.0, np.nan], [1e9, 1e200], [-1e9, 0.0]]))
    assert standard[:, 0].tolist() == [2.0, 8.0, -8.0]
    assert np.isnan(standard[0, 1])
    assert standard[1:, 1].tolist() == [8.0, 0.0]


def test_points_mean_the_same_in_other_units() -> None:
    one = Scaling(np.array([2.0, -1.0]), np.array([0.5, 3.0]))
    other = Scaling(np.array([1.0, 5.0]), np.array([0.25, 6.0]))
    moved = one.translate(np.array([[2.0, 1.0]]), other)
    assert moved * other.scale + other.mean == pytest.approx(np.array([[3.0, 2.0]]))


def test_a_row_is_usable_if_all_of_it_is() -> None:
    rows = np.array([[1.0, 2.0], [np.nan, 2.0], [1.0, -np.inf], [1e101, 0.0], [-1e100, 0.0]])
    assert usable_rows(rows).tolist() == [True, False, False, False, True]
