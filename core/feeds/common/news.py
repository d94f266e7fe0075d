"""Leaves out of a long answer what the one before it has told already."""

from __future__ import annotations

from core.feeds.port import Observation, Quantity, Reading

_Key = tuple[str, Quantity, int]

_KEPT = 20_000
"""Two weeks of quarters of an hour for more than a dozen series."""


class News:
    """
    What has been told, so that a table of a week is told once and then row by row.

    The newest value of each series is told every time: it says that the series is alive.
    """

    def __init__(self) -> None:
        self._told: dict[_Key, float] = {}

    def only(self, reading: Reading) -> Reading:
        """
        Keep what is new, revised or newest.

        Args:
            reading: Its observations stand in order of time.
        """
        newest = {(item.place, item.quantity): item for item in reading.observations}
        kept = tuple(
            item
            for item in reading.observations
            if newest[item.place, item.quantity] is item or self._told.get(_key(item)) != item.value
        )
        self._told.update((_key(item), item.value) for item in kept)
        while len(self._told) > _KEPT:
            del self._told[next(iter(self._told))]
        return Reading(kept, reading.vintages)


def _key(item: Observation) -> _Key:
    return item.place, item.quantity, item.valid_ts_ns
