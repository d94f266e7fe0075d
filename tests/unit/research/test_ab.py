"""Two runs compared: what is called different, and what is not."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from core.domain.enums import Regime
from core.domain.errors import DataError
from core.domain.instrument import NANOS
from core.reports import metrics
from core.reports.result import FileUsed
from core.research.ab import ab_json, compare
from core.research.ab_page import ab_page
from core.research.ab_text import ab_text
from tests.unit.reports.runs import CAPITAL, START_NS, Fill, make_run

CALM, TREND = Regime.MEAN_REVERTING, Regime.TRENDING


def ran(steps, *, regimes=None, start_s=0, step_s=1, capital=CAPITAL):
    """
    Make a run that made `steps` from sample to sample.

    Args:
        steps: Step x instrument, or of one instrument; in units of the currency.
        regimes: Sample x instrument.
        start_s: When it begins.
        step_s: Between samples.
        capital: In units of the currency.
    """
    steps = np.asarray(steps, np.float64)
    steps = steps[:, np.newaxis] if steps.ndim == 1 else steps
    pnl = np.cumsum(np.concatenate((np.zeros((1, steps.shape[1])), steps)), axis=0) * NANOS
    made = make_run(
        np.full(pnl.shape, 200),
        [Fill(0, 0, 1, 1, 100)],
        regimes=regimes,
        step_s=step_s,
        capital=capital,
    )
    return replace(
        made,
        ts_ns=made.ts_ns + start_s * NANOS,
        pnl_nanos=pnl.astype(np.int64),
        equity_nanos=capital * NANOS + pnl.sum(axis=1).astype(np.int64),
    )


def noise(count, seed, mean=0.0):
    return np.random.default_rng(seed).normal(mean, 1.0, count)


def test_a_run_differs_from_itself_in_nothing():
    run = ran(noise(80, 1))
    report = compare(run, run, ("one", "same"))
    assert report.verdict == "No difference: one and same made the same at every moment."
    assert (report.pnl.difference, report.pnl.p_value) == (0.0, 1.0)
    assert (report.sharpe.difference, report.sharpe.p_value) == (0.0, 1.0)


def test_the_same_noise_is_called_different_about_once_in_twenty():
    """200 pairs of runs that differ by chance alone; 10 are expected, with a deviation of 3.1."""
    p_values = [
        compare(ran(noise(60, seed)), ran(noise(60, 1_000 + seed))).pnl.p_value
        for seed in range(200)
    ]
    assert 3 <= sum(p < 0.05 for p in p_values) <= 20
    # And they are spread evenly: half of them lie below a half.
    assert 75 <= sum(p < 0.5 for p in p_values) <= 125


def test_what_is_said_to_be_detectable_is_seen_four_times_in_five():
    """60 pairs that truly differ by 2.80 standard errors, which theory calls detectable."""
    a_bar = 2.80 * math.sqrt(2 / 150)
    found = [
        compare(ran(noise(150, seed)), ran(noise(150, 500 + seed, a_bar))).pnl
        for seed in range(10, 70)
    ]
    assert np.median([row.detectable for row in found]) == pytest.approx(60 * a_bar, rel=0.1)
    # 48 expected, with a deviation of 3.1.
    assert 39 <= sum(row.p_value < 0.05 for row in found) <= 57


def test_what_the_market_did_to_both_falls_out():
    """Both follow a wild market; B makes a hundredth of its scatter more in each second."""
    market = 100.0 * noise(300, 3)
    report = compare(ran(market + noise(300, 4)), ran(market + noise(300, 5, 1.0)), ("x", "y"))
    assert report.pnl.p_value < 0.01
    # A second's difference of 1 is one of 60 a minute.
    assert report.unit == "minute"
    assert report.pnl.low < 60.0 < report.pnl.high
    assert re.fullmatch(
        r"y earns [\d.]+ a minute more than x \(90 %: [\d.]+ to [\d.]+\), p = [\d.]+\.",
        report.verdict,
    )


def test_a_loss_is_said_with_its_ends_in_order():
    report = compare(ran(noise(300, 4, 1.0)), ran(noise(300, 5)), ("x", "y"))
    low, high = re.search(r"less than x \(90 %: ([\d.]+) to ([\d.]+)\)", report.verdict).groups()
    assert 0.0 < float(low) < float(high)


def test_where_nothing_is_shown_the_verdict_says_what_would_have_been():
    report = compare(ran(noise(100, 1)), ran(noise(100, 2)))
    assert report.verdict.startswith("No difference shown between A and B (p = ")
    assert f"{report.pnl.detectable:,.2f} a minute would have been seen" in report.verdict


def test_sharpe_ratios_are_those_of_the_runs():
    one, other = noise(200, 6, 0.1), noise(200, 7, 0.3)
    report = compare(ran(one), ran(other))
    assert report.sharpe.a == pytest.approx(metrics.sharpe(one, metrics.SECONDS))
    assert report.sharpe.b == pytest.approx(metrics.sharpe(other, metrics.SECONDS))
    assert report.sharpe.low < report.sharpe.difference < report.sharpe.high


def test_a_steadier_run_has_a_better_sharpe_at_the_same_profit():
    steady = 0.2 + 0.2 * noise(400, 8)
    wild = 0.2 + 5.0 * noise(400, 9)
    report = compare(ran(wild), ran(steady - np.mean(steady) + np.mean(wild)))
    assert report.pnl.p_value > 0.9
    assert report.sharpe.p_value < 0.05 or report.sharpe.a > report.sharpe.b


def test_the_parts_add_up_and_say_where_the_difference_is():
    """B makes more in the second instrument, and only while it trends."""
    steps = np.stack([noise(400, 1), noise(400, 2)], axis=1)
    regimes = np.full((401, 2), CALM)
    regimes[200:, 1] = TREND
    better = steps.copy()
    better[200:, 1] += 1.0 + 0.1 * noise(200, 3)
    better[:, 0] += 0.1 * noise(400, 4)
    report = compare(ran(steps, regimes=regimes), ran(better, regimes=regimes))
    assert report.by_instrument["<River>"].q_value < 0.01
    assert report.by_instrument["ETF"].q_value > 0.05
    assert report.by_regime["TRENDING"].q_value < 0.01
    assert report.by_regime["MEAN_REVERTING"].q_value > 0.05
    assert "HIGH_VOLATILITY" not in report.by_regime
    for parts in (report.by_instrument, report.by_regime):
        total = sum(row.difference for row in parts.values())
        assert total == pytest.approx(report.pnl.difference)


def test_a_part_that_never_differs_is_no_test():
    steps = np.stack([noise(100, 1), noise(100, 2)], axis=1)
    other = steps + np.stack([noise(100, 3), np.zeros(100)], axis=1)
    found = compare(ran(steps), ran(other)).by_instrument
    assert (found["<River>"].p_value, found["<River>"].difference) == (1.0, 0.0)
    assert math.isnan(found["<River>"].q_value)
    assert found["ETF"].q_value >= found["ETF"].p_value


def test_only_the_time_that_both_ran_is_compared():
    """B begins 100 s later and ends later, on samples of its own."""
    first, second = ran(np.ones(300)), ran(np.full(200, 2.0), start_s=100, step_s=2)
    report = compare(first, second)
    assert report.start_ns == START_NS + 100 * NANOS
    assert report.end_ns == START_NS + 300 * NANOS
    assert (report.pnl.a, report.pnl.b) == pytest.approx((60.0, 60.0))
    assert any("Only the 3.3 min that both ran are compared" in line for line in report.remarks)
    assert compare(second, first).pnl.difference == pytest.approx(0.0)


def test_an_instrument_that_only_one_trades_counts_as_nothing_in_the_other():
    both, alone = np.stack([noise(100, 1), noise(100, 2)], axis=1), noise(100, 1)
    report = compare(ran(alone), ran(both))
    assert report.by_instrument["<River>"].a == 0.0
    assert report.by_instrument["<River>"].b == pytest.approx(60 * np.mean(both[:, 1]))


def test_runs_that_share_no_time_are_refused():
    with pytest.raises(DataError, match="old and new: share no time; run both on the same data"):
        compare(ran(noise(40, 1)), ran(noise(40, 2), start_s=1_000), ("old", "new"))


@pytest.mark.parametrize("count", [0, 1, 29])
def test_a_short_run_is_not_judged(count):
    report = compare(ran(noise(count, 1)), ran(noise(count, 2)))
    assert report.verdict.startswith("Too short to judge:")
    json.dumps(ab_json(report), allow_nan=False)
    assert "Too short" in ab_text(report)
    assert "<h1>A against B</h1>" in ab_page(report)


def test_what_makes_a_comparison_doubtful_is_said():
    one = ran(noise(50, 1))
    other = replace(
        ran(noise(50, 2), capital=2 * CAPITAL), files=(FileUsed("b.csv", "77", 1, {}, {}),)
    )
    idle = replace(other, fills=other.fills[:0])
    said = " ".join(compare(one, idle).remarks)
    assert "different files" in said
    assert "A with 1,000.00, B with 2,000.00" in said
    assert "Nothing was traded by B." in said
    assert compare(one, one).remarks == ()


def test_the_same_seed_gives_the_same_answer():
    one, other = ran(noise(90, 1)), ran(noise(90, 2))
    first, again, third = (ab_json(compare(one, other, seed=seed)) for seed in (3, 3, 4))
    assert first == again
    assert first["pnl"]["low"] != third["pnl"]["low"]


def long_comparison():
    steps = 1e4 * np.stack([noise(5_000, 1), noise(5_000, 2)], axis=1)
    return compare(ran(steps), ran(steps + 1e4), ("a name that is <long> & odd", "b"))


def test_text_fits_a_terminal_and_json_has_every_part():
    report = long_comparison()
    text = ab_text(report)
    assert max(map(len, text.splitlines())) <= 80
    assert "an hour" in text
    document = ab_json(report)
    json.dumps(document, allow_nan=False)
    assert "curve" not in document
    assert set(document["by_instrument"]) == {"ETF", "<River>"}
    assert document["pnl"]["q_value"] is None


def test_the_page_is_self_contained_and_its_drawings_are_well_formed():
    page = ab_page(long_comparison())
    assert "<long>" not in page
    assert "<script" not in page
    assert "src=" not in page
    drawings = [ET.fromstring(drawn) for drawn in re.findall(r"<svg.*?</svg>", page)]
    labels = " ".join(drawing.attrib["aria-label"] for drawing in drawings)
    for words in ("profit of both", "profit of B less that of A", "differences with their"):
        assert words in labels
