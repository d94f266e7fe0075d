"""Curves and bands: what is drawn stands where its time and value are."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from core.domain.enums import Regime
from core.reports.session_drawings import (
    TimeAxis,
    drawdown_curve,
    equity_curve,
    regime_bands,
    stretches,
)

NS = 1_000_000_000
START_NS = 1_763_820_207 * NS
"""2025-11-22 14:03:27 UTC."""


def seconds(count: int) -> np.ndarray:
    return START_NS + np.arange(count, dtype=np.int64) * NS


def line(svg: str, kind: str) -> list[tuple[float, float]]:
    """Places of the polyline of a class."""
    found = re.search(rf'<polyline points="([^"]*)" class="{kind}"', svg)
    assert found is not None
    return [tuple(map(float, place.split(","))) for place in found[1].split()]


def words(svg: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(svg).iter("text")]


def test_a_curve_rises_where_the_value_does_and_ends_at_the_edges() -> None:
    equity = np.array([100.0, 130.0, 110.0, 170.0])
    drawn = line(equity_curve(seconds(4), equity, np.maximum.accumulate(equity), []), "line")
    heights = [-y for _, y in drawn]
    assert np.argsort(heights).tolist() == np.argsort(equity).tolist()
    assert drawn[0][0] == 106.0
    assert drawn[-1][0] == 980.0


def test_the_peak_is_never_below_the_value() -> None:
    rng = np.random.default_rng(5)
    equity = 1e5 + np.cumsum(rng.normal(size=3_000))
    svg = equity_curve(seconds(3_000), equity, np.maximum.accumulate(equity), [])
    # Higher on the page is a smaller number.
    assert min(y for _, y in line(svg, "peak")) == min(y for _, y in line(svg, "line"))


def test_no_spike_is_lost_however_long_the_run() -> None:
    """A day of samples has more of them than the drawing has columns."""
    equity = np.full(86_400, 500.0)
    equity[41_234] = 900.0
    equity[61_234] = 100.0
    svg = equity_curve(seconds(86_400), equity, np.maximum.accumulate(equity), [])
    heights = sorted({y for _, y in line(svg, "line")})
    assert len(heights) == 3
    assert len(svg) < 200_000


def test_a_flat_account_is_drawn_too() -> None:
    flat = np.full(10, 1e6)
    assert ET.fromstring(equity_curve(seconds(10), flat, flat, [])) is not None
    assert ET.fromstring(drawdown_curve(seconds(10), np.zeros(10))) is not None


def test_times_on_the_axis_are_round_and_utc() -> None:
    equity = np.linspace(1.0, 2.0, 240)
    times = [word for word in words(equity_curve(seconds(240), equity, equity, [])) if ":" in word]
    assert times[0] == "14:04:00"
    assert times[1] == "14:04:30"
    assert len(times) <= 9


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(1e6, 1e6 + 3_700, "1,001,000"), (0.1, 0.123, "0.105"), (-350.0, 410.0, "-200")],
)
def test_values_on_the_axis_are_round_and_tell_each_other_apart(
    low: float, high: float, expected: str
) -> None:
    equity = np.linspace(low, high, 50)
    values = [w for w in words(equity_curve(seconds(50), equity, equity, [])) if ":" not in w]
    assert expected in values
    assert len(set(values)) == len(values) >= 3


def test_drawdown_goes_down_from_a_line_at_zero() -> None:
    svg = drawdown_curve(seconds(3), np.array([0.0, 8.0, 3.0]))
    (_, flat), (_, deepest), (_, back) = line(svg, "fall-line")
    assert flat < back < deepest
    assert "deepest 8.00 per cent" in svg


def test_alarms_stand_at_their_time_and_say_what_they_were() -> None:
    equity = np.linspace(1.0, 2.0, 101)
    alarms = [(START_NS + 50 * NS, "HALTED <b>"), (START_NS + 50 * NS, "and another")]
    svg = equity_curve(seconds(101), equity, equity, alarms)
    root = ET.fromstring(svg)
    assert [node.text for node in root.iter("title")] == [
        "14:04:17 HALTED <b>\n14:04:17 and another"
    ]
    mark = next(node for node in root.iter("path") if node.get("class") == "alarm")
    assert abs(float(mark.get("d", "")[1:].split()[0]) - 543.0) <= 3.0


def test_stretches_join_equal_neighbors_without_gaps() -> None:
    regimes = np.array([1, 1, 2, 2, 2, 3])
    ts_ns = seconds(6)
    assert stretches(ts_ns, regimes) == [
        (ts_ns[0], ts_ns[2], Regime.TRENDING),
        (ts_ns[2], ts_ns[5], Regime.MEAN_REVERTING),
        (ts_ns[5], ts_ns[5], Regime.HIGH_VOLATILITY),
    ]


def test_of_very_many_samples_the_most_frequent_regime_of_a_piece_is_drawn() -> None:
    regimes = np.tile([2, 2, 2, 1], 12_000)
    found = stretches(seconds(48_000), regimes)
    assert [regime for _, _, regime in found] == [Regime.MEAN_REVERTING]


def test_bands_have_a_color_and_a_letter_where_there_is_room() -> None:
    """Color alone must not carry the meaning."""
    regimes = np.array([[1, 3]] * 60 + [[2, 3]] * 60)
    svg = regime_bands(seconds(120), regimes, ["7_ETF", "<evil> & longer than its room"])
    assert [word for word in words(svg) if len(word) == 1] == ["T", "M", "H"]
    root = ET.fromstring(svg)
    kinds = [node.get("class") for node in root.iter("rect")]
    assert kinds == ["regime-1", "regime-2", "regime-3"]
    assert "<evil> & longer than its room" in [node.text for node in root.iter("title")]
    assert "<evil> & lon…" in words(svg)


def test_an_axis_of_one_moment_is_a_second_long() -> None:
    axis = TimeAxis(START_NS, START_NS)
    assert axis.across(START_NS) < axis.across(START_NS + NS)
