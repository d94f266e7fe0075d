"""
Reads state vectors and tokens of OpenSky.

Source: https://openskynetwork.github.io/opensky-api/rest.html. A state is a row without names;
`states` is null where no aircraft is seen. Units are SI already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, Discriminator, SecretStr, Tag, TypeAdapter

from core.domain.errors import DecodeError
from core.feeds.common.wire import S_IN_NS, Body, EpochSeconds, Number, read_json
from core.feeds.flights.aircraft import Kind, Sighting, is_position
from core.feeds.port import Answer

MAX_POSITION_AGE_S = 60
"""An older position is where the aircraft was, not where it is."""

_COLUMNS = 17
_KINDS: Mapping[int, Kind] = {
    **dict.fromkeys(range(2, 8), Kind.AIRPLANE),
    **dict.fromkeys(range(8, 16), Kind.OTHER),
    **dict.fromkeys(range(16, 21), Kind.VEHICLE),
}
"""By column 17, which only `extended` brings; 0, 1 and what is not documented tell nothing."""


class State(Body):
    """One aircraft."""

    icao24: str
    time_position: EpochSeconds | None
    longitude: Number
    latitude: Number
    baro_altitude: Number
    on_ground: bool
    velocity: Number
    true_track: Number
    vertical_rate: Number
    category: int = 0


def _named(row: object) -> object:
    if not isinstance(row, list):
        return row
    if len(row) < _COLUMNS:
        raise ValueError(f"a state has {len(row)} columns instead of {_COLUMNS} or more")
    return {
        "icao24": row[0],
        "time_position": row[3],
        "longitude": row[5],
        "latitude": row[6],
        "baro_altitude": row[7],
        "on_ground": row[8],
        "velocity": row[9],
        "true_track": row[10],
        "vertical_rate": row[11],
        "category": row[_COLUMNS] if len(row) > _COLUMNS and row[_COLUMNS] is not None else 0,
    }


class States(Body):
    """Every aircraft within the box."""

    time: EpochSeconds
    states: list[Annotated[State, BeforeValidator(_named)]] | None


class Token(Body):
    """Permission to ask for half an hour."""

    access_token: SecretStr
    expires_in: Annotated[int, "seconds"]


class Picture(NamedTuple):
    """Where aircraft were at one moment."""

    seen_ts_ns: int
    sightings: list[Sighting]


def _kind_of(content: object) -> str:
    return "token" if isinstance(content, dict) and "access_token" in content else "sky"


_ADAPTER: TypeAdapter[Token | States] = TypeAdapter(
    Annotated[
        Annotated[Token, Tag("token")] | Annotated[States, Tag("sky")], Discriminator(_kind_of)
    ]
)


def read_answer(answer: Answer, source: str) -> Token | Picture:
    """
    Read what came: a token, or states.

    Raises:
        DecodeError: If it is neither.
    """
    content = read_json(_ADAPTER, answer, source)
    if isinstance(content, Token):
        if not content.access_token.get_secret_value() or content.expires_in <= 0:
            raise DecodeError(source, "the token that it gave is empty or has expired")
        return content
    seen = (_sighting(item, content.time) for item in content.states or ())
    return Picture(content.time * S_IN_NS, [item for item in seen if item is not None])


def _sighting(state: State, now_s: int) -> Sighting | None:
    if (
        not is_position(state.latitude, state.longitude)
        or state.time_position is None
        or now_s - state.time_position > MAX_POSITION_AGE_S
    ):
        return None
    assert state.latitude is not None
    assert state.longitude is not None
    return Sighting(
        address=state.icao24.strip().lower(),
        seen_ts_ns=state.time_position * S_IN_NS,
        latitude=state.latitude,
        longitude=state.longitude,
        is_on_ground=state.on_ground,
        altitude_m=state.baro_altitude,
        speed_m_s=state.velocity,
        track_deg=state.true_track,
        climb_m_s=state.vertical_rate,
        kind=_KINDS.get(state.category, Kind.UNKNOWN),
    )
