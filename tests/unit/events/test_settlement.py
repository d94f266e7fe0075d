"""The worked values of IMC's events, to the digit that was printed."""

from __future__ import annotations

import numpy as np
import pytest

from core.events.evaluate import evaluate
from core.events.loader import load_event
from core.events.settlement import settle

MUNICH = load_event("munich-2025")
LONDON = load_event("london-2026")


def flat(event, **values: float) -> dict[str, np.ndarray]:
    """Every series of an event at one value; 0 where none is given."""
    return {
        entry.name: np.full((1, entry.shape.bins), float(values.get(entry.name, 0.0)))
        for entry in event.series
    }


def by_bin(event, **values: list[float]) -> dict[str, np.ndarray]:
    """Series that begin with the values given, and are 0 from there on."""
    series = flat(event)
    for name, begin in values.items():
        series[name][0, : len(begin)] = begin
    return series


def airport_metric(series) -> float:
    half_hours = evaluate(MUNICH.terms["half_hour"], series)
    return evaluate(MUNICH.terms["airport"], {"half_hour": half_hours}).item()


def settled(event, series) -> dict[str, float]:
    return {symbol: value.item() for symbol, value in settle(event, series).items()}


def test_airport_bins_match_the_worked_example() -> None:
    series = by_bin(MUNICH, arrivals=[13, 10, 15], departures=[9, 19, 11])
    half_hours = evaluate(MUNICH.terms["half_hour"], series)[0]
    assert [f"{value:.4f}" for value in half_hours[:3]] == ["11.6291", "-17.2889", "9.0515"]
    assert not half_hours[3:].any()


def test_airport_sums_the_worked_bins() -> None:
    series = by_bin(MUNICH, arrivals=[13, 10, 15], departures=[9, 19, 11])
    assert f"{airport_metric(series):.4f}" == "3.3918"
    assert settled(MUNICH, series)["6_Airport"] == 3.0


def test_the_airport_without_flights_is_worth_nothing() -> None:
    assert settled(MUNICH, flat(MUNICH))["6_Airport"] == 0.0


def test_etf_and_strangle_match_the_worked_example() -> None:
    values = settled(MUNICH, flat(MUNICH, flow=24.3, level=141, temperature=30, humidity=88))
    assert f"{values['7_ETF']:.2f}" == "36.19"
    assert f"{values['8_ETF_Strangle']:.2f}" == "43.81"


def test_the_left_over_slide_gives_the_same_strangle() -> None:
    """An ETF of 18.5 makes 61.5."""
    values = settled(MUNICH, flat(MUNICH, level=185))
    assert values["7_ETF"] == pytest.approx(18.5)
    assert values["8_ETF_Strangle"] == pytest.approx(61.5)


def test_a_strangle_pays_nothing_between_its_strikes_and_on_both_sides() -> None:
    paid = {
        etf: settled(MUNICH, flat(MUNICH, level=10.0 * etf))["8_ETF_Strangle"]
        for etf in (79, 80, 100, 103)
    }
    assert paid == {79: pytest.approx(1), 80: 0.0, 100: 0.0, 103: pytest.approx(3)}


def test_eisbach_multiplies_what_was_last() -> None:
    series = flat(MUNICH, flow=20, level=150)
    series["flow"][0, -1] = 24.3
    series["level"][0, -1] = 141
    values = settled(MUNICH, series)
    assert values["1_Eisbach"] == round(24.3 * 141)
    assert values["2_Eisbach_Call"] == round((150 - 24.3) * (141 - 20)) - 5000


def test_the_eisbach_call_is_never_below_nothing() -> None:
    assert settled(MUNICH, flat(MUNICH, flow=24, level=90))["2_Eisbach_Call"] == 0.0


def test_weather_sums_48_bins() -> None:
    assert settled(MUNICH, flat(MUNICH, temperature=30, humidity=88))["3_Weather"] == 48 * 148


def test_the_second_weather_weighs_with_what_was_seen_so_far() -> None:
    """Against a loop with the standard library's mean and median."""
    from statistics import mean, median

    random = np.random.default_rng(5)
    series = flat(MUNICH)
    series["temperature"][0] = random.gamma(2.0, 20.0, 48)
    series["humidity"][0] = random.gamma(3.0, 30.0, 48)
    warm, damp = series["temperature"][0].tolist(), series["humidity"][0].tolist()
    expected = abs(
        sum(
            (warm[end] + damp[end])
            * (mean(warm[: end + 1]) - median(warm[: end + 1]))
            * (mean(damp[: end + 1]) - median(damp[: end + 1]))
            for end in range(48)
        )
    )
    assert settled(MUNICH, series)["4_Weather"] == pytest.approx(expected, rel=1e-12)


def test_flights_count_three_times() -> None:
    assert settled(MUNICH, by_bin(MUNICH, arrivals=[13, 10], departures=[9]))["5_Flights"] == 96


