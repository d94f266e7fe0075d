"""
Finds an airport's arrivals and departures in where aircraft were seen.

No service tells them free of charge as they happen. An aircraft that was flying and then taxis
at the airport, or that is lost to sight low, near and headed for it, has arrived; one that was
standing there and then flies away, or comes into sight low, near and climbing, has departed. A
go-around and a touch-and-go are neither, as in the airport's own lists, which hold no
helicopters and no vehicles either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from core.feeds.common.wire import S_IN_NS
from core.feeds.flights.aircraft import Kind, Sighting, bearing_deg, distance_m, turn_deg
from core.feeds.port import Quantity

FIELD_M = 6_000.0
"""Where runways and aprons are, around the airport's middle."""
NEAR_M = 15_000.0
LOW_M = 1_000.0
"""Over the field. At 15 km an approach is at 800 m, and pressure may add 200."""
FLAT_M = 300.0
"""An aircraft at taxi speed below this is on the ground, whatever it says."""
GAINED_M = 150.0
"""Climbed since it left the ground: it does not come down on the same runway."""
FLYING_M_S = 45.0
"""On the ground's speed: no airliner flies slower, small aircraft do."""
LANDING_M_S = 95.0
"""No airliner comes in faster."""
HOVERING_M_S = 40.0
TAXI_M_S = 30.0
SINKING_M_S = -1.0
CLIMBING_M_S = 2.0
TOWARDS_DEG = 60.0
CLOSE_M = 4_000.0
"""So near, a heading says nothing: it may be over the runway's end."""
LOST_S = 300.0
"""Out of sight for so long, it is not on its way any more."""
ROLL_S = 120.0
"""On the ground for so long, it is no touch-and-go."""
FORGOTTEN_S = 7_200.0
"""Parked aircraft fall silent; this is longer than most stay so."""


class _Phase(Enum):
    UNKNOWN = auto()
    FLYING = auto()
    TOUCHED = auto()
    """On the ground just now; may go on flying."""
    STANDING = auto()
    LIFTED = auto()
    """Off the ground just now; may come back to it."""


@dataclass(slots=True)
class _Track:
    last: Sighting
    phase: _Phase = _Phase.UNKNOWN
    kind: Kind = Kind.UNKNOWN
    turned_ts_ns: int = 0
    """When it touched the ground, or left it."""
    lifted_m: float = 0.0
    """How high it was when first seen off the ground."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One aircraft that came or went."""

    quantity: Quantity
    """ARRIVALS or DEPARTURES."""
    ts_ns: int
    address: str


