"""Observations from outside: worked series, and what is not believed."""

from __future__ import annotations

import math

import pytest

from core.domain.enums import Channel
from tests.unit.kernel.kernel_rig import KernelRig

SERIES = [10.0, 12.0, 9.0, 15.0]


def observed(channel: Channel, values=SERIES) -> KernelRig:
    rig = KernelRig()
    for number, value in enumerate(values, start=1):
        rig.observe(channel, value, 100 * number)
    return rig


def squashed(value: float) -> float:
    return value / (1 + abs(value))


DEVIATION = (2 + 3 + 6) / 3
"""Mean absolute change of the series, while its memory fills."""


def test_weather_momentum_is_the_distance_from_the_mean_before_it() -> None:
    rig = observed(Channel.WEATHER)
    before = (10 + 12 + 9) / 3
    assert rig.state.channels[Channel.WEATHER]["signal"] == pytest.approx(
        squashed((15 - before) / DEVIATION)
    )


def test_air_quality_delta_is_the_newest_change() -> None:
    rig = observed(Channel.AIR_QUALITY)
    assert rig.state.channels[Channel.AIR_QUALITY]["signal"] == pytest.approx(
        squashed(6 / DEVIATION)
    )


def test_flight_trend_is_the_fast_mean_against_the_slow_one() -> None:
    """The fast one is a plain mean for three, then gives the newest 0.3."""
    rig = observed(Channel.FLIGHTS)
    fast = (10 + 12 + 9) / 3
    fast += 0.3 * (15 - fast)
    slow = (10 + 12 + 9 + 15) / 4
    assert rig.state.channels[Channel.FLIGHTS]["signal"] == pytest.approx(
        squashed((fast - slow) / DEVIATION)
    )


def test_the_slow_memory_settles_at_a_twentieth() -> None:
    values = [10.0 + (number * 7) % 5 for number in range(40)]
    rig = observed(Channel.WEATHER, values)
    slow = sum(values[:20]) / 20
    for value in values[20:]:
        slow += 0.05 * (value - slow)
    assert rig.state.channels[Channel.WEATHER]["slow_mean"] == pytest.approx(slow)


@pytest.mark.parametrize("values", [[10.0], [10.0, 14.0], [7.0] * 30])
def test_few_or_constant_observations_say_nothing(values) -> None:
    for channel in (Channel.WEATHER, Channel.AIR_QUALITY, Channel.FLIGHTS):
        row = observed(channel, values).state.channels[channel]
        assert row["signal"] == 0.0
        assert row["observations"] == len(values)


@pytest.mark.parametrize("exch_ts_ns", [400, 399, 0, -5])
def test_a_late_or_repeated_observation_is_ignored(exch_ts_ns) -> None:
    """A feed that repeats its last answer must not look like a calm city."""
    rig = observed(Channel.WEATHER)
    before = rig.state.channels.tobytes()
    rig.observe(Channel.WEATHER, 99.0, exch_ts_ns)
    assert rig.state.channels.tobytes() == before
    rig.observe(Channel.WEATHER, 99.0, 401)
    assert rig.state.channels[Channel.WEATHER]["value"] == 99.0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e308, -1.7e308])
def test_a_value_that_is_no_number_or_out_of_all_bounds_is_refused(value) -> None:
    """Two such values would otherwise make a deviation that nothing ever leaves."""
    rig = observed(Channel.AIR_QUALITY)
    before = rig.state.channels.tobytes(), rig.state.instruments.tobytes()
    rig.observe(Channel.AIR_QUALITY, value, 900)
    rig.observe(Channel.FAIR_VALUE, value, 900, index=0)
    assert (rig.state.channels.tobytes(), rig.state.instruments.tobytes()) == before


