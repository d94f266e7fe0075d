"""
Reads the current weather of OpenWeatherMap 2.5, in metric units.

Source: https://openweathermap.org/current.
"""

from __future__ import annotations

from http import HTTPStatus

from pydantic import AliasChoices, Field, TypeAdapter

from core.domain.errors import DecodeError, FeedRefused
from core.feeds.common.openweathermap import ADVICE, INTERVAL_S
from core.feeds.common.sheet import Sheet
from core.feeds.common.wire import S_IN_NS, Body, EpochSeconds, Number, quoted, read_json
from core.feeds.port import Answer, Quality, Quantity, Reading

_OK = HTTPStatus.OK.value


class Main(Body):
    """Air at the ground."""

    temp: Number = None
    pressure: Number = None
    humidity: Number = None


class Wind(Body):
    """In m/s."""

    speed: Number = None
    deg: Number = None


class Clouds(Body):
    """Share of the sky."""

    all: Number = None


class Fall(Body):
    """Rain or snow; the whole of it is absent when it is dry."""

    mm_h: Number = Field(None, validation_alias=AliasChoices("1h"))


class Current(Body):
    """An answer; a refusal has `cod` and `message` alone, and `cod` may be text."""

    cod: int = _OK
    message: str = ""
    dt: EpochSeconds = 0
    main: Main = Main()
    wind: Wind = Wind()
    clouds: Clouds = Clouds()
    rain: Fall | None = None
    snow: Fall | None = None


_ADAPTER = TypeAdapter(Current)


def read_current(answer: Answer, source: str, place: str) -> Reading:
    """
    Read an answer of `/weather`.

    Raises:
        DecodeError: If it is not what the service documents, or says that something is wrong.
        FeedRefused: If it refuses the key, or its calls are used up.
    """
    now = read_json(_ADAPTER, answer, source)
    if now.cod != _OK:
        what = f"it says {now.cod}: {quoted(now.message) or 'nothing more'}"
        if now.cod in ADVICE:
            pause_s = INTERVAL_S if now.cod == HTTPStatus.TOO_MANY_REQUESTS else None
            raise FeedRefused(source, f"{what}; {ADVICE[now.cod]}", pause_s)
        raise DecodeError(source, what)
    if not now.dt:
        raise DecodeError(source, "dt: the answer does not say of when it is")
    sheet = Sheet(source, place, answer.fetched_ts_ns, Quality.MODELED)
    valid_ts_ns = now.dt * S_IN_NS
    falls = [fall.mm_h or 0.0 for fall in (now.rain, now.snow) if fall is not None]
    for quantity, value in (
        (Quantity.TEMPERATURE_C, now.main.temp),
        (Quantity.HUMIDITY_PCT, now.main.humidity),
        (Quantity.PRESSURE_HPA, now.main.pressure),
        (Quantity.WIND_SPEED_M_S, now.wind.speed),
        (Quantity.WIND_DIRECTION_DEG, now.wind.deg),
        (Quantity.CLOUD_COVER_PCT, now.clouds.all),
        (Quantity.PRECIPITATION_MM_H, sum(falls)),
    ):
        sheet.put(quantity, value, valid_ts_ns)
    return sheet.filled()
