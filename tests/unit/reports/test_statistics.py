"""What the figures of a run are worth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.instrument import NANOS
from core.reports import metrics
from core.reports.bars import bars_of
from core.reports.bootstrap import resample
from core.reports.statistics import (
    MIN_BARS,
    MIN_CLOSING_FILLS,
    closing_gains,
    drawn_ratios,
    ratios,
    statistics_of,
)
from core.reports.verdict import length
from tests.unit.reports.runs import START_NS, Fill, held_long, make_run, wander

NONE = np.zeros(0)


def judged(result, closing=NONE, **more):
    return statistics_of(result, closing, **more)


def test_bars_are_the_shortest_round_ones_that_are_few_enough():
    ts_ns = START_NS + np.arange(9_001) * NANOS
    bars = bars_of(ts_ns)
    assert (bars.length_s, bars.count) == (5, 1_800)
    assert bars.places.tolist()[:3] == [0, 5, 10]


def test_a_pause_is_no_bar():
    """Ten minutes, a night, ten minutes: the night has one bar, which ends at its first sample."""
    seconds = np.concatenate([np.arange(601), 40_000 + np.arange(601)])
    bars = bars_of(START_NS + seconds * NANOS, most=121)
    assert bars.length_s == 10
    assert bars.count == 60 + 61


@pytest.mark.parametrize("samples", [0, 1])
def test_less_than_two_samples_have_no_bars(samples):
    assert bars_of(np.arange(samples) * NANOS).count == 0


def test_ratios_are_those_of_the_metrics():
    returns = np.random.default_rng(2).normal(0.001, 0.01, 90)
    sharpe, sortino, calmar = ratios(returns, 365.0)
    assert sharpe == pytest.approx(metrics.sharpe(returns, 365))
    assert sortino == pytest.approx(metrics.sortino(returns, 365))
    assert calmar == pytest.approx(np.mean(returns) * 365 / -metrics.max_drawdown(returns))


@given(st.integers(2, 40), st.floats(1.0, 9.0), st.floats(-0.02, 0.02))
def test_ratios_of_resamples_are_those_of_each_of_them(count, block, mean):
    returns = np.random.default_rng(count).normal(mean, 0.01, count)
    for piece in resample(count, block, 20):
        for row, *drawn in zip(
            piece.take(returns), *drawn_ratios(returns, 365.0, piece), strict=True
        ):
            if len(set(row)) > 1:
                assert drawn == pytest.approx(ratios(row, 365.0), rel=1e-6, nan_ok=True)


def test_a_series_that_never_falls_is_infinitely_good_and_a_flat_one_nothing():
    sharpe, sortino, calmar = ratios(np.array([0.01, 0.02, 0.01]), 365.0)
    assert sharpe > 0
    assert sortino == calmar == math.inf
    assert np.isnan(ratios(np.zeros(3), 365.0)).all()
    assert np.isnan(ratios(np.array([0.01]), 365.0)).all()


def test_luck_is_not_called_an_edge():
    found = judged(held_long(1_500, drift=0.0))
    assert found["sharpe"]["low"] < 0 < found["sharpe"]["high"]
    assert found["verdict"][0].startswith(
        "No edge shown: the 90 % interval of the Sharpe ratio holds 0."
    )
    assert "would have been seen four times in five" in found["verdict"][0]


def test_an_edge_is_seen_and_asked_for_on_other_data():
    found = judged(held_long(1_500, drift=0.1))
    assert found["sharpe"]["low"] > 0
    assert found["deflated_sharpe"] > 0.99
    assert found["verdict"][0] == (
        "An edge is shown on this data: the 90 % interval of the Sharpe ratio lies above 0. "
        "Try it on data it has not seen."
    )


def test_a_loser_is_called_one():
    assert judged(held_long(1_500, drift=-0.1))["verdict"][0].startswith("It loses:")


def test_the_best_of_many_variants_has_to_be_better():
    """The same run that alone is convincing is not after a thousand tries."""
    run = held_long(1_500, drift=0.025)
    alone, chosen = judged(run)["verdict"][0], judged(run, trials=1_000)["verdict"][0]
    assert alone.startswith("An edge is shown")
    assert chosen.startswith("No edge shown")
    assert "the best of 1,000 variants is expected to look good" in chosen
    sure = judged(held_long(1_500, drift=0.2), trials=1_000)["verdict"][0]
    assert sure.startswith("An edge is shown")
    assert "After 1,000 variants its probability is 100 %" in sure


@pytest.mark.parametrize("samples", [1, MIN_BARS])
def test_a_short_run_is_not_judged(samples):
    found = judged(held_long(samples, drift=0.1))
    assert found["sharpe"]["low"] is None
    assert found["verdict"][0].startswith("Too short to judge")


def test_a_run_without_a_fill_is_not_judged():
    assert judged(make_run(wander(200)))["verdict"] == [
        "Nothing was traded: there is nothing to judge."
    ]


def test_a_lost_account_is_not_judged():
    mids2 = np.linspace(2_000, 2, 200).astype(int)[:, np.newaxis] // 2 * 2
    run = make_run(mids2, [Fill(0, 0, 1, 5, 1_000)])
    assert judged(run)["verdict"] == ["The account was lost: there are no returns to judge."]


def test_closing_fills_have_intervals_where_there_are_enough():
    run, gains = held_long(300, drift=0.0), np.tile([3.0, -1.0, 2.0], 20)
    many, few = judged(run, gains), judged(run, gains[: MIN_CLOSING_FILLS - 1])
    assert many["win_rate"]["value"] == pytest.approx(2 / 3)
    assert many["profit_factor"]["value"] == 5.0
    assert many["win_rate"]["low"] < 2 / 3 < many["win_rate"]["high"]
    assert many["profit_factor"]["low"] < 5.0 < many["profit_factor"]["high"]
    assert few["win_rate"]["low"] is None
    assert "Only 19 fills closed something" in few["verdict"][1]


def test_gains_without_a_loss_have_no_finite_factor():
    found = judged(held_long(300, drift=0.0), np.full(40, 2.0))
    assert found["profit_factor"] == {"value": None, "low": None, "high": None}
    assert found["win_rate"] == {"value": 1.0, "low": 1.0, "high": 1.0}


def test_persistent_returns_are_worth_fewer():
    """A position that follows slow waves has smooth returns: its probability is nearer a half."""
    waves = 2_000 + 2 * np.round(30 * np.sin(np.arange(1_500) / 40) + np.arange(1_500) / 60).astype(
        int
    )
    found = judged(make_run(waves[:, np.newaxis], [Fill(0, 0, 1, 1, 1_000)]))
    assert found["inflation"] > 5
    assert found["block_bars"] > 5


def test_what_closes_is_told_from_what_opens():
    """Opens 4 at 100, closes 3 at 110, turns at 90 with one closed and one opened."""
    run = make_run(
        np.full((9, 1), 200),
        [Fill(0, 0, 1, 4, 100), Fill(1, 0, -1, 3, 110), Fill(2, 0, -1, 2, 90, fee_nanos=NANOS)],
    )
    assert closing_gains(run.fills).tolist() == [15.0, -6.0]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 s"),
        (59, "59 s"),
        (60, "1 min"),
        (90, "1.5 min"),
        (5_400, "1.5 h"),
        (86_400, "24 h"),
        (200_000, "2.3 days"),
        (63_072_000, "2 years"),
        (1e12, "31,710 years"),
    ],
)
def test_lengths_of_time_are_in_words(seconds, words):
    assert length(seconds) == words