class MovementTracker:
    """
    Follow the aircraft around one airport.

    Args:
        latitude: Of the airport, degrees north.
        longitude: Degrees east.
        elevation_m: Of the field over the sea; None to learn it from the lowest seen there.
    """

    def __init__(self, latitude: float, longitude: float, elevation_m: float | None) -> None:
        self._latitude = latitude
        self._longitude = longitude
        self._elevation_m = elevation_m
        self._lowest_m: float | None = None
        self._tracks: dict[str, _Track] = {}
        self._found: list[Movement] = []

    def update(self, sightings: Iterable[Sighting], now_ns: int) -> list[Movement]:
        """
        Take in one picture of the sky.

        A sighting that is not newer than the last of its aircraft is passed over, so that a
        picture that comes twice or late changes nothing.

        Returns:
            Movements that are certain by now; some were minutes ago.
        """
        for sighting in sightings:
            self._see(sighting)
        for track in list(self._tracks.values()):
            self._miss(track, now_ns)
        found, self._found = self._found, []
        return found

    def _see(self, now: Sighting) -> None:
        if self._elevation_m is None:
            self._learn_elevation(now)
        track = self._tracks.get(now.address)
        if track is None:
            track = self._tracks[now.address] = _Track(now)
        elif now.seen_ts_ns <= track.last.seen_ts_ns:
            return
        if track.kind is Kind.UNKNOWN:
            track.kind = Kind.OTHER if self._hovers(now) else now.kind
        if self.is_down(now):
            self._down(track, now)
        elif now.is_on_ground:
            # Of another airfield: where it goes from there is none of ours.
            track.phase = _Phase.UNKNOWN
        elif _flies(now):
            self._fly(track, now)
        track.last = now

    def _learn_elevation(self, now: Sighting) -> None:
        """Take the lowest that comes in over the field; what flies over it is faster."""
        if (
            now.altitude_m is not None
            and now.speed_m_s is not None
            and now.speed_m_s <= LANDING_M_S
            and self._is_at_field(now)
        ):
            known_m = now.altitude_m if self._lowest_m is None else self._lowest_m
            self._lowest_m = min(now.altitude_m, known_m)

    def _down(self, track: _Track, now: Sighting) -> None:
        if track.phase is _Phase.FLYING:
            track.phase = _Phase.TOUCHED
            track.turned_ts_ns = now.seen_ts_ns
        if track.phase is not _Phase.TOUCHED:
            track.phase = _Phase.STANDING
        elif _taxis(now) or now.seen_ts_ns - track.turned_ts_ns >= ROLL_S * S_IN_NS:
            self._arrive(track, track.turned_ts_ns)

    def _fly(self, track: _Track, now: Sighting) -> None:
        if track.phase is _Phase.UNKNOWN:
            track.phase = _Phase.FLYING
            if self._has_just_left(now):
                self._depart(track, now.seen_ts_ns - self._way_ns(now))
        elif track.phase is _Phase.TOUCHED:
            track.phase = _Phase.FLYING
        elif track.phase is _Phase.STANDING:
            track.phase = _Phase.LIFTED
            track.turned_ts_ns = max(track.last.seen_ts_ns, now.seen_ts_ns - self._way_ns(now))
            track.lifted_m = self._height_m(now)
        if track.phase is _Phase.LIFTED and (
            self._height_m(now) - track.lifted_m >= GAINED_M or not self._is_at_field(now)
        ):
            self._depart(track, track.turned_ts_ns)

    def _miss(self, track: _Track, now_ns: int) -> None:
        """Decide upon an aircraft that has not been seen for long."""
        unseen_s = (now_ns - track.last.seen_ts_ns) / S_IN_NS
        if unseen_s < LOST_S:
            return
        if track.phase is _Phase.TOUCHED:
            self._arrive(track, track.turned_ts_ns)
        elif track.phase is _Phase.LIFTED:
            self._depart(track, track.turned_ts_ns)
        if track.phase is _Phase.FLYING and self._is_about_to_land(track.last):
            self._arrive(track, track.last.seen_ts_ns + self._way_ns(track.last))
        if track.phase is not _Phase.STANDING or unseen_s >= FORGOTTEN_S:
            del self._tracks[track.last.address]

    def _arrive(self, track: _Track, ts_ns: int) -> None:
        track.phase = _Phase.STANDING
        self._tell(track, Quantity.ARRIVALS, ts_ns)

    def _depart(self, track: _Track, ts_ns: int) -> None:
        track.phase = _Phase.FLYING
        self._tell(track, Quantity.DEPARTURES, ts_ns)

    def _tell(self, track: _Track, quantity: Quantity, ts_ns: int) -> None:
        if track.kind in {Kind.AIRPLANE, Kind.UNKNOWN}:
            self._found.append(Movement(quantity, ts_ns, track.last.address))

    def _has_just_left(self, now: Sighting) -> bool:
        return (
            self._is_low(now)
            and (now.climb_m_s or 0.0) >= CLIMBING_M_S
            and not (self._distance_m(now) > CLOSE_M and self._is_towards(now))
        )

    def _is_about_to_land(self, last: Sighting) -> bool:
        return (
            self._is_low(last)
            and (last.climb_m_s is None or last.climb_m_s <= SINKING_M_S)
            and (self._distance_m(last) <= CLOSE_M or self._is_towards(last))
        )

    def is_down(self, now: Sighting) -> bool:
        """Whether it is on the airport's ground, also where it does not say so."""
        return self._is_at_field(now) and (
            now.is_on_ground or (_taxis(now) and self._height_m(now) <= FLAT_M)
        )

    def _hovers(self, now: Sighting) -> bool:
        return (
            not now.is_on_ground
            and now.altitude_m is not None
            and self._height_m(now) > FLAT_M
            and now.speed_m_s is not None
            and now.speed_m_s < HOVERING_M_S
        )

    def _is_low(self, now: Sighting) -> bool:
        return (
            now.altitude_m is not None
            and self._height_m(now) <= LOW_M
            and self._distance_m(now) <= NEAR_M
        )

    def _is_at_field(self, now: Sighting) -> bool:
        return self._distance_m(now) <= FIELD_M

    def _is_towards(self, now: Sighting) -> bool:
        """Whether it heads for the airport; so it is believed where it does not say."""
        if now.track_deg is None:
            return True
        bearing = bearing_deg(now.latitude, now.longitude, self._latitude, self._longitude)
        return turn_deg(now.track_deg, bearing) <= TOWARDS_DEG

    def _distance_m(self, now: Sighting) -> float:
        return distance_m(now.latitude, now.longitude, self._latitude, self._longitude)

    def _height_m(self, now: Sighting) -> float:
        ground_m = self._lowest_m if self._elevation_m is None else self._elevation_m
        return (now.altitude_m or 0.0) - (ground_m or 0.0)

    def _way_ns(self, now: Sighting) -> int:
        """How long it takes between there and the airport."""
        speed_m_s = max(now.speed_m_s or 0.0, FLYING_M_S)
        return round(self._distance_m(now) / speed_m_s * S_IN_NS)


def _flies(now: Sighting) -> bool:
    return not now.is_on_ground and now.speed_m_s is not None and now.speed_m_s >= FLYING_M_S


def _taxis(now: Sighting) -> bool:
    return now.speed_m_s is not None and now.speed_m_s <= TAXI_M_S
