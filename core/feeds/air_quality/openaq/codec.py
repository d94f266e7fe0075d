"""
Reads locations and their latest values of OpenAQ version 3.

Source: https://docs.openaq.org. A row of values names neither pollutant nor unit: the sensors
of its location do, which are asked for first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime, Field, TypeAdapter

from core.domain.errors import DecodeError
from core.feeds.common.sheet import Sheet
from core.feeds.common.wire import S_IN_NS, Body, Number, read_json
from core.feeds.port import Answer, Quality, Quantity, Reading

MAX_AGE_S = 6 * 3600
"""Latest values go back for years at stations that were given up."""

_QUANTITIES: Mapping[str, Quantity] = {
    "pm25": Quantity.PM2_5_UG_M3,
    "pm10": Quantity.PM10_UG_M3,
    "no2": Quantity.NO2_UG_M3,
    "o3": Quantity.O3_UG_M3,
    "so2": Quantity.SO2_UG_M3,
    "co": Quantity.CO_UG_M3,
}
_UNITS: Mapping[str, float] = {"µg/m³": 1.0, "μg/m³": 1.0, "mg/m³": 1000.0}
"""To ug/m3, with both signs for micro. Parts per million need a temperature and stay out."""


class Moment(Body):
    """One of the two times that it gives."""

    utc: AwareDatetime


class Parameter(Body):
    """What a sensor measures."""

    name: str
    units: str


class Sensor(Body):
    """One instrument."""

    id: int
    parameter: Parameter


class Location(Body):
    """A station."""

    id: int
    name: str | None = None
    distance: Number = None
    sensors: list[Sensor]
    last: Moment | None = Field(None, validation_alias="datetimeLast")


class Locations(Body):
    """Stations around the city, or one."""

    results: list[Location]


class Row(Body):
    """The latest value of one sensor."""

    datetime: Moment
    value: Number
    sensor: int = Field(validation_alias="sensorsId")
    location: int = Field(validation_alias="locationsId")


class Latest(Body):
    """The latest values of one station."""

    results: list[Row]


@dataclass(frozen=True, slots=True)
class Channel:
    """What a sensor's values are."""

    quantity: Quantity
    factor: float
    """To our unit."""


@dataclass(frozen=True, slots=True)
class Station:
    """A location that is of use."""

    location: int
    channels: Mapping[int, Channel]
    """By the sensor's number."""


_LOCATIONS = TypeAdapter(Locations)
_LATEST = TypeAdapter(Latest)


def read_station(answer: Answer, source: str) -> Station:
    """
    Choose the nearest location that still measures something that we know.

    Raises:
        DecodeError: If it is not what the service documents, or none is of use.
    """
    found = read_json(_LOCATIONS, answer, source).results
    alive = [item for item in found if _is_fresh(item.last, answer.fetched_ts_ns)]
    for item in sorted(alive, key=lambda item: item.distance or 0.0):
        channels = _channels(item)
        if channels:
            return Station(item.id, channels)
    raise DecodeError(
        source,
        f"none of {len(found)} locations there has told of dust or gases for "
        f"{MAX_AGE_S // 3600} h; name one in stations.openaq of the place",
    )


def read_latest(answer: Answer, source: str, station: Station) -> Reading:
    """
    Read the latest values; sentinels, old rows and sensors that we do not know are left out.

    Raises:
        DecodeError: If it is not what the service documents, or nothing is left.
    """
    rows = read_json(_LATEST, answer, source).results
    sheet = Sheet(source, str(station.location), answer.fetched_ts_ns, Quality.MEASURED)
    for row in rows:
        channel = station.channels.get(row.sensor)
        if (
            channel is None
            or row.value is None
            or row.location != station.location
            or not _is_fresh(row.datetime, answer.fetched_ts_ns)
        ):
            continue
        sheet.put(channel.quantity, row.value * channel.factor, _ns(row.datetime.utc))
    reading = sheet.reading()
    if not reading.observations:
        raise DecodeError(
            source,
            f"location {station.location} has no value of the last {MAX_AGE_S // 3600} h; "
            "name another in stations.openaq of the place",
        )
    return reading


def _channels(location: Location) -> dict[int, Channel]:
    return {
        sensor.id: Channel(_QUANTITIES[sensor.parameter.name], _UNITS[sensor.parameter.units])
        for sensor in location.sensors
        if sensor.parameter.name in _QUANTITIES and sensor.parameter.units in _UNITS
    }


def _is_fresh(moment: Moment | None, now_ns: int) -> bool:
    return moment is not None and now_ns - _ns(moment.utc) <= MAX_AGE_S * S_IN_NS


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * S_IN_NS
