"""One instrument of ours as the account knows it."""

from __future__ import annotations

from dataclasses import dataclass

from core.venues.binance.orders.filters import Rules
from core.venues.common.grid import Grid
from core.venues.common.holdings import Holding


@dataclass(slots=True)
class Product:
    """Steps, rules and coins."""

    index: int
    grid: Grid
    holding: Holding
    rules: Rules | None = None
    """None until the venue has told them."""

    @property
    def symbol(self) -> str:
        """Name at the venue."""
        return self.grid.instrument.symbol
