"""One instrument as a session knows it."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.enums import LiquiditySide
from core.venues.cmi.codec import Depth
from core.venues.cmi.fills import OwnFill
from core.venues.common.grid import Grid


@dataclass(slots=True)
class Market:
    """One instrument of ours, its newest book and what we hold of it."""

    index: int
    grid: Grid
    depth: Depth | None = None
    """Of the others; None while it is not known."""
    held_lots: int | None = None
    """Signed; None while it is not known."""

    @property
    def symbol(self) -> str:
        """Its name there."""
        return self.grid.instrument.symbol

    @property
    def best_bid(self) -> int:
        """Best price of the others in ticks, 0 if there is none."""
        return self.depth.bids[0][0] if self.depth is not None and self.depth.bids else 0

    @property
    def best_ask(self) -> int:
        """As `best_bid`."""
        return self.depth.asks[0][0] if self.depth is not None and self.depth.asks else 0

    def fee_nanos(self, fill: OwnFill, liquidity: LiquiditySide) -> int:
        """What the instrument's file says an execution costs: CMI tells of no fees."""
        instrument = self.grid.instrument
        is_maker = liquidity is LiquiditySide.MAKER
        fee_bps = instrument.maker_fee_bps if is_maker else instrument.taker_fee_bps
        return round(fill.price_ticks * fill.lots * instrument.tick_value_nanos * fee_bps / 10_000)
