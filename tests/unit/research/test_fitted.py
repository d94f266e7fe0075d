"""Pairs and regimes as the report tells them: in prices and seconds."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.memory import allocate
from core.domain.records import BAR, WINDOW
from core.models.refusal import Refusal
from core.research.fitted import FEATURES, find_pairs, find_regimes
from tests.unit.research.markets import ETF, RIVER, START_NS, autoregression

BAR_S = 0.25
LENGTH_NS = 250_000_000


def bars_of(mid_ticks, features=None):
    """BAR rows, the first of them from when the windows were filling."""
    rows = allocate(BAR, len(mid_ticks))
    rows["number"] = np.arange(1, len(mid_ticks) + 1)
    rows["ts_ns"] = START_NS + rows["number"] * LENGTH_NS
    rows["mid_ticks"] = mid_ticks
    if features is not None:
        rows["features"] = features
    return rows


def cointegrated(seed=3, count=1_500):
    """The ETF follows three times the river, in ticks, with deviations that return."""
    rng = np.random.default_rng(seed)
    river = 4_000 + np.cumsum(rng.standard_normal(count))
    etf = 3.0 * river + 50.0 + 4.0 * autoregression(rng, count, 0.8)
    return {"<River>": bars_of(river), "ETF": bars_of(etf)}


def test_a_pair_is_told_in_prices_and_seconds():
    """A tick of the river is half a unit, one of the ETF a whole one."""
    (pair,) = find_pairs((RIVER, ETF), cointegrated(), BAR_S)
    assert pair.kept
    assert set(pair.names) == {"<River>", "ETF"}
    etf_per_river = {"ETF": 6.0, "<River>": 1.0 / 6.0}[pair.names[0]]
    assert pair.hedge == (1.0, pytest.approx(-etf_per_river, rel=0.02))
    # ln 2 / -ln 0.8 bars
    assert pair.half_life_s == pytest.approx(3.106 * BAR_S, rel=0.3)
    assert "adjusted p" in pair.reason
    assert pair.p_value < 0.01


def test_paths_of_their_own_are_no_pair_and_the_reason_is_the_fits():
    rng = np.random.default_rng(8)
    bars = {
        name: bars_of(4_000 + np.cumsum(rng.standard_normal(1_500))) for name in ("<River>", "ETF")
    }
    (pair,) = find_pairs((RIVER, ETF), bars, BAR_S)
    assert not pair.kept
    assert "not cointegrated" in pair.reason


def test_one_instrument_makes_no_pair():
    found = find_pairs((ETF,), {"ETF": bars_of(np.arange(900.0))}, BAR_S)
    assert found == Refusal("a pair takes two instruments")


def test_instruments_without_bars_are_refused():
    found = find_pairs((RIVER, ETF), {"<River>": bars_of([]), "ETF": bars_of([])}, BAR_S)
    assert isinstance(found, Refusal)


def three_ways(seed=5, stretch=150, stretches=12):
    """Features that stay for 150 bars at one of three places, in turn."""
    rng = np.random.default_rng(seed)
    places = np.array([[0.0, -0.2, 0.6], [0.0, -0.2, -0.6], [0.0, 1.4, 0.0]])
    which = np.repeat(np.arange(stretches) % 3, stretch)
    features = places[which] + 0.15 * rng.standard_normal((len(which), 3))
    return bars_of(np.arange(float(len(which))), features)


def test_regimes_are_told_with_their_share_their_length_and_what_they_do():
    found = find_regimes(three_ways(), BAR_S)
    assert found.names == ("trending", "mean-reverting", "high-volatility")
    assert found.features == FEATURES
    assert found.share_of_time == pytest.approx([1 / 3] * 3, abs=0.1)
    assert found.mean_duration_s == pytest.approx([150 * BAR_S] * 3, rel=0.5)
    means = np.array(found.feature_means)
    assert means[:, 1] == pytest.approx([-0.2, -0.2, 1.4], abs=0.05)
    assert means[:, 2] == pytest.approx([0.6, -0.6, 0.0], abs=0.05)


def test_regimes_that_cannot_be_fitted_are_refused():
    assert isinstance(find_regimes(three_ways()[: WINDOW + 30], BAR_S), Refusal)


def test_bars_in_which_the_windows_were_filling_count_for_nothing():
    """Not even where they are wild."""
    calm, wild = three_ways(), three_ways()
    wild["features"][:WINDOW] = 1e6
    assert find_regimes(wild, BAR_S) == find_regimes(calm, BAR_S)
