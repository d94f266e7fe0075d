"""What outlives a connection: counts, the last trade told, and how the clocks differ."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from core.domain.enums import VenueState
from core.venues.common.clock import VenueClock
from core.venues.port import VenueCounters


class RecentIds:
    """The newest ids, for telling apart what is told twice."""

    def __init__(self, count: int = 4096) -> None:
        self._order: deque[str] = deque(maxlen=count)
        self._known: set[str] = set()

    def add(self, name: str) -> bool:
        """Note an id. Returns whether it is not among the newest yet."""
        if name in self._known:
            return False
        if len(self._order) == self._order.maxlen:
            self._known.discard(self._order[0])
        self._order.append(name)
        self._known.add(name)
        return True


@dataclass(slots=True)
class Tally:
    """Counts over the life of a feed; the sessions of its connections share one."""

    messages: int = 0
    gaps: int = 0
    duplicates: int = 0
    refused: int = 0
    last_error: str = ""
    trade_ids: dict[int, int] = field(default_factory=dict)
    """Newest trade told, by instrument, so that two connections tell none twice."""
    recent_trades: RecentIds = field(default_factory=RecentIds)
    """The same, where trades have no order."""
    clock: VenueClock = field(default_factory=VenueClock)

    def counters(self, state: VenueState, connections: int, last_message_s: float) -> VenueCounters:
        """As the venue's port wants them, with what only the client knows."""
        return VenueCounters(
            state=state,
            exchange_session="",
            messages=self.messages,
            reconnects=max(0, connections - 1),
            gaps=self.gaps,
            duplicates=self.duplicates,
            refused=self.refused,
            unsent=0,
            last_message_monotonic_s=last_message_s,
            last_error=self.last_error,
            clock_offset_ns=self.clock.offset_ns,
        )
