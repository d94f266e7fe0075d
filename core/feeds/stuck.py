"""Marks a station that says the same for hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf

from core.feeds.port import Observation, Quality, Quantity, Reading

_HOUR_S = 3_600.0

STUCK_AFTER_S: Mapping[Quantity, float] = {
    Quantity.TEMPERATURE_C: 6 * _HOUR_S,
    Quantity.PRESSURE_HPA: 12 * _HOUR_S,
    Quantity.PM2_5_UG_M3: 12 * _HOUR_S,
    Quantity.PM10_UG_M3: 12 * _HOUR_S,
    Quantity.NO2_UG_M3: 12 * _HOUR_S,
    Quantity.O3_UG_M3: 24 * _HOUR_S,
    Quantity.LEVEL_CM: 24 * _HOUR_S,
    Quantity.FLOW_M3_S: 24 * _HOUR_S,
    Quantity.WATER_TEMPERATURE_C: 48 * _HOUR_S,
}
"""
Longest time that a station may repeat one value.

In eleven months of the Isar at Munich the level, whole centimeters, stood still for 9.75 hours
at most and the water's temperature for 23.5; the hourly air temperature of a spring for 4.
What is not named may stand still for ever: rain, clouds, calm air and saturated air do.
"""

_JUDGED = (Quality.MEASURED, Quality.DERIVED)


@dataclass(slots=True)
class _Run:
    """One value, and from when to when it was repeated."""

    value: float
    first_ts_ns: int
    last_ts_ns: int


class StuckWatch:
    """
    Marks what a station repeats for too long as SUSPECT.

    Args:
        after_s: Longest allowed repetition by quantity, in seconds of the values' own time.
    """

    def __init__(self, after_s: Mapping[Quantity, float] = STUCK_AFTER_S) -> None:
        self._after_s = after_s
        self._runs: dict[tuple[Quantity, str, str], _Run] = {}

    def judge(self, reading: Reading) -> Reading:
        """Return the reading with what is not to be believed marked."""
        if not reading.observations:
            return reading
        judged: dict[int, Observation] = {}
        by_time = sorted(enumerate(reading.observations), key=lambda each: each[1].valid_ts_ns)
        for index, observation in by_time:
            judged[index] = self._judge(observation)
        return replace(reading, observations=tuple(judged[index] for index in sorted(judged)))

    def _judge(self, observation: Observation) -> Observation:
        limit_s = self._after_s.get(observation.quantity, inf)
        if observation.quality not in _JUDGED or limit_s == inf:
            return observation
        key = (observation.quantity, observation.source, observation.place)
        run = self._runs.get(key)
        now_ns = observation.valid_ts_ns
        if run is None or (now_ns > run.last_ts_ns and observation.value != run.value):
            self._runs[key] = _Run(observation.value, now_ns, now_ns)
            return observation
        if observation.value != run.value:
            return observation
        # Tables tell the past again and again.
        run.last_ts_ns = max(run.last_ts_ns, now_ns)
        if now_ns - run.first_ts_ns < limit_s * 1e9:
            return observation
        return replace(observation, quality=Quality.SUSPECT)
