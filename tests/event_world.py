"""A made-up city for tests of events: what its feeds would tell, hour by hour."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.events.profile import Event, Series
from core.feeds.port import Observation, Quality, Quantity, Reading, Vintage

MINUTE_NS = 60_000_000_000
HOUR_NS = 60 * MINUTE_NS

EVERY_MIN = {
    Quantity.TEMPERATURE_C: 15,
    Quantity.HUMIDITY_PCT: 15,
    Quantity.LEVEL_CM: 15,
    Quantity.FLOW_M3_S: 15,
    Quantity.ARRIVALS: 30,
    Quantity.DEPARTURES: 30,
}
LATE_NS = 2 * MINUTE_NS
"""From a moment to when it is told."""

_WAVES = {
    Quantity.TEMPERATURE_C: (6.0, 4.0),
    Quantity.HUMIDITY_PCT: (75.0, -12.0),
    Quantity.LEVEL_CM: (141.0, 2.0),
    Quantity.FLOW_M3_S: (24.3, 0.8),
    Quantity.ARRIVALS: (14.0, 9.0),
    Quantity.DEPARTURES: (13.0, 8.0),
}
_COUNTS = {Quantity.ARRIVALS, Quantity.DEPARTURES}


def truth(quantity: Quantity, moments_ns: np.ndarray) -> np.ndarray:
    """A daily wave, highest at three in the afternoon, with a wobble that is the quantity's own."""
    mean, height = _WAVES[quantity]
    hours = np.asarray(moments_ns) / HOUR_NS
    wave = np.cos((hours - 14.0) / 24.0 * 2 * np.pi)
    wobble = np.sin(hours * (0.37 + 0.05 * len(quantity))) * 0.15
    values = mean + height * (wave + wobble)
    return np.maximum(np.rint(values), 0.0) if quantity in _COUNTS else values


def observation(
    quantity: Quantity,
    moment_ns: int,
    value: float | None = None,
    *,
    place: str = "",
    fetched_ns: int | None = None,
) -> Observation:
    """One number; of the made-up city if none is given."""
    told = truth(quantity, np.array([moment_ns]))[0] if value is None else value
    return Observation(
        quantity=quantity,
        value=float(told),
        valid_ts_ns=moment_ns,
        fetched_ts_ns=moment_ns + LATE_NS if fetched_ns is None else fetched_ns,
        source="made-up",
        place=place,
        quality=Quality.SIMULATED,
    )


def vintage(
    quantity: Quantity,
    issued_ns: int,
    *,
    hours: int = 48,
    error: float = 0.0,
    place: str = "",
) -> Vintage:
    """An hourly forecast that is wrong by as much as is said."""
    first = -(-issued_ns // HOUR_NS) * HOUR_NS
    moments = first + np.arange(hours, dtype=np.int64) * HOUR_NS
    return Vintage(
        quantity=quantity,
        source="made-up",
        place=place,
        issued_ts_ns=issued_ns,
        valid_ts_ns=moments,
        values=truth(quantity, moments) + error,
    )


def observations(series: Series, since_ns: int, until_ns: int) -> Iterator[Observation]:
    """What a feed tells of one series, both ends included."""
    wanted = series.settings
    step = EVERY_MIN[wanted.quantity] * MINUTE_NS
    for moment in range(-(-since_ns // step) * step, until_ns + 1, step):
        yield observation(wanted.quantity, moment, place=wanted.place)


def day_until(event: Event, until_ns: int, *, days: int = 3) -> Reading:
    """All that the feeds have told of an event's series, for some days up to a moment."""
    told: list[Observation] = []
    forecasts: list[Vintage] = []
    since_ns = until_ns - days * 24 * HOUR_NS
    for series in event.series:
        told.extend(observations(series, since_ns, until_ns - LATE_NS))
        if series.settings.outlook == "forecast":
            forecasts.extend(
                vintage(series.settings.quantity, issued, place=series.settings.place)
                for issued in range(since_ns, until_ns + 1, 6 * HOUR_NS)
            )
    return Reading(tuple(told), tuple(forecasts))
