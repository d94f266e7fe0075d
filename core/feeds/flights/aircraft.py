"""One aircraft at one moment, whichever service told of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

EARTH_M = 6_371_000.0


class Kind(Enum):
    """What a transponder says it is fixed to."""

    AIRPLANE = "airplane"
    OTHER = "other"
    """Helicopters, gliders, balloons, drones: no flight of a timetable."""
    VEHICLE = "vehicle"
    """On the ground, or part of it."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where an aircraft was."""

    address: str
    """Of its transponder, in hex."""
    seen_ts_ns: int
    """When it was there, UTC."""
    latitude: float
    longitude: float
    is_on_ground: bool
    altitude_m: float | None = None
    """By pressure, over the sea at 1013.25 hPa."""
    speed_m_s: float | None = None
    """Over ground."""
    track_deg: float | None = None
    climb_m_s: float | None = None
    kind: Kind = Kind.UNKNOWN


def is_position(latitude: float | None, longitude: float | None) -> bool:
    """Whether both are there and on this earth."""
    return (
        latitude is not None
        and longitude is not None
        and abs(latitude) <= 90.0
        and abs(longitude) <= 180.0
    )


def distance_m(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Length of the way over ground; good to a percent within 100 km."""
    north, east = _way(latitude, longitude, to_latitude, to_longitude)
    return math.hypot(north, east)


def bearing_deg(
    latitude: float, longitude: float, to_latitude: float, to_longitude: float
) -> float:
    """Direction of the way, from north over east."""
    north, east = _way(latitude, longitude, to_latitude, to_longitude)
    return math.degrees(math.atan2(east, north)) % 360.0


def turn_deg(first_deg: float, second_deg: float) -> float:
    """Smallest angle between two directions, 0 to 180."""
    return abs((first_deg - second_deg + 180.0) % 360.0 - 180.0)


def _way(
    latitude: float, longitude: float, to_latitude: float, to_longitude: float
) -> tuple[float, float]:
    north = math.radians(to_latitude - latitude) * EARTH_M
    middle = math.radians((latitude + to_latitude) / 2)
    around = (to_longitude - longitude + 180.0) % 360.0 - 180.0
    return north, math.radians(around) * math.cos(middle) * EARTH_M
