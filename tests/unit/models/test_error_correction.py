"""Which leg of a spread comes back to the other."""

from __future__ import annotations

import numpy as np
import pytest

from core.models.error_correction import adjustment


def pair(target_speed: float, leg_speed: float, count=4_000, seed=4):
    """Target = 2 leg + spread; each leg takes its share of the way back."""
    random = np.random.default_rng(seed)
    target, leg = np.zeros(count), np.zeros(count)
    for row in range(1, count):
        spread = target[row - 1] - 2.0 * leg[row - 1]
        target[row] = target[row - 1] - target_speed * spread + random.normal(0.0, 1.0)
        leg[row] = leg[row - 1] + leg_speed * spread + random.normal(0.0, 0.5)
    return target, leg, target - 2.0 * leg


def half_life(target_speed, leg_speed):
    return np.log(0.5) / np.log(1.0 - target_speed - 2.0 * leg_speed)


@pytest.mark.parametrize(("target_speed", "leg_speed"), [(0.08, 0.0), (0.0, 0.04), (0.05, 0.02)])
def test_each_leg_comes_back_by_its_share(target_speed, leg_speed) -> None:
    """Of a whole tick the target makes its speed over both speeds, the leg half of the rest."""
    target, leg, spread = pair(target_speed, leg_speed)
    bars = half_life(target_speed, leg_speed)
    total = target_speed + 2.0 * leg_speed
    assert adjustment(spread, target, bars) == pytest.approx(-target_speed / total, abs=0.25)
    assert adjustment(spread, leg, bars) == pytest.approx(leg_speed / total, abs=0.2)


def test_a_leg_that_stays_where_it_is_is_none() -> None:
    _, leg, spread = pair(0.08, 0.0)
    assert adjustment(spread, leg, half_life(0.08, 0.0)) == 0.0


def test_a_mid_that_bounces_does_not_come_back_to_anything() -> None:
    """Its spread to any other price returns at once, and only because it does."""
    random = np.random.default_rng(6)
    walk = np.cumsum(random.normal(0.0, 1.0, 3_000))
    bouncing = walk + random.normal(0.0, 2.0, 3_000)
    other = walk.copy()
    assert adjustment(bouncing - other, other, 1.0) == 0.0
    assert adjustment(bouncing - other, bouncing, 1.0) == 0.0


def test_too_few_or_constant_bars_are_no_adjustment() -> None:
    target, _, spread = pair(0.08, 0.0, count=25)
    assert adjustment(spread, target, 8.0) == 0.0
    assert adjustment(np.ones(500), np.arange(500.0), 8.0) == 0.0
