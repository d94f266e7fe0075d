"""What the mid has been doing bar by bar, against pandas and NumPy."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from core.domain.memory import allocate
from core.domain.records import INSTRUMENT_STATE, WINDOW
from core.kernel.features import close_returns, skip_returns

SLOW, FAST, AUTO = 0.01, 0.1, 0.05


def close_at(mid2_ticks, instrument=None):
    """Close a bar at each of these, twice the mid; None is a bar without a book."""
    instrument = allocate(INSTRUMENT_STATE, 1)[0] if instrument is None else instrument
    for mid2 in mid2_ticks:
        if mid2 is None:
            skip_returns(instrument)
        else:
            instrument["mid2_ticks"] = mid2
            close_returns(instrument)
    return instrument


def random_walk(length: int, seed: int, step: int = 3) -> list[int]:
    moves = np.random.default_rng(seed).integers(-step, step + 2, length)
    return (20_000 + moves.cumsum()).tolist()


def running_mean(values, weight: float) -> float:
    """A plain mean until the memory is full, then pandas' exponentially weighted one."""
    memory = round(1 / weight)
    if len(values) <= memory:
        return float(np.mean(values))
    series = pd.Series([np.mean(values[:memory]), *values[memory:]])
    return float(series.ewm(alpha=weight, adjust=False).mean().iloc[-1])


@pytest.mark.parametrize("bars", [2, 7, 15, 90, 350])
def test_volatility_and_autocorrelation_are_those_of_pandas(bars) -> None:
    """While the memories fill and long after."""
    path = random_walk(bars, seed=4)
    instrument = close_at(path)
    changes = np.diff(path) / 2
    slow, fast = (running_mean(changes**2, weight) for weight in (SLOW, FAST))
    products = np.array([0.0, *changes[1:] * changes[:-1]])
    correlation = running_mean(products, AUTO) / running_mean(changes**2, AUTO)
    assert instrument["return_variance"] == pytest.approx(slow, rel=1e-12)
    assert instrument["fast_variance"] == pytest.approx(fast, rel=1e-12)
    assert instrument["slow_deviation_ticks"] == pytest.approx(math.sqrt(slow), rel=1e-12)
    assert instrument["volatility_ticks"] == pytest.approx(math.sqrt(max(slow, fast)), rel=1e-12)
    assert instrument["autocorrelation"] == pytest.approx(correlation, abs=1e-12)
    assert instrument["features"].tolist() == pytest.approx(
        [changes[-1] / math.sqrt(slow), 0.5 * math.log(fast / slow), correlation], abs=1e-12
    )
    assert instrument["returns"] == bars - 1


def test_volatility_rises_at_once_and_falls_slowly() -> None:
    """The larger of the fast and the slow one: positions shrink before they grow."""
    rng = np.random.default_rng(8)
    calm, wild = rng.integers(-2, 3, 300), rng.integers(-40, 41, 12)
    instrument = close_at((20_000 + calm.cumsum()).tolist())
    before = float(instrument["volatility_ticks"])
    close_at((int(instrument["mid2_ticks"]) + wild.cumsum()).tolist(), instrument)
    woken = float(instrument["volatility_ticks"])
    assert woken > 5 * before
    assert woken == math.sqrt(instrument["fast_variance"])
    close_at((int(instrument["mid2_ticks"]) + calm[:60].cumsum()).tolist(), instrument)
    assert instrument["volatility_ticks"] == math.sqrt(instrument["return_variance"])
    assert instrument["features"][1] < 0.0


def test_an_outlier_of_a_million_deviations_counts_as_ten() -> None:
    """One bad print must not blind what is measured in volatilities."""
    path = random_walk(200, seed=9)
    instrument = close_at(path)
    slow = float(instrument["return_variance"])
    deviation = math.sqrt(slow)
    close_at([path[-1] + round(2e6 * deviation)], instrument)
    assert instrument["last_return_ticks"] == pytest.approx(10 * deviation, rel=1e-12)
    assert instrument["return_variance"] == pytest.approx(0.99 * slow + 100 * SLOW * slow)
    close_at([path[-1]], instrument)
    assert instrument["last_return_ticks"] < 0.0
    assert instrument["volatility_ticks"] < 6 * deviation
    assert np.isfinite(instrument["features"]).all()


def test_no_return_is_an_outlier_while_the_scale_is_not_known() -> None:
    instrument = close_at([20_000, 20_002, 20_000, 20_900])
    assert instrument["last_return_ticks"] == 450.0


def test_a_still_market_has_features_that_are_zero_and_not_nan() -> None:
    instrument = close_at([6_803] * 250)
    assert instrument["volatility_ticks"] == 0.0
    assert instrument["features"].tolist() == [0.0, 0.0, 0.0]


def test_a_market_that_falls_still_has_a_finite_log_of_volatilities() -> None:
    """The fast variance goes to zero before the slow one; its logarithm does not."""
    instrument = close_at([*random_walk(60, seed=5), *[20_000] * 500])
    assert np.isfinite(instrument["features"]).all()
    assert instrument["features"][1] < 0.0


@pytest.mark.parametrize(("moves", "sign"), [([2, -2], -1), ([2, 2], 1)])
def test_turning_and_running_markets_are_told_by_the_sign(moves, sign) -> None:
    path = 20_000 + np.array(moves * 150).cumsum()
    assert close_at(path.tolist())["autocorrelation"] == pytest.approx(sign, abs=0.01)
    assert abs(close_at(path.tolist())["autocorrelation"]) <= 1.0


def test_a_bar_without_a_book_has_no_return_and_the_next_one_spans_it() -> None:
    with_gap = close_at([20_000, 20_006, None, None, 20_016])
    without = close_at([20_000, 20_006, 20_016])
    assert (with_gap["bars"], with_gap["returns"]) == (5, 2)
    for field in ("last_return_ticks", "return_variance", "fast_variance", "autocorrelation"):
        assert with_gap[field] == without[field]
    assert with_gap["last_return_ticks"] == 5.0


def test_the_last_closes_are_kept_by_the_number_of_their_bar() -> None:
    path = [*random_walk(27, seed=3), None, *random_walk(5, seed=6)]
    instrument = close_at(path)
    known = [*path[:27], path[26], *path[28:]]
    for bar in range(len(path) - WINDOW + 1, len(path) + 1):
        assert instrument["closes"][bar % WINDOW] == known[bar - 1]
