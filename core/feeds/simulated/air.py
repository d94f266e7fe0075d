"""Air of the simulated city: traffic fills it, wind and rain clear it."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import numpy as np

from core.domain.memory import FloatArray
from core.feeds.port import Place, Quantity
from core.feeds.simulated.clock import DAY_S, local
from core.feeds.simulated.noise import Noise
from core.feeds.simulated.weather import Weather

MORNING_H = 8.0
EVENING_H = 18.0
RUSH_H = 1.4
"""Deviation of the hours at which people drive."""
SATURDAY = 5

_BANDS = (0.0, 20.0, 40.0, 60.0, 80.0, 100.0)
_EAQI: Mapping[Quantity, tuple[float, ...]] = {
    Quantity.PM2_5_UG_M3: (0, 10, 20, 25, 50, 75),
    Quantity.PM10_UG_M3: (0, 20, 40, 50, 100, 150),
    Quantity.NO2_UG_M3: (0, 40, 90, 120, 230, 340),
    Quantity.O3_UG_M3: (0, 50, 100, 130, 240, 380),
}
"""Where the European index changes its band; source: https://open-meteo.com/en/docs."""


class Air:
    """
    The air at any moment.

    Args:
        place: The city.
        noise: Its randomness.
        weather: What clears it.
    """

    def __init__(self, place: Place, noise: Noise, weather: Weather) -> None:
        self._noise = noise
        self._weather = weather
        self._zone = ZoneInfo(place.time_zone)

    def at(self, seconds: FloatArray) -> dict[Quantity, FloatArray]:
        """
        Tell concentrations and the European index.

        Args:
            seconds: Shape (n,): moments, since 1970.

        Returns:
            Each of shape (n,).
        """
        weather = self._weather.at(seconds)
        clock = local(seconds, self._zone)
        rush = _bump(clock.hour, MORNING_H) + 0.8 * _bump(clock.hour, EVENING_H)
        traffic = (0.3 + rush) * np.where(clock.weekday >= SATURDAY, 0.55, 1.0)
        thin = 3.0 / (1.5 + weather[Quantity.WIND_SPEED_M_S])
        washed = 1.0 / (1.0 + 0.4 * weather[Quantity.PRECIPITATION_MM_H])
        mood = np.exp(0.35 * self._noise.smooth("haze", seconds, 1.5 * DAY_S))
        sun = np.maximum(np.cos((clock.hour - 14.5) / 24.0 * 2.0 * np.pi), 0.0)
        warm = np.clip(weather[Quantity.TEMPERATURE_C], 0.0, 35.0) / 20.0
        fine = (5.0 + 5.0 * traffic) * thin * washed * mood
        no2 = 22.0 * traffic * thin * mood
        air = {
            Quantity.PM2_5_UG_M3: fine,
            Quantity.PM10_UG_M3: 1.55 * fine + 1.0,
            Quantity.NO2_UG_M3: no2 + 3.0,
            Quantity.O3_UG_M3: 38.0 + 45.0 * sun * warm - 0.4 * no2 + 4.0 * thin,
            Quantity.CO_UG_M3: 130.0 + 3.5 * no2,
        }
        air = {quantity: np.maximum(values, 0.5) for quantity, values in air.items()}
        return {**air, Quantity.EAQI: european_index(air)}


def european_index(air: Mapping[Quantity, FloatArray]) -> FloatArray:
    """Find the European index, 0 to above 100: that of the worst pollutant, shape (n,)."""
    parts = []
    for quantity, edges in _EAQI.items():
        beyond = np.maximum(air[quantity] - edges[-1], 0.0) / (edges[-1] - edges[-2])
        parts.append(np.interp(air[quantity], edges, _BANDS) + 20.0 * beyond)
    return np.asarray(np.max(parts, axis=0))


def _bump(hour: FloatArray, at_h: float) -> FloatArray:
    away = (hour - at_h + 12.0) % 24.0 - 12.0
    return np.asarray(np.exp(-0.5 * (away / RUSH_H) ** 2))
