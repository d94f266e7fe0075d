"""Settings of the city: where it is, who tells of it, and what is settled there."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import Field, model_validator

from core.tables.section import Section

_NAME = r"^[a-z0-9][a-z0-9_.-]{0,63}$"
_VARIABLE = r"^[A-Z][A-Z0-9_]{0,63}$"
# Without bounds: compiling one of 200 letters took longer than all other settings.
_STATION = r"^[a-z0-9_.-]+=[A-Za-z0-9_ ,./-]+$"
_Sources = tuple[Annotated[str, Field(pattern=_NAME)], ...]
_Variable = Annotated[str, Field(pattern=_VARIABLE)]


class CitySettings(Section):
    """The city's data, and the event that is settled on them. Changing one needs a restart."""

    feeds: Literal["off", "live", "simulated"]
    """`live` asks public services, `simulated` needs no network and is stamped SIMULATED."""

    event: Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9_-]{0,63})?$")]
    """File in `config/events` that says what is settled on what; empty for none."""

    place: Annotated[str, Field(pattern=_NAME)]
    """munich, london, or a name of your own with the coordinates below."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    """Degrees north, of a place of your own."""

    longitude: Annotated[float, Field(ge=-180, le=180)]
    """Degrees east."""

    time_zone: Annotated[str, Field(pattern=r"^[A-Za-z0-9_+/-]{0,64}$")]
    """IANA name, such as Europe/Berlin."""

    airport: Annotated[str, Field(pattern=r"^([A-Z]{4}@-?[0-9.]{1,12},-?[0-9.]{1,12})?$")]
    """Airport of a place of your own, as EDDM@48.3538,11.7861; empty for none."""

    stations: tuple[Annotated[str, Field(pattern=_STATION, max_length=240)], ...]
    """Station of each source that needs one, of a place of your own, as hnd=16515005."""

    weather: _Sources
    """Who is asked, in order of preference; the next where one fails."""

    air_quality: _Sources
    """The same for the air; their indices are never mixed in one series."""

    flights: _Sources
    """The same for aircraft."""

    river: _Sources
    """The same for the river."""

    openweathermap_key_env: _Variable
    """Name of the environment variable that holds this key. Never the key itself."""

    waqi_token_env: _Variable
    """Name of the environment variable that holds WAQI's token."""

    openaq_key_env: _Variable
    """Name of the environment variable that holds OpenAQ's key."""

    opensky_id_env: _Variable
    """Name of that with OpenSky's client; without it fewer questions a day are answered."""

    opensky_secret_env: _Variable
    """Name of that with the secret of the client."""

    redis_url: Annotated[str, Field(pattern=r"^(rediss?://[^\s/@?#]+(/[0-9]{1,2})?)?$")]
    """A Redis that several engines share, so that they spend one quota; empty for none."""

    redis_password_env: _Variable
    """Name of the environment variable that holds its password, if it wants one."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)]
    """Of the simulated city: the same seed is the same weather."""

    speed: Annotated[float, Field(ge=1, le=10_000)]
    """Seconds of the simulated city per second."""

    @model_validator(mode="after")
    def _time_zone_is_one(self) -> Self:
        if self.time_zone and self.time_zone not in available_timezones():
            raise ValueError(
                f'time_zone = "{self.time_zone}" is no IANA name, such as Europe/Berlin'
            )
        return self
