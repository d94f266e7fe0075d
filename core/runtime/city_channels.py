"""What the kernel follows of a city: one number a channel, of one kind all the time."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain import events
from core.domain.enums import Channel
from core.domain.events import EventRow
from core.feeds.port import Observation, Quality, Quantity

_INDEXES = (Quantity.EAQI, Quantity.US_AQI, Quantity.OWM_AQI)


class CityChannels:
    """Picks what the kernel's channels follow."""

    def __init__(self) -> None:
        self._index: Quantity | None = None

    def rows(self, observations: Sequence[Observation]) -> list[EventRow]:
        """Make the events, oldest first."""
        told = sorted(observations, key=lambda one: one.valid_ts_ns)
        return [
            events.observation(channel, one.value, one.valid_ts_ns)
            for one in told
            if (channel := self._channel(one)) is not None
        ]

    def _channel(self, told: Observation) -> Channel | None:
        if told.quality is Quality.SUSPECT:
            return None
        if told.quantity is Quantity.TEMPERATURE_C:
            return Channel.WEATHER
        if told.quantity is Quantity.AIRCRAFT:
            return Channel.FLIGHTS
        if told.quantity in _INDEXES:
            # Three scales, which never make one series: the first that comes is followed.
            self._index = self._index or told.quantity
            return Channel.AIR_QUALITY if told.quantity is self._index else None
        return None
