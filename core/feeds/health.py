"""How a feed is: what serves it, how old its newest value is, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.feeds.port import Reading, Topic

STALE_AFTER_S: Mapping[Topic, float] = {
    Topic.WEATHER: 2 * 3_600.0,
    Topic.AIR_QUALITY: 4 * 3_600.0,
    Topic.FLIGHTS: 600.0,
    Topic.RIVER: 2 * 3_600.0,
}
"""Older values are stale: a few times as old as they are when all is well, which is 15 minutes
and a model's delay, an hour and a station's, a request, 15 minutes and the gauge's."""


class FeedState(StrEnum):
    """Life of a feed."""

    CONNECTING = "CONNECTING"
    """Nothing has come yet, and nothing has failed."""
    LIVE = "LIVE"
    """A source serves, and its newest value is young enough."""
    STALE = "STALE"
    """The last good value is served: it is too old, or no source works."""
    DOWN = "DOWN"
    """No source works, and there is no value that is young enough."""


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """What a screen and a decision need to know of one topic's feed."""

    topic: Topic
    source: str
    """Name of the source that serves; of the preferred one where none does."""
    state: FeedState
    age_s: float | None
    """Of the newest value, since it was true; None before the first."""
    last_error: str
    """Sentence on the newest trouble; empty where every source asked works."""
    hit_rate: float
    """Share of answers that came from the cache, 0 to 1."""
    requests: int
    """On the wire, by this engine."""
    answers: int
    """That were used, from the cache or the wire."""
    next_try_s: float
    """Seconds until a source is asked again, at least 0."""
    is_preferred: bool = True
    """Whether the first of the chain serves."""


class Newest:
    """
    Age of the newest value.

    Moved on by a steady clock, so that a wall clock that is set back makes nothing young.
    """

    def __init__(self) -> None:
        self._age_s = 0.0
        self._at_s: float | None = None

    def note(self, reading: Reading, now_ns: int, now_s: float) -> None:
        """Take in what a reading told; a forecast is as old as its issue."""
        moments = [each.valid_ts_ns for each in reading.observations]
        moments += [each.issued_ts_ns for each in reading.vintages]
        if not moments:
            return
        age_s = max(0.0, (now_ns - max(moments)) / 1e9)
        known_s = self.age_s(now_s)
        if known_s is None or age_s < known_s:
            self._age_s, self._at_s = age_s, now_s

    def age_s(self, now_s: float) -> float | None:
        """Seconds; None before the first value."""
        return None if self._at_s is None else self._age_s + max(0.0, now_s - self._at_s)


def state_of(
    age_s: float | None, stale_after_s: float, *, is_served: bool, has_failed: bool
) -> FeedState:
    """
    Name a feed's state.

    Args:
        age_s: Of the newest value.
        stale_after_s: From which age on it is stale.
        is_served: Whether the newest request to a source was answered as it should be.
        has_failed: Whether any request has failed.
    """
    if age_s is None and not is_served:
        return FeedState.DOWN if has_failed else FeedState.CONNECTING
    is_young = age_s is not None and age_s <= stale_after_s
    if is_served:
        return FeedState.LIVE if is_young else FeedState.STALE
    return FeedState.STALE if is_young else FeedState.DOWN
