"""What is counted in a picture of the sky: aircraft in the air, and the airport's movements."""

from __future__ import annotations

from collections.abc import Sequence

from core.feeds.common.sheet import Sheet
from core.feeds.flights.aircraft import Kind, Sighting
from core.feeds.flights.half_hours import HalfHours
from core.feeds.flights.movements import MovementTracker
from core.feeds.port import Place, Quality, Quantity, Reading


class SkyWatch:
    """
    One watch of one city's sky, to be shared by the sources that take turns in it.

    Args:
        place: The city; without an airport only the aircraft in the air are counted.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._half_hours = HalfHours()
        self._tracker = MovementTracker(
            place.airport_latitude,
            place.airport_longitude,
            place.airport_elevation_m,
        )

    def look(
        self, sightings: Sequence[Sighting], seen_ts_ns: int, fetched_ts_ns: int, source: str
    ) -> Reading:
        """
        Take in one picture.

        Args:
            sightings: Aircraft with a position of now.
            seen_ts_ns: Moment of the picture.
            fetched_ts_ns: When it came.
            source: Who told.

        Raises:
            DecodeError: If the picture is of the future.
        """
        flying = sum(
            not item.is_on_ground
            and item.kind is not Kind.VEHICLE
            and not self._tracker.is_down(item)
            for item in sightings
        )
        around = Sheet(source, self._place.name, fetched_ts_ns, Quality.DERIVED)
        around.put(Quantity.AIRCRAFT, float(flying), seen_ts_ns)
        observations = around.reading().observations
        if not self._place.airport:
            return Reading(observations)
        movements = self._tracker.update(sightings, seen_ts_ns)
        airport = Sheet(source, self._place.airport, fetched_ts_ns, Quality.DERIVED)
        for item in self._half_hours.look(movements, seen_ts_ns):
            airport.put(Quantity.ARRIVALS, float(item.arrivals), item.end_ts_ns)
            airport.put(Quantity.DEPARTURES, float(item.departures), item.end_ts_ns)
        return Reading(observations + airport.reading().observations)


def center(place: Place) -> tuple[float, float]:
    """Where to look: around the airport, whose approaches a city's circle may miss."""
    if place.airport:
        return place.airport_latitude, place.airport_longitude
    return place.latitude, place.longitude
