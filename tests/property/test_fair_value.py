"""Fair values: no look-ahead, nothing that is not finite, whatever comes in whatever order."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.events.loader import load_event
from core.events.pricer import Pricer
from core.feeds.port import Reading
from tests.event_world import HOUR_NS, MINUTE_NS, day_until, observation, vintage

MUNICH = load_event("munich-2025")
START = MUNICH.start_ts_ns
PAST = day_until(MUNICH, START + 3 * HOUR_NS)
NOW = START + 3 * HOUR_NS + 5 * MINUTE_NS


def expected_errors(reading: Reading) -> list:
    pricer = Pricer(MUNICH, draws=2)
    pricer.take(reading)
    pricer.refit(NOW)
    return [
        (model.bias.tolist(), model.deviation.tolist(), model.curves.quantiles.tolist())
        for model in pricer.errors().values()
    ] + list(pricer.correlations().values())


LEARNED = expected_errors(PAST)


@st.composite
def later(draw) -> Reading:
    """What is told after now, also of moments before it."""
    told, forecasts = [], []
    for series in MUNICH.series:
        wanted = series.settings
        for _ in range(draw(st.integers(0, 3))):
            moment = NOW + draw(st.integers(-72 * 60, 30 * 60)) * MINUTE_NS
            value = draw(st.floats(-1e4, 1e4))
            fetched = NOW + draw(st.integers(0, 10**6))
            told.append(
                observation(wanted.quantity, moment, value, place=wanted.place, fetched_ns=fetched)
            )
        if draw(st.booleans()):
            wrong = draw(st.floats(-30, 30))
            forecasts.append(vintage(wanted.quantity, NOW, error=wrong, place=wanted.place))
    return Reading(tuple(told), tuple(forecasts))


@settings(max_examples=25)
@given(later())
def test_what_is_told_later_changes_nothing_of_what_was_learned(future) -> None:
    both = Reading(
        PAST.observations + future.observations,
        PAST.vintages + future.vintages,
    )
    assert expected_errors(both) == LEARNED


def test_what_is_told_a_moment_earlier_would_change_it() -> None:
    """The property above is worth nothing if this fails."""
    wrong = vintage(MUNICH.series[2].settings.quantity, START - 24 * HOUR_NS + 1, error=20.0)
    seen = replace(PAST, vintages=(*PAST.vintages, wrong))
    assert expected_errors(seen) != LEARNED


@settings(max_examples=25)
@given(later(), st.booleans())
def test_whatever_comes_values_are_finite_and_in_order(future, refits) -> None:
    pricer = Pricer(MUNICH, draws=20)
    pricer.take(PAST)
    pricer.take(future)
    if refits:
        pricer.refit(NOW + 10**7)
    values = pricer.values()
    assert len(values) + len(pricer.unpriced()) == len(MUNICH.products)
    for value in values:
        numbers = (value.expected, value.deviation, value.low, value.high)
        assert all(math.isfinite(number) for number in numbers)
        assert value.low <= value.high


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_news_does_not_matter(seed) -> None:
    order = np.random.default_rng(seed).permutation(len(PAST.observations))
    first, second = Pricer(MUNICH, draws=20), Pricer(MUNICH, draws=20)
    first.take(PAST)
    for part in np.array_split(order, 7):
        second.take(Reading(tuple(PAST.observations[place] for place in part)))
        second.values()
    second.take(Reading((), PAST.vintages))
    assert first.values() == second.values()
