"""Cities that come with the program. Any other is a `Place` with coordinates of its own."""

from __future__ import annotations

from collections.abc import Mapping

from core.feeds.port import Place

MUNICH = Place(
    name="munich",
    latitude=48.1374,
    longitude=11.5755,
    time_zone="Europe/Berlin",
    airport="EDDM",
    airport_latitude=48.3538,
    airport_longitude=11.7861,
    airport_elevation_m=453.0,
    stations={
        # The Eisbach, on which the products settle, and the Isar, from which it is fed.
        "hnd": "isar/muenchen-himmelreichbruecke-16515005, isar/muenchen-16005701",
        "gkd": "muenchen-himmelreichbruecke-16515005, muenchen-16005701",
    },
)

LONDON = Place(
    name="london",
    latitude=51.5074,
    longitude=-0.1278,
    time_zone="Europe/London",
    airport="EGLL",
    airport_latitude=51.4706,
    airport_longitude=-0.4619,
    airport_elevation_m=25.0,
    stations={"environment-agency": "0006-level-tidal_level-i-15_min-mAOD"},
)

PLACES: Mapping[str, Place] = {place.name: place for place in (MUNICH, LONDON)}
