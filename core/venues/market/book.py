"""One instrument as one connection knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from core.domain.instrument import Instrument
from core.venues.market.side import Side, TextLevel
from core.venues.market.units import Units


@dataclass(slots=True)
class Market:
    """One instrument as one connection knows it."""

    index: int
    instrument: Instrument
    units: Units = field(init=False)
    bids: Side = field(init=False)
    asks: Side = field(init=False)
    has_book: bool = False
    """Whether the levels are a book that follows from a snapshot."""
    is_settled: bool = False
    """Whether it has had a book, or nobody waits for its first one any more."""
    is_shown: bool = False
    """Whether the sink holds a book of it that is not empty."""
    due_s: float = inf
    """When a book should have come."""
    heard_s: float = inf
    """When something of it came last, since it has a book."""
    attempts: int = 0
    """Times that its data was asked for again, since its last book."""
    trade_id: int | None = None
    """Newest trade of this connection, where trades are numbered without holes."""
    crossed_s: float = inf
    """Since when its bids reach its asks."""
    resync_due_s: float = inf
    """When a new book is asked for, where that has to wait."""
    resynced_s: float = -inf
    resyncs: int = 0
    """New books asked for in a row, each soon after the one before."""

    def __post_init__(self) -> None:
        self.units = Units(self.instrument)
        self.bids = Side(self.units, is_bid=True)
        self.asks = Side(self.units, is_bid=False)

    @property
    def symbol(self) -> str:
        """The venue's own name of it."""
        return self.instrument.symbol

    def reset(self, bids: Sequence[TextLevel], asks: Sequence[TextLevel]) -> None:
        """
        Start over from a snapshot.

        Raises:
            DecodeError: If a price is not one of this instrument.
        """
        self.bids.reset(bids)
        self.asks.reset(asks)

    def apply(self, bids: Sequence[TextLevel], asks: Sequence[TextLevel]) -> bool:
        """
        Change levels.

        Returns:
            Whether a level that is shown has changed.

        Raises:
            DecodeError: If a price is not one of this instrument.
        """
        bids_seen = self.bids.apply(bids)
        return self.asks.apply(asks) or bids_seen
