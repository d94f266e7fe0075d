"""Observations of a recording become series, by the rules of the kernel."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.data.dataset import DataSet
from core.domain import events
from core.domain.enums import Channel
from core.domain.instrument import NANOS
from core.domain.memory import allocate
from core.domain.records import INTENT, MAX_INTENTS
from core.kernel.batch import run_events
from core.kernel.state import make_state
from core.research.city_series import read_series
from tests.unit.research.markets import ETF, MS, PARAMS, RIVER, START_NS, books


def told(*rows):
    """
    Make a data set of observations.

    Each row is (heard after ms, channel, instrument, value, true at) and perhaps an error.
    """
    stored = []
    for ms, channel, instrument, value, true_ns, *error in rows:
        row = events.observation(
            channel, value, true_ns, instrument=instrument, error=error[0] if error else 0.0
        )
        events.stamp(row, 0, START_NS + ms * MS)
        stored.append(row)
    return DataSet((RIVER, ETF), "practice", events.load(stored), ())


def test_each_channel_and_each_fair_value_is_a_series():
    data = told(
        (0, Channel.FLIGHTS, -1, 12.0, 5),
        (10, Channel.FAIR_VALUE, 1, 9_001.5, 5),
        (20, Channel.WEATHER, -1, -3.5, 5),
        (30, Channel.FAIR_VALUE, 1, 8_999.0, 6),
        (40, Channel.AIR_QUALITY, -1, 51.0, 6),
    )
    found = read_series(data)
    names = [(one.name, one.symbol) for one in found]
    assert names == [
        ("weather", ""),
        ("air quality", ""),
        ("flights", ""),
        ("fair value of ETF", "ETF"),
    ]
    assert found[3].values.tolist() == [9_001.5, 8_999.0]
    assert found[3].ts_ns.tolist() == [START_NS + 10 * MS, START_NS + 30 * MS]


def test_a_value_counts_from_when_it_was_heard_and_not_from_when_it_was_true():
    """Nothing looks ahead: a reading of noon that came at one is not known at noon."""
    (weather,) = read_series(told((90, Channel.WEATHER, -1, 21.0, START_NS - 3_600 * NANOS)))
    assert weather.ts_ns.tolist() == [START_NS + 90 * MS]


ODD = {
    "no number": (10, Channel.WEATHER, -1, math.nan, 7),
    "endless": (10, Channel.WEATHER, -1, math.inf, 7),
    "beyond all bounds": (10, Channel.WEATHER, -1, -1e101, 7),
    "an error below zero": (10, Channel.WEATHER, -1, 22.0, 7, -0.5),
    "as old as the last": (10, Channel.WEATHER, -1, 22.0, 5),
    "older than the last": (10, Channel.WEATHER, -1, 22.0, 4),
    "of an unknown channel": (10, 17, -1, 22.0, 7),
    "of an unknown instrument": (10, Channel.WEATHER, 2, 22.0, 7),
    "a fair value of nothing": (10, Channel.FAIR_VALUE, -1, 22.0, 7),
    "a fair value of zero": (10, Channel.FAIR_VALUE, 0, 0.0, 7),
    "an old fair value": (10, Channel.FAIR_VALUE, 1, 22.0, 4),
    "a channel that names an instrument": (10, Channel.WEATHER, 0, 22.0, 7),
    "a fair value of the same time": (10, Channel.FAIR_VALUE, 1, 22.0, 5),
}


@pytest.mark.parametrize("what", ODD)
def test_what_the_kernel_leaves_out_is_left_out(what):
    """The kernel itself is the oracle: it holds the last value of what it took in."""
    data = told(
        (0, Channel.WEATHER, -1, 20.0, 5), (0, Channel.FAIR_VALUE, 1, 9_000.0, 5), ODD[what]
    )
    state = make_state(data.instruments, PARAMS, NANOS)
    run_events(state, data.events, 0, len(data.events), allocate(INTENT, MAX_INTENTS))
    last = {one.name: one.values[-1] for one in read_series(data)}
    assert last["weather"] == state.channels[Channel.WEATHER]["value"]
    assert last["fair value of ETF"] == state.instruments[1]["fair_ticks"]
    assert last.get("fair value of <River>", 0.0) == state.instruments[0]["fair_ticks"]


def test_a_recording_without_a_city_has_no_series():
    assert read_series(books([(0, 0, 100, 5, 101, 7)])) == []


def test_values_stay_as_they_were_told():
    values = [7.25, -2.0, 7.25]
    rows = [(10 * n, Channel.WEATHER, -1, value, n) for n, value in enumerate(values)]
    (weather,) = read_series(told(*rows))
    assert weather.values.tolist() == values
    assert weather.ts_ns.dtype == np.int64
