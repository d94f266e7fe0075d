"""R² of the mid's change on order flow: against statsmodels, planted, and as published."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from core.models.refusal import Refusal
from core.research.inference import MIN_COSINES, cosines
from core.research.order_flow import MIN_WINDOWS, explain_moves
from tests.unit.research.markets import MS, START_NS, quotes
from tests.unit.research.recordings import first_ticker_ns, load_quotes

# file, R² over 0.5, 1, 5 and 10 s
REFERENCE = [
    ("spot_btcusdt", 0.289, 0.333, 0.459, 0.394),
    ("spot_ethusdt", 0.657, 0.714, 0.773, 0.827),
    ("usdm_btcusdt", 0.412, 0.380, 0.463, 0.522),
    ("usdm_ethusdt", 0.522, 0.555, 0.444, 0.521),
]


@pytest.mark.parametrize(("name", "r2"), [(name, r2) for name, *r2 in REFERENCE])
def test_order_flow_explains_what_it_was_published_to_explain(recorded, name, r2):
    """Windows start at the recording's first quote, which came before its first whole book."""
    path = recorded / f"binance_l2/{name}_20240808.gz"
    (rows,) = load_quotes(path).values()
    found = explain_moves(rows, first_ticker_ns(path))
    assert [window.window_s for window in found.windows] == [0.5, 1.0, 5.0, 10.0]
    assert [window.r2 for window in found.windows] == pytest.approx(r2, abs=0.02)
    assert all(window.r2_low <= window.r2 <= window.r2_high for window in found.windows)


def market(windows=90, noise=0.6, seed=3):
    """Four quotes a second; the mid's change of a second is half its flow, and noise."""
    rng = np.random.default_rng(seed)
    flow = rng.integers(-9, 10, 4 * windows)
    flow[0] = 0
    change = flow / 2 + noise * rng.standard_normal(len(flow)) * 4
    rows = quotes(5_000 + np.cumsum(change), every_ms=250)
    rows["flow_lots"] = flow
    return rows


def test_the_fit_is_that_of_least_squares():
    """Slope and R² of statsmodels, over windows of one second summed by hand."""
    rows = market()
    (found,) = [one for one in explain_moves(rows).windows if one.window_s == 1.0]
    flow = rows["flow_lots"].reshape(-1, 4).sum(1)
    last = rows["mid2_ticks"].reshape(-1, 4)[:, -1] / 2
    change = np.diff(last, prepend=rows["mid2_ticks"][0] / 2)
    fit = sm.OLS(change, sm.add_constant(flow.astype(float))).fit()
    assert found.windows == 90
    assert found.r2 == pytest.approx(fit.rsquared, abs=1e-12)
    assert found.slope_ticks_per_lot == pytest.approx(fit.params[1], abs=1e-12)


def test_windows_may_start_before_the_first_quote():
    """A start half a window early shifts every window by as much."""
    rows = market()
    early = explain_moves(rows, START_NS - 500 * MS)
    (found,) = [one for one in early.windows if one.window_s == 1.0]
    assert found.windows == 91
    assert found.r2 != explain_moves(rows).windows[1].r2


def test_windows_without_a_quote_are_left_out():
    rows = market()
    rows["ts_ns"][180:] += 3_600_000 * MS
    (found,) = [one for one in explain_moves(rows).windows if one.window_s == 1.0]
    assert found.windows == 90


def test_windows_that_are_too_few_are_said():
    found = explain_moves(market(windows=60))
    assert [window.window_s for window in found.windows] == [0.5, 1.0]
    assert found.refused[0] == "12 windows of 5 s; fewer than 32 fit none"
    assert len(found.refused) == 2


def test_windows_that_are_just_enough_are_fitted():
    """The least number of windows is one that the band can be drawn from."""
    assert cosines(MIN_WINDOWS) == MIN_COSINES > cosines(MIN_WINDOWS - 2)
    assert explain_moves(market(windows=MIN_WINDOWS)).windows[1].windows == MIN_WINDOWS


def test_one_wild_window_shows_as_such():
    rows = market()
    rows["mid2_ticks"][200:] += 2_000_000
    shares = [window.largest_share for window in explain_moves(rows).windows]
    assert min(shares) > 0.9
    assert max(window.largest_share for window in explain_moves(market()).windows) < 0.5


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (quotes(np.zeros(0)), "no quote"),
        (quotes(50 + np.arange(300) % 3), "no order flow"),
        (market()[:30], "fewer than 32"),
    ],
)
def test_what_cannot_be_fitted_is_said(rows, reason):
    found = explain_moves(rows)
    assert isinstance(found, Refusal)
    assert reason in found.reason


def test_a_mid_that_stands_has_nothing_to_explain():
    rows = quotes(np.full(500, 70))
    rows["flow_lots"] = np.arange(500) % 5
    assert "nothing to explain" in explain_moves(rows).reason
