"""Synthetic tracks of aircraft at Munich's airport, as a receiver would see them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from core.feeds.flights.aircraft import EARTH_M, Kind, Sighting
from core.feeds.flights.movements import Movement, MovementTracker
from core.feeds.places import MUNICH

S = 1_000_000_000
START_S = 1_779_271_200
"""A whole half hour."""
FIELD_M = MUNICH.airport_elevation_m
EAST_DEG = 82.0
"""Direction of the runways."""
SPEED_M_S = 70.0
CLIMB_M_S = 9.0
SLOPE = math.tan(math.radians(3.0))

At = Callable[[float], Sighting]
"""From seconds after the start to where it is."""


def sighting(
    address: str,
    second: float,
    along_m: float,
    *,
    height_m: float | None,
    speed_m_s: float = SPEED_M_S,
    climb_m_s: float | None = 0.0,
    track_deg: float | None = EAST_DEG,
    is_on_ground: bool = False,
    kind: Kind = Kind.AIRPLANE,
) -> Sighting:
    """See an aircraft on the runway's axis; `along_m` grows to the east, 0 is the airport."""
    angle = math.radians(EAST_DEG)
    north = along_m * math.cos(angle)
    east = along_m * math.sin(angle)
    shrunk = math.cos(math.radians(MUNICH.airport_latitude))
    return Sighting(
        address,
        round((START_S + second) * S),
        MUNICH.airport_latitude + math.degrees(north / EARTH_M),
        MUNICH.airport_longitude + math.degrees(east / EARTH_M / shrunk),
        is_on_ground,
        None if height_m is None else FIELD_M + height_m,
        speed_m_s,
        track_deg,
        climb_m_s,
        kind,
    )


def final(address: str, touch_s: float, seconds: Iterable[float]) -> list[Sighting]:
    """Fly in from the west on a slope of 3 degrees, touch at `touch_s`."""
    away = [(second, (touch_s - second) * SPEED_M_S) for second in seconds]
    return [
        sighting(address, second, -way, height_m=way * SLOPE, climb_m_s=-SPEED_M_S * SLOPE)
        for second, way in away
    ]


def climb(address: str, lift_s: float, seconds: Iterable[float]) -> list[Sighting]:
    """Fly out to the east from the airport's middle, leaving the ground at `lift_s`."""
    return [
        sighting(
            address,
            second,
            (second - lift_s) * 80.0,
            height_m=(second - lift_s) * CLIMB_M_S,
            speed_m_s=80.0,
            climb_m_s=CLIMB_M_S,
        )
        for second in seconds
    ]


def taxi(
    address: str, seconds: Iterable[float], *, speed_m_s: float = 8.0, kind: Kind = Kind.AIRPLANE
) -> list[Sighting]:
    """Roll about on the ground."""
    return [
        sighting(
            address,
            second,
            300.0,
            height_m=None,
            speed_m_s=speed_m_s,
            climb_m_s=None,
            is_on_ground=True,
            kind=kind,
        )
        for second in seconds
    ]


def unseen_kind(sightings: Sequence[Sighting]) -> list[Sighting]:
    """The same of an aircraft that does not say what it is."""
    return [replace(item, kind=Kind.UNKNOWN) for item in sightings]


def tracker() -> MovementTracker:
    """A tracker of Munich's airport."""
    return MovementTracker(MUNICH.airport_latitude, MUNICH.airport_longitude, FIELD_M)


def follow(
    sightings: Iterable[Sighting],
    *,
    every_s: int = 10,
    until_s: int = 3600,
    watcher: MovementTracker | None = None,
) -> list[Movement]:
    """Look every few seconds, each time at what was seen since the last look."""
    watcher = watcher or tracker()
    waiting = sorted(sightings, key=lambda item: item.seen_ts_ns)
    found: list[Movement] = []
    for second in range(0, until_s + 1, every_s):
        now_ns = (START_S + second) * S
        due = [item for item in waiting if item.seen_ts_ns <= now_ns]
        waiting = waiting[len(due) :]
        found += watcher.update(due, now_ns)
    return found


def summary(movements: Iterable[Movement]) -> list[tuple[str, str, float]]:
    """Aircraft, what it did, and at which second after the start."""
    return [(item.address, item.quantity.value, item.ts_ns / S - START_S) for item in movements]
