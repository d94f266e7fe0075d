"""Fair values: what they hold together, how they move, and where they end."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from core.events.backtest import outcome
from core.events.history import history_of
from core.events.loader import load_event
from core.events.pricer import Pricer
from core.feeds.port import Quantity, Reading
from tests.event_world import (
    HOUR_NS,
    LATE_NS,
    MINUTE_NS,
    day_until,
    observation,
    observations,
    vintage,
)

MUNICH = load_event("munich-2025")
LONDON = load_event("london-2026")
PROSPERITY = load_event("prosperity")
START = MUNICH.start_ts_ns


def make(event=MUNICH, until_ns: int | None = None, **options) -> Pricer:
    """A pricer that has been told three days of a made-up city."""
    pricer = Pricer(event, **{"draws": 400, **options})
    pricer.take(day_until(event, event.start_ts_ns if until_ns is None else until_ns))
    return pricer


def by_symbol(pricer: Pricer) -> dict:
    return {value.symbol: value for value in pricer.values()}


def one(quantity, moment_ns: int, value: float | None = None, place: str = "") -> Reading:
    return Reading((observation(quantity, moment_ns, value, place=place),))


def test_every_product_of_munich_and_london_has_a_fair_value() -> None:
    values = make().values()
    assert [value.symbol for value in values] == [entry.symbol for entry in MUNICH.products]
    for value in values:
        numbers = (value.expected, value.deviation, value.low, value.high)
        assert all(math.isfinite(number) for number in numbers)
        assert value.low <= value.high
        assert value.deviation > 0
        assert value.settles_ts_ns == MUNICH.end_ts_ns


def test_before_anything_is_told_nothing_is_priced_and_it_says_why() -> None:
    pricer = Pricer(MUNICH, draws=10)
    assert pricer.values() == ()
    assert pricer.unpriced()["3_Weather"] == "too little is known yet of humidity, temperature"
    assert pricer.unpriced()["1_Eisbach"] == "too little is known yet of flow, level"
    assert pricer.draws("1_Eisbach").size == 0


def test_what_is_missing_costs_only_what_rests_on_it() -> None:
    pricer = Pricer(MUNICH, draws=10)
    pricer.take(Reading((), (vintage(Quantity.TEMPERATURE_C, START),)))
    pricer.take(Reading((), (vintage(Quantity.HUMIDITY_PCT, START),)))
    assert set(by_symbol(pricer)) == {"3_Weather", "4_Weather"}
    assert pricer.unpriced()["7_ETF"] == (
        "too little is known yet of arrivals, departures, flow, level"
    )


def test_options_pay_on_the_very_draws_of_their_underlying() -> None:
    pricer = make()
    etf, strangle = pricer.draws("7_ETF"), pricer.draws("8_ETF_Strangle")
    np.testing.assert_allclose(strangle, np.maximum(80 - etf, 0) + np.maximum(etf - 100, 0))


def test_a_basket_is_the_sum_of_its_parts_in_every_draw() -> None:
    pricer = Pricer(LONDON, draws=50)
    told = london_tide(LONDON.start_ts_ns - 72 * HOUR_NS, LONDON.start_ts_ns)
    told += [
        observation(quantity, LONDON.start_ts_ns, 12, place="EGLL")
        for quantity in (Quantity.ARRIVALS, Quantity.DEPARTURES)
    ]
    forecasts = tuple(
        vintage(quantity, LONDON.start_ts_ns)
        for quantity in (Quantity.TEMPERATURE_C, Quantity.HUMIDITY_PCT)
    )
    pricer.take(Reading(tuple(told), forecasts))
    pricer.refit(LONDON.start_ts_ns + HOUR_NS)
    parts = sum(pricer.draws(symbol) for symbol in ("TIDE_SPOT", "WX_SPOT", "LHR_COUNT"))
    np.testing.assert_allclose(pricer.draws("LON_ETF"), parts)
    values = by_symbol(pricer)
    assert values["LON_ETF"].expected == pytest.approx(
        sum(values[symbol].expected for symbol in ("TIDE_SPOT", "WX_SPOT", "LHR_COUNT"))
    )
    assert values["LON_FLY"].expected >= 0


def test_the_band_holds_what_it_says_of_the_draws() -> None:
    pricer = make(draws=2_000)
    value = by_symbol(pricer)["3_Weather"]
    draws = pricer.draws("3_Weather")
    inside = np.mean((draws >= value.low) & (draws <= value.high))
    assert inside == pytest.approx(0.8, abs=0.002)
    assert value.expected == pytest.approx(draws.mean())
    assert value.deviation == pytest.approx(draws.std())


def test_a_seed_makes_the_same_values_bit_for_bit() -> None:
    assert make(seed=4).values() == make(seed=4).values()
    assert make(seed=4).values() != make(seed=5).values()


def test_news_in_parts_and_at_once_end_at_the_same() -> None:
    """What was worked out step by step is what would be worked out anew."""
    later = day_until(MUNICH, START + 5 * HOUR_NS)
    at_once, in_parts = Pricer(MUNICH, draws=100), Pricer(MUNICH, draws=100)
    at_once.take(later)
    for told in later.observations[::-1]:
        in_parts.take(Reading((told,)))
        in_parts.values() if told.valid_ts_ns > START else None
    for told in later.vintages:
        in_parts.take(Reading((), (told,)))
    assert in_parts.values() == at_once.values()


def test_what_is_known_already_is_no_news() -> None:
    pricer = make()
    before = pricer.values()
    told = day_until(MUNICH, START).observations[-1]
    assert not pricer.take(Reading((told,)))
    assert pricer.values() == before


def test_news_of_another_place_are_none() -> None:
    pricer = make()
    assert not pricer.take(one(Quantity.LEVEL_CM, START, 900.0, place="16005701"))


def test_uncertainty_shrinks_as_the_day_goes_on_and_ends_at_nothing() -> None:
    event = MUNICH
    deviations = []
    for hours in (0, 6, 12, 18, 23):
        value = by_symbol(make(until_ns=event.start_ts_ns + hours * HOUR_NS))["3_Weather"]
        deviations.append(value.deviation)
    assert deviations == sorted(deviations, reverse=True)
    end = make(until_ns=event.end_ts_ns + HOUR_NS)
    for value in end.values():
        assert value.deviation == 0
        assert value.known == value.expected == value.low == value.high


def test_the_end_is_the_settlement() -> None:
    recording = day_until(MUNICH, MUNICH.end_ts_ns + HOUR_NS)
    pricer = Pricer(MUNICH, draws=10)
    pricer.take(recording)
    settled = outcome(MUNICH, recording)
    assert {value.symbol: value.expected for value in pricer.values()} == pytest.approx(settled)


def test_the_known_part_is_what_the_bins_so_far_settle_on() -> None:
    """Two hours of flights: three times what moved."""
    pricer = make(until_ns=START + 2 * HOUR_NS + LATE_NS)
    moved = sum(
        told.value
        for series in MUNICH.series
        if series.settings.quantity in {Quantity.ARRIVALS, Quantity.DEPARTURES}
        for told in observations(series, START + 1, START + 2 * HOUR_NS)
    )
    assert by_symbol(pricer)["5_Flights"].known == 3 * moved


def test_before_the_window_nothing_is_known() -> None:
    assert {value.known for value in make(until_ns=START).values()} == {None}


def test_a_warmer_hour_than_forecast_makes_the_next_ones_warmer_too() -> None:
    pricer = make(until_ns=START)
    before = by_symbol(pricer)["3_Weather"].expected
    moment = START + 30 * MINUTE_NS
    as_forecast = make(until_ns=START)
    as_forecast.take(one(Quantity.TEMPERATURE_C, moment))
    pricer.take(one(Quantity.TEMPERATURE_C, moment, 12.0))
    bin_alone = 2 * 1.8 * (12.0 - observation(Quantity.TEMPERATURE_C, moment).value)
    moved = by_symbol(pricer)["3_Weather"].expected - by_symbol(as_forecast)["3_Weather"].expected
    assert moved > 2 * bin_alone > 0
    assert before != by_symbol(pricer)["3_Weather"].expected


def test_physical_bounds_hold_in_every_draw() -> None:
    pricer = Pricer(MUNICH, draws=400)
    soaked = vintage(Quantity.HUMIDITY_PCT, START)
    soaked = replace(soaked, values=np.full_like(soaked.values, 99.0))
    dry = vintage(Quantity.TEMPERATURE_C, START)
    pricer.take(Reading((), (soaked, replace(dry, values=np.full_like(dry.values, -17.0 - 7 / 9)))))
    # 48 bins of no more than 100 %, at about 0 F.
    assert pricer.draws("3_Weather").max() < 48 * 100 + 2 * 48 * 30


def test_the_age_is_that_of_what_has_been_silent_longest() -> None:
    pricer = make(until_ns=START)
    oldest = by_symbol(pricer)["3_Weather"].as_of_ts_ns
    pricer.take(one(Quantity.TEMPERATURE_C, START + HOUR_NS))
    assert by_symbol(pricer)["3_Weather"].as_of_ts_ns == oldest
    pricer.take(one(Quantity.HUMIDITY_PCT, START + 2 * HOUR_NS))
    assert by_symbol(pricer)["3_Weather"].as_of_ts_ns == START + HOUR_NS + LATE_NS


def test_a_feed_that_says_the_same_again_is_alive() -> None:
    """No value moves, and yet nothing is stale."""
    pricer = make(until_ns=START)
    before = by_symbol(pricer)["1_Eisbach"]
    for quantity in (Quantity.LEVEL_CM, Quantity.FLOW_M3_S):
        told = observation(quantity, START - HOUR_NS, place="16515005")
        pricer.take(Reading((replace(told, fetched_ts_ns=START + HOUR_NS),)))
    after = by_symbol(pricer)["1_Eisbach"]
    assert after.as_of_ts_ns == START + HOUR_NS
    assert replace(after, as_of_ts_ns=before.as_of_ts_ns) == before


def test_baskets_follow_the_market_of_their_parts() -> None:
    pricer = Pricer(PROSPERITY, draws=2_000)
    for symbol, price in (("CHOCOLATE", 7900.0), ("STRAWBERRIES", 4000.0), ("ROSES", 14500.0)):
        pricer.mark(symbol, price, START)
    values = by_symbol(pricer)
    assert values["GIFT_BASKET"].expected == pytest.approx(4 * 7900 + 6 * 4000 + 14500 + 370)
    assert values["GIFT_BASKET"].deviation == pytest.approx(85, rel=0.05)
    assert values["ROSES"].deviation == 0
    pricer.mark("ROSES", 14510.0, START + 1)
    assert by_symbol(pricer)["GIFT_BASKET"].expected == pytest.approx(
        values["GIFT_BASKET"].expected + 10
    )
    assert pricer.unpriced()["PICNIC_BASKET2"] == "too little is known yet of CROISSANTS, JAMS"


def london_tide(since_ns: int, until_ns: int) -> list:
    """Every quarter of an hour of a made-up Thames: nearly three meters up and down."""
    moments = np.arange(since_ns, until_ns + 1, 15 * MINUTE_NS)
    hours = moments / HOUR_NS
    waves = ((2.5, 28.9841042, 40.0), (0.7, 30.0, 75.0), (0.3, 57.9682084, 10.0))
    meters = 0.3 + sum(a * np.cos(np.radians(speed * hours - at)) for a, speed, at in waves)
    return [
        observation(Quantity.LEVEL_CM, int(moment), 100 * value, place="0006")
        for moment, value in zip(moments, meters, strict=True)
    ]


def test_a_tide_is_told_by_the_weeks_before_and_not_without_them() -> None:
    start, end = LONDON.start_ts_ns, LONDON.end_ts_ns
    past = london_tide(start - 30 * 24 * HOUR_NS, start - HOUR_NS)
    settled = outcome(LONDON, Reading(tuple(london_tide(start - 15 * MINUTE_NS, end))))
    pricer = Pricer(LONDON, draws=400)
    pricer.take(Reading(tuple(past)))
    assert pricer.unpriced()["TIDE_SPOT"] == "too little is known yet of tide"
    pricer.refit(start)
    values = by_symbol(pricer)
    assert values["TIDE_SWING"].expected == pytest.approx(settled["TIDE_SWING"], rel=0.05)
    spot = values["TIDE_SPOT"]
    assert abs(spot.expected - settled["TIDE_SPOT"]) < max(spot.deviation, 20.0)
    assert spot.deviation < 200


def test_what_a_tide_is_assumed_to_miss_does_not_shake_it() -> None:
    """Wind moves it over hours: swings between quarters of an hour stay those of the tide."""
    start, end = LONDON.start_ts_ns, LONDON.end_ts_ns
    past = london_tide(start - 30 * 24 * HOUR_NS, start - HOUR_NS)
    settled = outcome(LONDON, Reading(tuple(london_tide(start - 15 * MINUTE_NS, end))))
    pricer = Pricer(LONDON, draws=400)
    pricer.take(Reading(tuple(past)))
    tide = pricer._series["tide"]
    tide._rule = tide._rule.learn(history_of(tide.timeline))
    assert tide.model.forecasts == 0
    swing = by_symbol(pricer)["TIDE_SWING"]
    assert swing.expected == pytest.approx(settled["TIDE_SWING"], rel=0.05)


@pytest.mark.parametrize("symbol", ["GIFT_BASKET", "NOBODY"])
def test_only_the_market_s_own_products_are_marked(symbol) -> None:
    with pytest.raises(ValueError, match="is not a product of prosperity that is_market"):
        Pricer(PROSPERITY, draws=2).mark(symbol, 1.0, START)


@pytest.mark.parametrize("price", [math.nan, math.inf])
def test_a_price_that_is_no_number_is_refused(price) -> None:
    with pytest.raises(ValueError, match="is not a finite number"):
        Pricer(PROSPERITY, draws=2).mark("ROSES", price, START)


@pytest.mark.parametrize("draws", [0, -2, 7])
def test_draws_come_in_pairs(draws) -> None:
    with pytest.raises(ValueError, match=f"draws = {draws} must be even"):
        Pricer(MUNICH, draws=draws)


def test_a_formula_that_breaks_in_some_draws_is_said_and_the_rest_goes_on(tmp_path) -> None:
    text = """
