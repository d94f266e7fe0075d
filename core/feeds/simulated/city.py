"""The simulated city: what its services would tell, as time goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from core.domain.memory import FloatArray, IntArray
from core.feeds.common.wire import S_IN_NS
from core.feeds.port import Observation, Place, Quality, Quantity, Reading, Vintage
from core.feeds.simulated.air import Air
from core.feeds.simulated.flights import Flights
from core.feeds.simulated.forecasts import forecast
from core.feeds.simulated.noise import Noise
from core.feeds.simulated.water import Water
from core.feeds.simulated.weather import Weather

NAME = "simulated"
MINUTE_NS = 60 * S_IN_NS
QUARTER_NS = 15 * MINUTE_NS
HALF_HOUR_NS = 30 * MINUTE_NS
HOUR_NS = 60 * MINUTE_NS
HISTORY_NS = 72 * HOUR_NS
"""
Told at the first step, and after a leap: who starts within a window knows its past. A tide
is foreseen from two days of it.
"""
HORIZON_QUARTERS = 3 * 24 * 4

_STEPS: Mapping[Quantity, float] = {
    Quantity.TEMPERATURE_C: 0.1,
    Quantity.HUMIDITY_PCT: 1.0,
    Quantity.PRESSURE_HPA: 0.1,
    Quantity.WIND_SPEED_M_S: 0.1,
    Quantity.WIND_DIRECTION_DEG: 1.0,
    Quantity.PRECIPITATION_MM_H: 0.1,
    Quantity.CLOUD_COVER_PCT: 1.0,
    Quantity.LEVEL_CM: 1.0,
    Quantity.FLOW_M3_S: 0.1,
    Quantity.WATER_TEMPERATURE_C: 0.1,
}
"""What real services round to; of others, a tenth."""


class SimulatedCity:
    """
    A city of which everything is known in advance, but told only when it is due.

    It has no clock. Its past does not depend on how it was stepped through: the same seed,
    place and moment give the same values.

    Args:
        place: Whose climate, airport and gauge it has.
        seed: Which of the cities that could be.
    """

    def __init__(self, place: Place, seed: int) -> None:
        self._place = place
        self._noise = Noise(f"{place.name}/{seed}")
        self._weather = Weather(place, self._noise)
        self._water = Water(place, self._noise, self._weather)
        self._air = Air(place, self._noise, self._weather)
        self._flights = Flights(place, self._noise, self._weather)
        self._told_ns: int | None = None

    def advance(self, ts_ns: int) -> Reading:
        """
        Tell what has become known since the last step; at the first one, of the last three days.

        Weather and water are due every quarter of an hour, the airport every half hour, air
        and forecasts every hour, the aircraft in the air every minute.

        Args:
            ts_ns: The moment that it is, UTC. One before the last step tells nothing.
        """
        since_ns = ts_ns - HISTORY_NS
        if self._told_ns is not None:
            since_ns = max(self._told_ns, since_ns)
        if since_ns >= ts_ns:
            return Reading()
        self._told_ns = ts_ns
        observations = list(self._observe(since_ns, ts_ns))
        observations.sort(key=lambda item: item.valid_ts_ns)
        return Reading(tuple(observations), tuple(self._issue(since_ns, ts_ns)))

    def truth(self, quantity: Quantity, ts_ns: IntArray) -> FloatArray:
        """
        Look up what weather, water or air is at any moments, those to come among them.

        Args:
            quantity: One of theirs.
            ts_ns: Shape (n,), rising: moments, UTC.

        Returns:
            Shape (n,), not rounded.

        Raises:
            KeyError: If it is none of theirs.
        """
        seconds = np.asarray(ts_ns, np.float64) / S_IN_NS
        for part in (self._weather, self._water, self._air):
            values = part.at(seconds)
            if quantity in values:
                return values[quantity]
        raise KeyError(quantity)

    def _observe(self, since_ns: int, ts_ns: int) -> Iterator[Observation]:
        place = self._place
        quarters = _due(since_ns, ts_ns, QUARTER_NS)
        if quarters.size:
            seconds = quarters / S_IN_NS
            yield from self._rows(self._weather.at(seconds), quarters, place.name, ts_ns)
            yield from self._rows(self._water.at(seconds), quarters, self._water.station, ts_ns)
        hours = _due(since_ns, ts_ns, HOUR_NS)
        if hours.size:
            yield from self._rows(self._air.at(hours / S_IN_NS), hours, place.name, ts_ns)
        if place.airport:
            for end_ns in _due(since_ns, ts_ns, HALF_HOUR_NS):
                for quantity, count in self._flights.ended(int(end_ns) / S_IN_NS).items():
                    yield self._row(quantity, count, int(end_ns), place.airport, ts_ns)
        minutes = _due(since_ns, ts_ns, MINUTE_NS)
        if minutes.size:
            now_ns = int(minutes[-1])
            flying = self._flights.in_the_air(now_ns / S_IN_NS)
            yield self._row(Quantity.AIRCRAFT, flying, now_ns, place.name, ts_ns)

    def _rows(
        self,
        values: Mapping[Quantity, FloatArray],
        moments: IntArray,
        place: str,
        ts_ns: int,
    ) -> Iterator[Observation]:
        for quantity, column in values.items():
            step = _STEPS.get(quantity, 0.1)
            for value, moment_ns in zip(column, moments, strict=True):
                # Twice, as 3 steps of 0.1 would be 0.30000000000000004.
                rounded = round(round(float(value) / step) * step, 6)
                yield self._row(quantity, rounded, int(moment_ns), place, ts_ns)

    def _row(
        self, quantity: Quantity, value: float, moment_ns: int, place: str, ts_ns: int
    ) -> Observation:
        return Observation(quantity, value, moment_ns, ts_ns, NAME, place, Quality.SIMULATED)

    def _issue(self, since_ns: int, ts_ns: int) -> Iterator[Vintage]:
        """Forecast once an hour, of the latest hour alone: older ones are of no use any more."""
        hours = _due(since_ns, ts_ns, HOUR_NS)
        if not hours.size:
            return
        issued_ns = int(hours[-1])
        first_ns = ts_ns // QUARTER_NS * QUARTER_NS + QUARTER_NS
        valid_ns = first_ns + np.arange(HORIZON_QUARTERS, dtype=np.int64) * QUARTER_NS
        valid_s = valid_ns / S_IN_NS
        for quantity, truth in self._weather.at(valid_s).items():
            told = forecast(quantity, truth, issued_ns / S_IN_NS, valid_s, self._noise)
            if told is not None:
                yield Vintage(quantity, NAME, self._place.name, ts_ns, valid_ns, told)


def _due(since_ns: int, ts_ns: int, step_ns: int) -> IntArray:
    """Multiples of a step after one moment and up to another, in ns."""
    first = since_ns // step_ns + 1
    return np.arange(first, ts_ns // step_ns + 1, dtype=np.int64) * step_ns
