"""Water of the simulated city: a river that rain swells, or a tide."""

from __future__ import annotations

import numpy as np

from core.domain.memory import FloatArray
from core.feeds.port import Place, Quantity
from core.feeds.river.rounds import Turn
from core.feeds.simulated.clock import DAY_S, HOUR_S, season
from core.feeds.simulated.noise import Noise
from core.feeds.simulated.weather import Weather

BASE_CM = 138.0
ZERO_CM = 60.0
"""Level at which nothing flows."""
BASE_M3_S = 22.5
RISE_H = 5.0
FALL_H = 60.0
"""Slow recession: after a flood of a day the level takes a week back."""
CM_PER_MM = 1.6
MEMORY_H = 240

TIDE_CM = 330.0
TIDE_S = 44_714.16
"""Of the moon's tide, M2: 12.4206 h."""
SPRING_CM = 90.0
SPRING_S = 43_200.0
"""Of the sun's, S2; with M2 it makes springs and neaps."""

_TIDAL = "environment-agency"


class Water:
    """
    The gauge at any moment.

    Args:
        place: The city; the first gauge of its stations stands for it.
        noise: Its randomness.
        weather: Its rain.
    """

    def __init__(self, place: Place, noise: Noise, weather: Weather) -> None:
        self._noise = noise
        self._weather = weather
        self._is_tidal = _TIDAL in place.stations
        gauges = place.stations.get(_TIDAL) or next(iter(place.stations.values()), place.name)
        self.station = Turn(gauges.split(",")[0].strip(), "").station
        """Number of the gauge, as the real sources write it."""
        hours = np.arange(MEMORY_H)
        kernel = (1.0 - np.exp(-hours / RISE_H)) * np.exp(-hours / FALL_H)
        self._kernel = kernel * CM_PER_MM

    def at(self, seconds: FloatArray) -> dict[Quantity, FloatArray]:
        """
        Tell level, and of a river flow and temperature.

        Args:
            seconds: Shape (n,), rising: moments, since 1970.

        Returns:
            Each of shape (n,).
        """
        if self._is_tidal:
            return {Quantity.LEVEL_CM: self._tide_cm(seconds)}
        level_cm = self._level_cm(seconds)
        flow_m3_s = BASE_M3_S * ((level_cm - ZERO_CM) / (BASE_CM - ZERO_CM)) ** 1.6
        air_c = self._noise.smooth("stream", seconds, 5.0 * DAY_S)
        water_c = 9.5 + 6.0 * season(seconds, 205.0) + 0.9 * air_c
        return {
            Quantity.LEVEL_CM: level_cm,
            Quantity.FLOW_M3_S: flow_m3_s,
            Quantity.WATER_TEMPERATURE_C: water_c,
        }

    def _tide_cm(self, seconds: FloatArray) -> FloatArray:
        surge = 14.0 * self._noise.smooth("surge", seconds, 1.5 * DAY_S)
        moon = TIDE_CM * np.cos(2.0 * np.pi * seconds / TIDE_S)
        sun = SPRING_CM * np.cos(2.0 * np.pi * seconds / SPRING_S)
        return np.asarray(moon + sun + surge)

    def _level_cm(self, seconds: FloatArray) -> FloatArray:
        first = np.floor(seconds[0] / HOUR_S) - MEMORY_H
        hours = np.arange(first, np.ceil(seconds[-1] / HOUR_S) + 1.0)
        rain = self._weather.rain_mm_h(hours * HOUR_S)
        swell = np.convolve(rain, self._kernel)[: hours.size]
        slow = 3.0 * self._noise.smooth("groundwater", seconds, 9.0 * DAY_S)
        ripple = 0.25 * self._noise.smooth("ripple", seconds, 1.0 * HOUR_S)
        return np.asarray(BASE_CM + np.interp(seconds / HOUR_S, hours, swell) + slow + ripple)
