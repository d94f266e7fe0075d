"""
Reads air pollution of OpenWeatherMap; its index has a scale of its own, 1 to 5.

Source: https://openweathermap.org/api/air-pollution.
"""

from __future__ import annotations

from pydantic import TypeAdapter

from core.domain.errors import DecodeError
from core.feeds.common.sheet import Sheet
from core.feeds.common.wire import S_IN_NS, Body, EpochSeconds, Number, read_json
from core.feeds.port import Answer, Quality, Quantity, Reading


class Main(Body):
    """The index."""

    aqi: Number = None


class Components(Body):
    """Concentrations in ug/m3."""

    co: Number = None
    no2: Number = None
    o3: Number = None
    so2: Number = None
    pm2_5: Number = None
    pm10: Number = None


class Row(Body):
    """One moment."""

    dt: EpochSeconds
    main: Main = Main()
    components: Components = Components()


class Pollution(Body):
    """An answer."""

    list: list[Row]


_ADAPTER = TypeAdapter(Pollution)


def read_pollution(answer: Answer, source: str, place: str) -> Reading:
    """
    Read an answer of `/air_pollution`.

    Raises:
        DecodeError: If it is not what the service documents, or holds nothing.
    """
    pollution = read_json(_ADAPTER, answer, source)
    if not pollution.list:
        raise DecodeError(source, "the answer holds no values; the place may lie outside its model")
    sheet = Sheet(source, place, answer.fetched_ts_ns, Quality.MODELED)
    for row in pollution.list:
        air = row.components
        for quantity, value in (
            (Quantity.OWM_AQI, row.main.aqi),
            (Quantity.CO_UG_M3, air.co),
            (Quantity.NO2_UG_M3, air.no2),
            (Quantity.O3_UG_M3, air.o3),
            (Quantity.SO2_UG_M3, air.so2),
            (Quantity.PM2_5_UG_M3, air.pm2_5),
            (Quantity.PM10_UG_M3, air.pm10),
        ):
            sheet.put(quantity, value, row.dt * S_IN_NS)
    return sheet.filled()
