"""Units that a profile may settle in, and how the feeds' numbers become them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.feeds.port import Quantity


@dataclass(frozen=True, slots=True)
class Unit:
    """`scale` times the feed's number, plus `offset`."""

    scale: float = 1.0
    offset: float = 0.0

    def of(self, value: float) -> float:
        """Convert one number of the feed."""
        return self.scale * value + self.offset


_SAME = Unit()
_PERCENT = {"%": _SAME}
_MASS = {"ug/m3": _SAME}
_INDEX = {"index": _SAME}
_TEMPERATURE = {"C": _SAME, "F": Unit(1.8, 32.0), "K": Unit(1.0, 273.15)}
_FLIGHTS = {"flights": _SAME}

UNITS: Mapping[Quantity, Mapping[str, Unit]] = {
    Quantity.TEMPERATURE_C: _TEMPERATURE,
    Quantity.HUMIDITY_PCT: _PERCENT,
    Quantity.PRESSURE_HPA: {"hPa": _SAME},
    Quantity.WIND_SPEED_M_S: {
        "m/s": _SAME,
        "km/h": Unit(3.6),
        "kn": Unit(3600 / 1852),
        "mph": Unit(3600 / 1609.344),
    },
    Quantity.WIND_DIRECTION_DEG: {"deg": _SAME},
    Quantity.PRECIPITATION_MM_H: {"mm/h": _SAME},
    Quantity.CLOUD_COVER_PCT: _PERCENT,
    Quantity.PM2_5_UG_M3: _MASS,
    Quantity.PM10_UG_M3: _MASS,
    Quantity.NO2_UG_M3: _MASS,
    Quantity.O3_UG_M3: _MASS,
    Quantity.SO2_UG_M3: _MASS,
    Quantity.CO_UG_M3: _MASS,
    Quantity.EAQI: _INDEX,
    Quantity.US_AQI: _INDEX,
    Quantity.OWM_AQI: _INDEX,
    Quantity.AIRCRAFT: {"aircraft": _SAME},
    Quantity.ARRIVALS: _FLIGHTS,
    Quantity.DEPARTURES: _FLIGHTS,
    Quantity.LEVEL_CM: {"cm": _SAME, "m": Unit(0.01), "mm": Unit(10.0)},
    Quantity.FLOW_M3_S: {"m3/s": _SAME, "l/s": Unit(1000.0)},
    Quantity.WATER_TEMPERATURE_C: _TEMPERATURE,
}
"""By quantity; the feed's own unit comes first."""
