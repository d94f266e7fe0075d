"""Fair values over whole days of a simulated city: each news moves them as far as it should."""

from __future__ import annotations

import numpy as np
import pytest

from core.events.loader import load_event
from core.events.pricer import Pricer
from core.feeds.places import MUNICH
from core.feeds.simulated.city import SimulatedCity

EVENT = load_event("munich-2025")
HALF_HOUR_NS = 1_800_000_000_000
CITIES = 12

pytestmark = pytest.mark.xdist_group("fair values of a city")


def day(seed: int) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Deviations at the start, and expected values after each half hour, by product."""
    city, pricer = SimulatedCity(MUNICH, seed), Pricer(EVENT, draws=400, seed=seed)
    values: dict[str, list[float]] = {entry.symbol: [] for entry in EVENT.products}
    deviations: dict[str, float] = {}
    for number in range(49):
        now_ns = EVENT.start_ts_ns + number * HALF_HOUR_NS
        pricer.take(city.advance(now_ns))
        if number == 0:
            pricer.refit(now_ns + 1)
        for value in pricer.values():
            values[value.symbol].append(value.expected)
            deviations.setdefault(value.symbol, value.deviation)
    return deviations, values


@pytest.fixture(scope="module")
def days() -> list[tuple[dict[str, float], dict[str, list[float]]]]:
    return [day(seed) for seed in range(CITIES)]


@pytest.mark.parametrize("symbol", ["3_Weather", "5_Flights", "7_ETF"])
def test_all_steps_of_a_day_add_up_to_the_uncertainty_at_its_start(days, symbol) -> None:
    """
    Check that the squares of the steps add up to the variance, as a martingale's do.

    Values that jump there and back, or do not move, would miss it by far.
    """
    promised = np.mean([deviations[symbol] ** 2 for deviations, _ in days])
    moved = np.mean([np.sum(np.diff(values[symbol]) ** 2) for _, values in days])
    assert 0.4 < np.sqrt(moved / promised) < 1.6


@pytest.mark.parametrize("symbol", ["3_Weather", "4_Weather", "5_Flights", "7_ETF"])
def test_no_step_is_taken_back_by_the_next(days, symbol) -> None:
    steps = [np.diff(values[symbol]) for _, values in days]
    related = [np.corrcoef(one[:-1], one[1:])[0, 1] for one in steps]
    assert abs(np.mean(related)) < 0.35


def test_what_is_settled_is_within_what_was_promised(days) -> None:
    """Eight in ten of all products' outcomes, about, within 1.28 deviations."""
    inside = [
        abs(values[symbol][-1] - values[symbol][0]) < 1.28 * deviations[symbol]
        for deviations, values in days
        for symbol in deviations
    ]
    assert 0.65 < np.mean(inside) < 0.95
