"""
How Binance's deltas and snapshots become one book.

Source: "How to manage a local order book correctly",
https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
"""

from __future__ import annotations

from collections import deque
from enum import Enum

from core.venues.binance.market.codec import Payload

MAX_WAITING = 2_000
"""Deltas kept while a snapshot is awaited: over three minutes of them."""


class Verdict(Enum):
    """What to do with a delta."""

    IGNORE = "older than the book"
    APPLY = "next"
    GAP = "something between is missing"


class DepthSync:
    """Ids of one book."""

    def __init__(self) -> None:
        self.update_id = 0
        self.is_first = True
        """Whether no delta has followed the snapshot yet."""
        self._waiting: deque[Payload] = deque(maxlen=MAX_WAITING)

    @property
    def first_waiting_id(self) -> int | None:
        """`U` of the first delta kept; None while there is none."""
        return self._waiting[0].U if self._waiting else None

    def wait(self, delta: Payload) -> None:
        """Keep a delta until there is a snapshot; one that does not follow starts over."""
        if self._waiting and delta.pu is None and self._waiting[-1].u + 1 < delta.U:
            self._waiting.clear()
        self._waiting.append(delta)

    def is_too_old(self, snapshot_id: int) -> bool:
        """Whether a snapshot does not reach the first delta kept, so that another is needed."""
        return bool(self._waiting) and snapshot_id < self._waiting[0].U

    def start(self, snapshot_id: int) -> list[Payload]:
        """Begin at a snapshot. Returns the deltas kept that are newer, in order."""
        self.update_id = snapshot_id
        self.is_first = True
        waiting = [delta for delta in self._waiting if delta.u > snapshot_id]
        self._waiting.clear()
        return waiting

    def restart(self, delta: Payload) -> None:
        """Give the book up at a delta that does not follow, and keep that one."""
        self._waiting.clear()
        self._waiting.append(delta)

    def forget(self) -> None:
        """Give everything up."""
        self._waiting.clear()

    def judge(self, delta: Payload) -> Verdict:
        """Say what to do with a delta, and count it as applied if it is the next."""
        if delta.u <= self.update_id:
            return Verdict.IGNORE
        if not self._follows(delta):
            return Verdict.GAP
        self.update_id = delta.u
        self.is_first = False
        return Verdict.APPLY

    def _follows(self, delta: Payload) -> bool:
        if delta.pu is None:
            return self.update_id + 1 >= delta.U
        # Ids of futures have holes, so only the chain tells; the snapshot may cut a link.
        return delta.pu == self.update_id or (self.is_first and delta.pu < self.update_id)