@pytest.mark.parametrize(("change_cm", "paid"), [(21, 0), (9, 11), (33, 8)])
def test_tide_swing_matches_the_slide(change_cm, paid) -> None:
    """One change, in either direction."""
    for signed_cm in (change_cm, -change_cm):
        step = evaluate(LONDON.terms["step"], {"tide": np.array([[1.5, 1.5 + signed_cm / 100]])})
        value = evaluate(LONDON.formulas["TIDE_SWING"], {"step": step})
        assert f"{value.item():.6f}" == f"{paid:.6f}"


def test_a_day_of_tide_has_96_changes() -> None:
    """Nothing moves: 20 for each."""
    assert settled(LONDON, flat(LONDON, tide=2.0))["TIDE_SWING"] == 96 * 20


@pytest.mark.parametrize("tide_m", [2.987, -2.987])
def test_tide_spot_is_in_millimeters_and_never_negative(tide_m) -> None:
    assert settled(LONDON, flat(LONDON, tide=tide_m))["TIDE_SPOT"] == pytest.approx(2987)


def test_weather_at_noon_rounds_the_temperature() -> None:
    """The slide: 33 x 29 = 957."""
    assert settled(LONDON, flat(LONDON, temperature=33.4, humidity=29))["WX_SPOT"] == 957


def test_weather_sum_is_in_hundreds() -> None:
    values = settled(LONDON, flat(LONDON, temperature=33, humidity=29))
    assert values["WX_SUM"] == pytest.approx(96 * 9.57)


def test_airport_index_matches_the_slide() -> None:
    """Each half hour by its sign; the product takes the size of their sum."""
    series = by_bin(LONDON, arrivals=[13, 10, 15], departures=[9, 19, 11])
    half_hours = evaluate(LONDON.terms["half_hour"], series)[0]
    assert [f"{value:.2f}" for value in half_hours[:4]] == ["18.18", "-31.03", "15.38", "0.00"]


def test_airport_index_adds_signs_before_it_drops_them() -> None:
    series = by_bin(LONDON, arrivals=[13, 10, 15], departures=[9, 19, 11])
    assert f"{settled(LONDON, series)['LHR_INDEX']:.2f}" == "2.53"


@pytest.mark.parametrize(
    ("etf", "paid"),
    [(6000, 400), (6300, 100), (6400, 200), (6800, 200), (7000, 0), (7200, 400)],
)
def test_fly_matches_the_slide(etf, paid) -> None:
    values = settle(LONDON, flat(LONDON), {"LON_ETF": np.array([[float(etf)]])})
    assert values["LON_FLY"].item() == paid


def test_the_london_etf_is_the_sum_of_three_products() -> None:
    values = settled(
        LONDON, flat(LONDON, tide=3.0, temperature=50, humidity=88, arrivals=13, departures=12)
    )
    assert values["LON_ETF"] == 3000 + 4400 + 48 * 25
    assert values["LON_FLY"] == (8600 - 6200) - 2 * (8600 - 6600) + 3 * (8600 - 7000)


def test_baskets_follow_their_parts() -> None:
    """Prosperity and the Launchpad, at prices that tell the parts apart."""
    prosperity = load_event("prosperity")
    marks = {"CHOCOLATE": 7900, "STRAWBERRIES": 4000, "ROSES": 14500}
    marks |= {"CROISSANTS": 4300, "JAMS": 6600, "DJEMBES": 13400}
    prices = {symbol: np.array([[float(mark)]]) for symbol, mark in marks.items()}
    values = {name: value.item() for name, value in settle(prosperity, {}, prices).items()}
    assert values == {
        "GIFT_BASKET": 4 * 7900 + 6 * 4000 + 14500 + 370,
        "PICNIC_BASKET1": 6 * 4300 + 3 * 6600 + 13400,
        "PICNIC_BASKET2": 4 * 4300 + 2 * 6600,
    }
    burger = load_event("launchpad-burger")
    prices = {
        symbol: np.array([[mark]])
        for symbol, mark in {"CHICKEN": 31.0, "LETTUCE": 7.0, "BREAD": 11.0}.items()
    }
    values = {name: value.item() for name, value in settle(burger, {}, prices).items()}
    assert values == {"BURGER": 49.0, "SALAD": 38.0}


def test_what_lacks_a_price_or_a_series_is_left_out() -> None:
    prosperity = load_event("prosperity")
    prices = {"CROISSANTS": np.array([[1.0]]), "JAMS": np.array([[2.0]])}
    assert settle(prosperity, {}, prices).keys() == {"PICNIC_BASKET2"}
    weather = {name: flat(MUNICH)[name] for name in ("temperature", "humidity")}
    assert settle(MUNICH, weather).keys() == {"3_Weather", "4_Weather"}


def test_all_draws_settle_as_each_would_alone() -> None:
    random = np.random.default_rng(8)
    draws = {
        entry.name: random.integers(5, 90, (7, entry.shape.bins)).astype(float)
        for entry in MUNICH.series
    }
    together = settle(MUNICH, draws)
    for draw in range(7):
        alone = settle(MUNICH, {name: rows[draw : draw + 1] for name, rows in draws.items()})
        for symbol, value in alone.items():
            assert together[symbol][draw, 0] == pytest.approx(value.item(), rel=1e-12)
