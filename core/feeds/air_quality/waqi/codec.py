"""
Reads the nearest station of the World Air Quality Index project.

Source: https://aqicn.org/json-api/doc. Refusals come with status 200. The single pollutants
are indices too, not concentrations, and are not read. `time.v` counts local seconds: `iso` is
the one to go by.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter

from core.domain.errors import DecodeError, FeedRefused
from core.feeds.common.sheet import Sheet
from core.feeds.common.wire import S_IN_NS, Body, Number, quoted, read_json
from core.feeds.port import Answer, Quality, Quantity, Reading

OVER_QUOTA_S = 3600.0
"""It names no time."""


class City(Body):
    """Where the station is."""

    name: str = ""


class Time(Body):
    """When it measured."""

    iso: Annotated[datetime | None, BeforeValidator(lambda text: text or None)] = None
    """With an offset; empty where there is no value."""


class Station(Body):
    """What it measures."""

    aqi: Number
    """A number, or "-" for none."""
    idx: int
    city: City = City()
    time: Time = Time()


class Feed(Body):
    """An answer: `data` is the station, or why there is none."""

    status: str
    data: Any = None


_FEED = TypeAdapter(Feed)
_STATION = TypeAdapter(Station)


def read_feed(answer: Answer, source: str) -> Reading:
    """
    Read an answer of `/feed/`.

    Raises:
        DecodeError: If it is not what the service documents, or the station has no value.
        FeedRefused: If it does not serve us: token, quota, station.
    """
    feed = read_json(_FEED, answer, source)
    if feed.status != "ok":
        raise _refused(quoted(str(feed.data)), source)
    try:
        station = _STATION.validate_python(feed.data)
    except ValueError:
        raise DecodeError(
            source, "data: there is no station in it; the service may have changed its format"
        ) from None
    name = f"station {station.idx} ({quoted(station.city.name) or 'no name'})"
    moment = station.time.iso
    if station.aqi is None or moment is None:
        raise DecodeError(source, f"{name} has no value at present; name another station")
    if moment.tzinfo is None:
        raise DecodeError(source, f"{name}: its time has no offset, so its moment is not known")
    sheet = Sheet(source, str(station.idx), answer.fetched_ts_ns, Quality.MEASURED)
    sheet.put(Quantity.US_AQI, station.aqi, int(moment.timestamp()) * S_IN_NS)
    return sheet.filled()


def _refused(what: str, source: str) -> FeedRefused:
    lowered = what.lower()
    if "quota" in lowered:
        return FeedRefused(source, f"it says: {what}; it is left alone for an hour", OVER_QUOTA_S)
    if "key" in lowered or "token" in lowered:
        return FeedRefused(source, f"it says: {what}; check the token")
    return FeedRefused(source, f"it says: {what}; check the station of the place")
