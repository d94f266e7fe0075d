"""Weather of the simulated city: highs and lows pass, and days are warmer than nights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from core.domain.memory import FloatArray
from core.feeds.port import Place, Quantity
from core.feeds.simulated.clock import DAY_S, HOUR_S, local, season
from core.feeds.simulated.noise import Noise

FRONT_S = 2.5 * DAY_S
"""Between fronts."""
SHOWER_S = 3.0 * HOUR_S
WARMEST_H = 15.0
SEASON_LAG_DAY = 200.0
"""Of the warmest day, a month after the longest."""


@dataclass(frozen=True, slots=True)
class Climate:
    """What is usual."""

    mean_c: float
    season_c: float
    day_c: float
    humidity_pct: float


_CLIMATES: Mapping[str, Climate] = {
    "munich": Climate(mean_c=9.7, season_c=9.3, day_c=4.5, humidity_pct=76.0),
    "london": Climate(mean_c=11.5, season_c=6.6, day_c=3.5, humidity_pct=76.0),
}
"""Source: means of 1991 to 2020 of the German and the British weather service, rounded."""


def climate_of(place: Place) -> Climate:
    """Find the climate, or guess it: colder and with greater seasons towards the pole."""
    if place.name in _CLIMATES:
        return _CLIMATES[place.name]
    north = abs(place.latitude)
    return Climate(
        mean_c=27.0 - 0.0076 * north**2,
        season_c=0.2 * north,
        day_c=4.0,
        humidity_pct=74.0,
    )


class Weather:
    """
    The city's weather at any moment.

    Args:
        place: The city.
        noise: Its randomness.
    """

    def __init__(self, place: Place, noise: Noise) -> None:
        self._noise = noise
        self._zone = ZoneInfo(place.time_zone)
        self._climate = climate_of(place)
        self._is_southern = place.latitude < 0

    def at(self, seconds: FloatArray) -> dict[Quantity, FloatArray]:
        """
        Tell the weather.

        Args:
            seconds: Shape (n,): moments, since 1970.

        Returns:
            Each of shape (n,).
        """
        climate = self._climate
        high = self._high(seconds)
        cloud_pct = self._cloud_pct(seconds, high)
        rain_mm_h = self._rain(seconds, cloud_pct)
        clear = 1.0 - cloud_pct / 100.0
        day = np.cos((local(seconds, self._zone).hour - WARMEST_H) / 24.0 * 2.0 * np.pi)
        summer = season(seconds, SEASON_LAG_DAY) * (-1.0 if self._is_southern else 1.0)
        daily_c = climate.day_c * day * (0.35 + clear) * (1.0 + 0.3 * summer)
        temperature_c = (
            climate.mean_c
            + climate.season_c * summer
            + 3.2 * self._noise.smooth("air mass", seconds, 4.0 * DAY_S)
            + daily_c
            - 0.6 * np.minimum(rain_mm_h, 3.0)
            + 0.15 * self._noise.smooth("thermal", seconds, 0.5 * HOUR_S)
        )
        humidity_pct = np.clip(
            climate.humidity_pct
            - 3.2 * daily_c
            + 5.0 * np.minimum(rain_mm_h, 4.0)
            + 7.0 * self._noise.smooth("moisture", seconds, 18.0 * HOUR_S),
            15.0,
            100.0,
        )
        wind = 3.0 - 1.2 * high + 0.8 * day + self._noise.smooth("gusts", seconds, 2.0 * HOUR_S)
        turning = 50.0 * self._noise.smooth("wind", seconds, 14.0 * HOUR_S)
        return {
            Quantity.TEMPERATURE_C: temperature_c,
            Quantity.HUMIDITY_PCT: humidity_pct,
            Quantity.PRESSURE_HPA: 1015.5 + 8.5 * high,
            Quantity.WIND_SPEED_M_S: np.maximum(wind, 0.2),
            Quantity.WIND_DIRECTION_DEG: np.asarray((250.0 + turning) % 360.0),
            Quantity.PRECIPITATION_MM_H: rain_mm_h,
            Quantity.CLOUD_COVER_PCT: cloud_pct,
        }

    def rain_mm_h(self, seconds: FloatArray) -> FloatArray:
        """Shape (n,): rain alone, for the river."""
        return self._rain(seconds, self._cloud_pct(seconds, self._high(seconds)))

    def _high(self, seconds: FloatArray) -> FloatArray:
        """Positive in a high, negative when a front passes; deviation 1."""
        slow = self._noise.smooth("pressure", seconds, FRONT_S)
        return 0.9 * slow + 0.43 * self._noise.smooth("ripples", seconds, FRONT_S / 3.0)

    def _cloud_pct(self, seconds: FloatArray, high: FloatArray) -> FloatArray:
        patches = self._noise.smooth("clouds", seconds, 5.0 * HOUR_S)
        return np.asarray(100.0 / (1.0 + np.exp(2.2 * high - 1.6 * patches - 0.6)))

    def _rain(self, seconds: FloatArray, cloud_pct: FloatArray) -> FloatArray:
        shower = self._noise.smooth("showers", seconds, SHOWER_S)
        wet = 0.03 * (cloud_pct - 82.0) + 0.9 * shower - 0.6
        return np.asarray(np.where(cloud_pct > 60.0, np.maximum(wet, 0.0) ** 1.8, 0.0))
