"""Flights of the simulated city: waves of arrivals, and of departures after them."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import numpy as np

from core.domain.memory import FloatArray
from core.feeds.port import Place, Quantity
from core.feeds.simulated.clock import HOUR_S, local
from core.feeds.simulated.noise import Noise
from core.feeds.simulated.weather import Weather

HALF_HOUR_S = 1800.0
OPENS_H = 5.0
CLOSES_H = 23.5
WAVE_H = 2.5
"""From one bank of arrivals to the next."""
LAG_H = 1.0
"""Departures follow the arrivals that feed them."""
WEEKEND = 0.92
SATURDAY = 5
WIND_HURTS_M_S = 12.0

_PER_DAY: Mapping[str, float] = {"EDDM": 500.0, "EGLL": 650.0}
"""Arrivals on a working day, and as many departures; source: yearly figures of the airports."""
_PER_DAY_ELSEWHERE = 200.0


class Flights:
    """
    Movements by half hour.

    Args:
        place: The city.
        noise: Its randomness.
        weather: What delays them.
    """

    def __init__(self, place: Place, noise: Noise, weather: Weather) -> None:
        self._noise = noise
        self._weather = weather
        self._zone = ZoneInfo(place.time_zone)
        per_day = _PER_DAY.get(place.airport, _PER_DAY_ELSEWHERE)
        self._mean = per_day / ((CLOSES_H - OPENS_H) * HOUR_S / HALF_HOUR_S)

    def ended(self, seconds: float) -> dict[Quantity, float]:
        """Count the movements of the half hour that ended then."""
        middle = np.array([seconds - HALF_HOUR_S / 2.0])
        number = round(seconds / HALF_HOUR_S)
        return {
            quantity: float(self._noise.count(quantity, number, float(mean[0])))
            for quantity, mean in self.means(middle).items()
        }

    def means(self, seconds: FloatArray) -> dict[Quantity, FloatArray]:
        """Expect movements of the half hours around moments, each of shape (n,)."""
        clock = local(seconds, self._zone)
        wind_m_s = self._weather.at(seconds)[Quantity.WIND_SPEED_M_S]
        kept = 1.0 / (1.0 + np.maximum(wind_m_s - WIND_HURTS_M_S, 0.0) / 10.0)
        busy = self._mean * np.where(clock.weekday >= SATURDAY, WEEKEND, 1.0) * kept
        return {
            Quantity.ARRIVALS: np.asarray(busy * _banks(clock.hour)),
            Quantity.DEPARTURES: np.asarray(busy * _banks(clock.hour - LAG_H)),
        }

    def in_the_air(self, seconds: float) -> float:
        """Count aircraft around the city."""
        moment = np.array([seconds])
        means = self.means(moment)
        mean = 8.0 + 0.9 * float(means[Quantity.ARRIVALS][0] + means[Quantity.DEPARTURES][0])
        wander = 1.0 + 0.15 * float(self._noise.smooth("sky", moment, HALF_HOUR_S)[0])
        return float(max(round(mean * wander), 0))


def _banks(hour: FloatArray) -> FloatArray:
    """Waves over the day, 1 in its mean while the airport is open."""
    wave = 1.0 + 0.45 * np.cos((hour - OPENS_H - 1.5) / WAVE_H * 2.0 * np.pi)
    return np.asarray(np.where((hour >= OPENS_H) & (hour < CLOSES_H), wave, 0.0))
