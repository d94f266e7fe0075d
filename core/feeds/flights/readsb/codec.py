"""
Reads lists of aircraft in readsb's shape; feet and knots become meters.

Source: https://github.com/wiedehopf/readsb/blob/dev/README-json.md. Field `ac` is named
`aircraft` by version 2 of adsb.fi. Altitude is a number or the word "ground".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field, TypeAdapter

from core.domain.errors import DecodeError
from core.feeds.common.wire import (
    MS_IN_NS,
    S_IN_NS,
    Body,
    EpochMilliseconds,
    Number,
    quoted,
    read_json,
)
from core.feeds.flights.aircraft import Kind, Sighting, is_position
from core.feeds.port import Answer

FT_IN_M = 0.3048
KT_IN_M_S = 1852.0 / 3600.0
FT_MIN_IN_M_S = FT_IN_M / 60.0

GROUND = "ground"
MAX_POSITION_AGE_S = 60.0
"""An older position is where the aircraft was, not where it is."""

_KINDS: Mapping[str, Kind] = {
    "A": Kind.AIRPLANE,
    "B": Kind.OTHER,
    "C": Kind.VEHICLE,
}
_HELICOPTER = "A7"


def _altitude(value: object) -> object:
    return value if value == GROUND else _number_of(value)


def _number_of(value: object) -> object:
    return _NUMBER.validate_python(value)


_NUMBER: TypeAdapter[float | None] = TypeAdapter(Number)
Altitude = Annotated[float | str | None, BeforeValidator(_altitude)]


class Aircraft(Body):
    """One of the list; only its address is sure to be there."""

    hex: str
    alt_baro: Altitude = None
    gs: Number = None
    track: Number = None
    true_heading: Number = None
    baro_rate: Number = None
    category: str = ""
    lat: Number = None
    lon: Number = None
    seen_pos: Number = None


class Sky(Body):
    """Every aircraft within the circle."""

    aircraft: list[Aircraft] = Field(validation_alias=AliasChoices("ac", "aircraft"))
    now: EpochMilliseconds
    msg: str = "No error"


_ADAPTER = TypeAdapter(Sky)


def read_sky(answer: Answer, source: str) -> tuple[int, list[Sighting]]:
    """
    Read the aircraft that have a position of now.

    Returns:
        The moment of the service's picture in ns, and what was seen.

    Raises:
        DecodeError: If it is not what the service documents, or says that something is wrong.
    """
    sky = read_json(_ADAPTER, answer, source)
    if sky.msg.lower() not in {"", "no error"}:
        raise DecodeError(source, f"it says: {quoted(sky.msg)}")
    now_ns = sky.now * MS_IN_NS
    seen = (_sighting(item, now_ns) for item in sky.aircraft)
    return now_ns, [item for item in seen if item is not None]


def _sighting(item: Aircraft, now_ns: int) -> Sighting | None:
    age_s = item.seen_pos or 0.0
    if not is_position(item.lat, item.lon) or not 0 <= age_s <= MAX_POSITION_AGE_S:
        return None
    assert item.lat is not None
    assert item.lon is not None
    is_on_ground = item.alt_baro == GROUND
    altitude_ft = item.alt_baro if isinstance(item.alt_baro, float) else None
    return Sighting(
        address=item.hex.strip().lower(),
        seen_ts_ns=now_ns - round(age_s * S_IN_NS),
        latitude=item.lat,
        longitude=item.lon,
        is_on_ground=is_on_ground,
        altitude_m=_scaled(altitude_ft, FT_IN_M),
        speed_m_s=_scaled(item.gs, KT_IN_M_S),
        track_deg=item.true_heading if item.track is None else item.track,
        climb_m_s=_scaled(item.baro_rate, FT_MIN_IN_M_S),
        kind=_kind(item.category),
    )


def _kind(category: str) -> Kind:
    """Sort by the emitter category of ADS-B; a letter with 0 tells nothing."""
    if category == _HELICOPTER:
        return Kind.OTHER
    if len(category) != 2 or category[1] == "0":
        return Kind.UNKNOWN
    return _KINDS.get(category[0], Kind.UNKNOWN)


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