title = "Broken"

[window]
start = "2025-11-22T10:00"
end = "2025-11-22T12:00"
time_zone = "Europe/Berlin"

[[observation]]
name = "level"
quantity = "level_cm"
unit = "cm"
bin_minutes = 15
outlook = "persistence"
typical = 10
error_now = 5
error_day = 9

[[observation]]
name = "flow"
quantity = "flow_m3_s"
unit = "m3/s"
bin_minutes = 15
outlook = "persistence"
typical = 10
error_now = 5
error_day = 9

[[product]]
symbol = "BAD"
tick_size = "1"
position_limit = 1
settlement = "sqrt(last(level))"
certainty = "likely"

[[product]]
symbol = "GOOD"
tick_size = "1"
position_limit = 1
settlement = "last(flow)"
certainty = "likely"

[[product]]
symbol = "BOTH"
tick_size = "1"
position_limit = 1
parts = { BAD = 1, GOOD = 1 }
certainty = "likely"
"""
    (tmp_path / "broken.toml").write_text(text, encoding="utf-8")
    pricer = Pricer(load_event("broken", folder=tmp_path), draws=400)
    pricer.take(one(Quantity.LEVEL_CM, START, 0.5))
    pricer.take(one(Quantity.FLOW_M3_S, START, 20.0))
    broken = "its formula divides by nothing, or the like, in some draws"
    assert set(by_symbol(pricer)) == {"GOOD"}
    assert pricer.unpriced() == {"BAD": broken, "BOTH": broken}
    pricer.take(one(Quantity.FLOW_M3_S, START + 15 * MINUTE_NS, 21.0))
    assert set(by_symbol(pricer)) == {"GOOD"}
    assert pricer.unpriced()["BOTH"] == "a product that it is made of has no value"


def test_measured_errors_replace_the_assumed_ones() -> None:
    pricer = make()
    assert {model.forecasts for model in pricer.errors().values()} == {0}
    wide = by_symbol(pricer)["3_Weather"].deviation
    pricer.refit(START)
    assert pricer.errors()["temperature"].forecasts > 5
    # The made-up forecasts are right, on hours at least.
    assert by_symbol(pricer)["3_Weather"].deviation < wide


def test_how_two_forecasts_go_wrong_together_is_measured() -> None:
    """Each day is as much drier as it is warmer than forecast, and noise of its own beside it."""
    random = np.random.default_rng(17)
    pricer = make(draws=2_000)
    assert pricer.correlations()["temperature", "humidity"] == -0.6
    told = []
    for day in range(40):
        issued = START - (day + 1) * 24 * HOUR_NS - 5 * MINUTE_NS
        warmer, own = random.standard_normal(2)
        told += [
            vintage(Quantity.TEMPERATURE_C, issued, hours=25, error=-warmer),
            vintage(Quantity.HUMIDITY_PCT, issued, hours=25, error=8 * warmer - 6 * own),
        ]
    past = [
        entry
        for series in MUNICH.series
        if series.settings.outlook == "forecast"
        for entry in observations(series, START - 41 * 24 * HOUR_NS, START)
    ]
    pricer = Pricer(MUNICH, draws=2_000)
    pricer.take(Reading(tuple(past), tuple(told)))
    pricer.refit(START)
    seen = pricer.correlations()["temperature", "humidity"]
    assert seen == pytest.approx(-0.8 * 40 / 48 - 0.6 * 8 / 48, abs=0.08)


def test_few_forecasts_leave_the_assumed_correlation() -> None:
    pricer = make()
    pricer.refit(START - 30 * HOUR_NS)
    assert pricer.correlations()["temperature", "humidity"] == -0.6


def test_forecasts_of_one_day_do_not_prove_how_they_go_wrong_together() -> None:
    """Thirty of them, an hour from one to the next, are one story of a little more than a day."""
    told = [
        vintage(quantity, START - hours * HOUR_NS, hours=25, error=error)
        for hours in range(30)
        for quantity, error in ((Quantity.TEMPERATURE_C, 1.0), (Quantity.HUMIDITY_PCT, 8.0))
    ]
    pricer = Pricer(MUNICH, draws=2)
    pricer.take(Reading((), tuple(told)))
    for series in MUNICH.series:
        pricer.take(Reading(tuple(observations(series, START - 31 * HOUR_NS, START))))
    pricer.refit(START + 1)
    assert pricer.correlations()["temperature", "humidity"] == -0.6
