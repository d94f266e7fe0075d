"""How far a venue's clock is from ours."""

from __future__ import annotations

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
        self._asked_ns: int | None = None

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
        self._asked_ns = venue_ns - sent_ns - half_ns

    @property
    def lag_ns(self) -> int | None:
        """Least time lately from the venue's stamp to our receipt; None before the first."""
        known = [lag for lag in (self._least_ns, self._former_ns) if lag is not None]
        return min(known) if known else None

    @property
    def offset_ns(self) -> int | None:
        """Venue's clock minus ours: from an answer where there was one, else at least this."""
        if self._asked_ns is not None:
            return self._asked_ns
        lag_ns = self.lag_ns
        return None if lag_ns is None else -lag_ns
