"""What a value can be on this earth; what lies outside is a fault of a sensor or a sentinel."""

from __future__ import annotations

import math
from collections.abc import Mapping

from core.feeds.port import Quantity

POSSIBLE: Mapping[Quantity, tuple[float, float]] = {
    Quantity.TEMPERATURE_C: (-90.0, 60.0),
    Quantity.HUMIDITY_PCT: (0.0, 105.0),
    Quantity.PRESSURE_HPA: (850.0, 1100.0),
    Quantity.WIND_SPEED_M_S: (0.0, 120.0),
    Quantity.WIND_DIRECTION_DEG: (0.0, 360.0),
    Quantity.PRECIPITATION_MM_H: (0.0, 1000.0),
    Quantity.CLOUD_COVER_PCT: (0.0, 100.0),
    Quantity.PM2_5_UG_M3: (0.0, 5000.0),
    Quantity.PM10_UG_M3: (0.0, 10_000.0),
    Quantity.NO2_UG_M3: (0.0, 5000.0),
    Quantity.O3_UG_M3: (0.0, 2000.0),
    Quantity.SO2_UG_M3: (0.0, 10_000.0),
    Quantity.CO_UG_M3: (0.0, 200_000.0),
    Quantity.EAQI: (0.0, 1000.0),
    Quantity.US_AQI: (0.0, 1000.0),
    Quantity.OWM_AQI: (1.0, 5.0),
    Quantity.AIRCRAFT: (0.0, 10_000.0),
    Quantity.ARRIVALS: (0.0, 200.0),
    Quantity.DEPARTURES: (0.0, 200.0),
    Quantity.LEVEL_CM: (-1000.0, 10_000.0),
    Quantity.FLOW_M3_S: (-9_000.0, 500_000.0),
    Quantity.WATER_TEMPERATURE_C: (-5.0, 50.0),
}
"""
Lowest and highest by quantity, far outside the records. Hygrometers drift a little above 100 %;
a tidal river flows and stands below its zero. Sentinels such as -9999 are outside of all.
"""


def is_possible(quantity: Quantity, value: float | None) -> bool:
    """Whether it is a finite number that such a quantity can have."""
    if value is None or not math.isfinite(value):
        return False
    low, high = POSSIBLE[quantity]
    return low <= value <= high
