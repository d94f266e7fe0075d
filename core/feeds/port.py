"""
What the engine needs of a city, and what a source of it promises.

A source knows one service: how to ask it and how to read its answer. It decides nothing, has
no socket and no clock; `core.feeds.desk` asks when it is time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Protocol

from core.domain.errors import FeedRefused
from core.domain.memory import FloatArray, IntArray


class Topic(StrEnum):
    """What a feed is about. One topic may have several sources, of which one is asked."""

    WEATHER = "weather"
    AIR_QUALITY = "air_quality"
    FLIGHTS = "flights"
    RIVER = "river"


class Quantity(StrEnum):
    """What is measured, with its unit."""

    TEMPERATURE_C = "temperature_c"
    HUMIDITY_PCT = "humidity_pct"
    PRESSURE_HPA = "pressure_hpa"
    WIND_SPEED_M_S = "wind_speed_m_s"
    WIND_DIRECTION_DEG = "wind_direction_deg"
    PRECIPITATION_MM_H = "precipitation_mm_h"
    CLOUD_COVER_PCT = "cloud_cover_pct"
    PM2_5_UG_M3 = "pm2_5_ug_m3"
    PM10_UG_M3 = "pm10_ug_m3"
    NO2_UG_M3 = "no2_ug_m3"
    O3_UG_M3 = "o3_ug_m3"
    SO2_UG_M3 = "so2_ug_m3"
    CO_UG_M3 = "co_ug_m3"
    EAQI = "eaqi"
    """European air quality index, 0 to above 100."""
    US_AQI = "us_aqi"
    """That of the United States, 0 to 500; WAQI's numbers are of this kind."""
    OWM_AQI = "owm_aqi"
    """OpenWeatherMap's own scale, 1 to 5. The three indices never make one series."""
    AIRCRAFT = "aircraft"
    """In the air around the city."""
    ARRIVALS = "arrivals"
    """Landings of one half hour at the airport."""
    DEPARTURES = "departures"
    LEVEL_CM = "level_cm"
    FLOW_M3_S = "flow_m3_s"
    WATER_TEMPERATURE_C = "water_temperature_c"


class Quality(IntEnum):
    """How far a value is to be believed."""

    MEASURED = 0
    MODELED = 1
    """Of a weather or air model, for the present or the past."""
    DERIVED = 2
    """Counted or computed here, from what was measured."""
    SUSPECT = 3
    """A station that says the same for hours."""
    SIMULATED = 4
    """Of the simulated city."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One number, and when it was true."""

    quantity: Quantity
    value: float
    """Finite; a source leaves out what is not a number."""
    valid_ts_ns: int
    """The moment that it is about, UTC; of a half hour or an hour: its end."""
    fetched_ts_ns: int
    """When it was known here."""
    source: str
    """Name of the source, such as `open-meteo`."""
    place: str
    """Station, grid point or airport, such as `16515005` or `EDDM`."""
    quality: Quality


@dataclass(frozen=True, slots=True)
class Vintage:
    """A forecast as it was issued: what was believed then, and nothing learned later."""

    quantity: Quantity
    source: str
    place: str
    issued_ts_ns: int
    """When it was fetched: nobody here knew it before."""
    valid_ts_ns: IntArray
    """Shape (n,): the moments that it is about, rising, UTC."""
    values: FloatArray
    """Shape (n,): NaN where it says nothing."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer told."""

    observations: tuple[Observation, ...] = ()
    vintages: tuple[Vintage, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a city is, and what stands for it."""

    name: str
    """Such as `munich`."""
    latitude: float
    """Degrees north."""
    longitude: float
    """Degrees east."""
    time_zone: str
    """IANA name, such as `Europe/Berlin`."""
    airport: str = ""
    """ICAO code; empty for none."""
    airport_latitude: float = 0.0
    airport_longitude: float = 0.0
    airport_elevation_m: float | None = None
    """Above the sea; None where it is to be learned from the aircraft that land."""
    stations: Mapping[str, str] = field(default_factory=dict)
    """Station of a source that needs one, by the source's name."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask for. Secrets stand apart, so that they can be kept out of sight."""

    url: str
    """Without query."""
    query: Mapping[str, str] = field(default_factory=dict)
    secret_query: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Joined to the query on the wire, and nowhere else."""
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    """Body of a POST; None for a GET. May hold a secret."""
    is_for_us_alone: bool = False
    """The service's terms forbid to give its answer to another engine."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    fetched_ts_ns: int


class Source(Protocol):
    """One service. Sans-I/O: it makes requests and reads answers."""

    @property
    def name(self) -> str:
        """Short name for screens and logs, such as `open-meteo`."""
        ...

    @property
    def topic(self) -> Topic:
        """What it tells of."""
        ...

    @property
    def interval_s(self) -> float:
        """How often it is asked, within its documented limits."""
        ...

    @property
    def is_incomplete(self) -> bool:
        """Whether it has pages that it never asked for yet: those are wanted at once."""
        ...

    def request(self, now_ns: int) -> Request:
        """Make the next request."""
        ...

    def read(self, answer: Answer) -> Reading:
        """
        Read an answer of status 200.

        Raises:
            DecodeError: If it is not what the service documents, or says that something is
                wrong; the reason is a sentence for a person.
            FeedRefused: If asking again is no use before something changes, such as a key, or
                before a time.
        """
        ...

    def refusal(self, answer: Answer) -> FeedRefused | None:
        """Tell whether an answer of another status forbids to ask again; None if it does not."""
        ...

    def complaint(self, answer: Answer) -> str:
        """Say in one sentence what an answer of another status means."""
        ...