def test_a_channel_recovers_from_a_wild_sensor() -> None:
    rig = observed(Channel.WEATHER)
    for number, value in enumerate([1e100, -1e100, 1e100], start=1_000):
        rig.observe(Channel.WEATHER, value, number)
        assert abs(rig.state.channels[Channel.WEATHER]["signal"]) <= 1.0
    for number in range(6_000):
        rig.observe(Channel.WEATHER, 10.0 + number % 3, 2_000 + number)
    row = rig.state.channels[Channel.WEATHER]
    assert row["deviation"] < 10.0
    rig.observe(Channel.WEATHER, 30.0, 9_000)
    assert row["signal"] > 0.5


def test_one_wild_observation_does_not_mute_a_channel() -> None:
    """A million usual changes off, then back: the next changes are heard as before."""
    calm = [10.0 + number % 2 for number in range(20)]
    rig = observed(Channel.AIR_QUALITY, [*calm, 1e6, *calm[:8]])
    assert abs(float(rig.state.channels[Channel.AIR_QUALITY]["signal"])) > 0.2
    assert float(rig.state.channels[Channel.AIR_QUALITY]["deviation"]) < 4.0


def test_a_denormal_deviation_is_no_division_by_nothing() -> None:
    rig = observed(Channel.AIR_QUALITY, [0.0, 5e-324, 0.0, 1e100])
    assert math.isfinite(rig.state.channels[Channel.AIR_QUALITY]["signal"])


def test_channels_are_apart() -> None:
    rig = observed(Channel.FLIGHTS)
    assert rig.state.channels["observations"].tolist() == [0, 0, 4]


def test_an_observation_of_no_channel_changes_nothing() -> None:
    rig = KernelRig()
    before = rig.state.channels.tobytes()
    for code in (-1, 4, 99):
        rig.observe(code, 5.0, 7)
    assert rig.state.channels.tobytes() == before


@pytest.mark.parametrize(
    ("value", "index", "error"), [(3407.0, -1, 1.0), (-4.0, 0, 1.0), (3407.0, 0, -1)]
)
def test_a_fair_value_that_cannot_be_is_left_out(value, index, error) -> None:
    """Without an instrument, below nothing, or with less than no error."""
    rig = KernelRig()
    before = rig.state.instruments.tobytes()
    rig.observe(Channel.FAIR_VALUE, value, index=index, error=error)
    assert rig.state.instruments.tobytes() == before


def test_a_fair_value_computed_earlier_does_not_replace_a_newer_one() -> None:
    """Of two computed at the same time, the one that comes last stands."""
    rig = KernelRig()
    rig.observe(Channel.FAIR_VALUE, 3410.0, 500, index=0, error=0.25)
    rig.observe(Channel.FAIR_VALUE, 3300.0, 499, index=0)
    assert rig.instrument()["fair_ticks"] == 3410.0
    assert rig.instrument()["fair_error_ticks"] == pytest.approx(0.25)
    rig.observe(Channel.FAIR_VALUE, 3412.0, 500, index=0)
    assert rig.instrument()["fair_ticks"] == 3412.0


def test_a_product_may_be_worth_nothing() -> None:
    """An option that will not pay any more must not keep what it was worth before."""
    rig = KernelRig()
    rig.observe(Channel.FAIR_VALUE, 12.0, 500, index=0, error=7.0)
    rig.observe(Channel.FAIR_VALUE, 0.0, 501, index=0)
    assert rig.instrument()["fair_ticks"] == 0.0


def test_a_fair_value_is_as_old_as_what_it_rests_on() -> None:
    rig = KernelRig()
    rig.observe(Channel.FAIR_VALUE, 3410.0, rig.ts_ns - 9_000, index=0)
    assert rig.instrument()["fair_ts_ns"] == rig.instrument()["fair_exch_ts_ns"]


def test_a_fair_value_of_the_future_is_as_old_as_its_telling() -> None:
    rig = KernelRig()
    rig.observe(Channel.FAIR_VALUE, 3410.0, rig.ts_ns + 10**12, index=0)
    assert rig.instrument()["fair_ts_ns"] == rig.ts_ns
