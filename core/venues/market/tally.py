"""What outlives a connection: counts, the last trade told, and the venue's clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from core.domain.enums import VenueState
from core.venues.port import VenueCounters

_NS = 1_000_000_000
_WINDOW_NS = 60 * _NS


class VenueClock:
    """
    How far a venue's clock is from ours.

    A message that was sent at `t` and came at `r` by our clock tells that the two clocks and
    the way together make `r - t`: the smallest of a minute bounds the offset from below. An
    answer to a question also tells how long the way was.
    """

    def __init__(self) -> None:
        self._began_ns = 0
        self._least_ns: int | None = None
        self._former_ns: int | None = None
        self._asked: tuple[int, int] | None = None

    def heard(self, venue_ns: int, received_ns: int) -> None:
        """Note that something stamped `venue_ns` arrived at `received_ns` of our wall clock."""
        lag_ns = received_ns - venue_ns
        if self._least_ns is None or not 0 <= received_ns - self._began_ns < _WINDOW_NS:
            self._former_ns, self._least_ns = self._least_ns, lag_ns
            self._began_ns = received_ns
        elif lag_ns < self._least_ns:
            self._least_ns = lag_ns

    def answered(self, sent_ns: int, venue_ns: int, received_ns: int) -> None:
        """Note the venue's time in an answer to what we sent at `sent_ns`."""
        half_ns = max(0, received_ns - sent_ns) // 2
        self._asked = (venue_ns - sent_ns - half_ns, half_ns)

    @property
    def lag_ns(self) -> int | None:
        """Least time lately from the venue's stamp to our receipt; None before the first."""
        known = [lag for lag in (self._least_ns, self._former_ns) if lag is not None]
        return min(known) if known else None

    @property
    def offset_ns(self) -> int | None:
        """Venue's clock minus ours: from an answer where there was one, else at least this."""
        if self._asked is not None:
            return self._asked[0]
        lag_ns = self.lag_ns
        return None if lag_ns is None else -lag_ns

    @property
    def error_ns(self) -> int | None:
        """By how much `offset_ns` may be off either way; None where no answer tells."""
        return None if self._asked is None else self._asked[1]


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
