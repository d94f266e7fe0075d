"""What a Python strategy sees, read off the kernel's state."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.domain.enums import OrderOrigin, OrderStatus
from core.kernel.state import KernelState
from core.strategies.context import LiveOrder


class KernelView:
    """What a strategy sees, read off the kernel's state."""

    def __init__(self, state: KernelState) -> None:
        self._state = state
        self._account = state.account[0]
        self._instruments = state.instruments

    def ts_ns(self) -> int:
        """Time of the newest event."""
        return int(self._account["ts_ns"])

    def position_lots(self, instrument: int) -> int:
        """Signed position."""
        return int(self._instruments["position_lots"][instrument])

    def pnl_nanos(self) -> int:
        """Equity beyond the capital."""
        return int(self._account["equity_nanos"] - self._account["capital_nanos"])

    def levels(self, instrument: int) -> Sequence[Sequence[int]]:
        """Four columns of the newest book."""
        row = self._instruments[instrument]
        return [row[name].tolist() for name in ("bid_ticks", "bid_lots", "ask_ticks", "ask_lots")]

    def orders(self) -> Sequence[LiveOrder]:
        """The strategy's live orders."""
        return live_orders(self._state)


_IS_LIVE = np.zeros(len(OrderStatus), bool)
_IS_LIVE[
    [
        OrderStatus.PENDING_NEW, OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED,
        OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_REPLACE, OrderStatus.UNKNOWN,
    ]
] = True  # fmt: skip


def live_orders(state: KernelState) -> list[LiveOrder]:
    """Orders of the strategy that may still trade, oldest first."""
    if state.account[0]["open_orders"] == 0:
        return []
    rows = state.orders
    is_ours = _IS_LIVE[rows["status"]] & (rows["origin"] == OrderOrigin.STRATEGY)
    return sorted(
        LiveOrder(order_id, instrument, side, price_ticks, max(lots, pending) - cum)
        for order_id, instrument, side, price_ticks, lots, pending, cum in rows[is_ours][
            ["order_id", "instrument", "side", "price_ticks", "lots", "pending_lots", "cum_lots"]
        ].tolist()
    )
