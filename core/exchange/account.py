"""What the exchange knows of one participant."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from core.venues.wsx.messages import Execution, OrderReport

REMEMBERED_EXECUTIONS = 10_000
REMEMBERED_IDS = 65_536
"""Client order ids that may not come again."""


@dataclass(slots=True)
class Order:
    """One order of an account, from its acceptance to its end."""

    order_id: int
    client_order_id: str
    account: Account
    market: int
    side: int
    price_ticks: int
    lots: int
    """Whole size, executed part included."""
    filled_lots: int = 0

    @property
    def leaves_lots(self) -> int:
        """Lots that may still trade."""
        return self.lots - self.filled_lots


@dataclass(slots=True)
class Account:
    """One participant. Whoever knows the key shares it."""

    key: str
    owner: int
    positions: list[int]
    """Signed lots, by market."""
    cash_nanos: int = 0
    orders: dict[str, Order] = field(default_factory=dict)
    """Open orders by client order id."""
    executions: deque[Execution] = field(
        default_factory=lambda: deque(maxlen=REMEMBERED_EXECUTIONS)
    )
    tokens: float = 0.0
    """Requests that may still be made before the rate limit refuses one."""
    tokens_ts_ns: int = 0
    seq: int = 0
    """Private messages sent so far: the number of the last one."""
    lease: int = 0
    """Largest token that a login has shown."""
    dead_man_ts_ns: int = 0
    """Exchange time at which every order is canceled, unless told otherwise; 0 for never."""
    _used_ids: dict[str, OrderReport | None] = field(default_factory=dict)
    _endings: dict[int, OrderReport] = field(default_factory=dict)
    """How orders ended, by the exchange's number."""

    def has_used(self, client_order_id: str) -> bool:
        """Whether an order of this id was accepted before."""
        return client_order_id in self._used_ids or client_order_id in self.orders

    def use(self, client_order_id: str) -> None:
        """Remember an id, and forget the oldest if they are too many."""
        self._used_ids[client_order_id] = None
        if len(self._used_ids) > REMEMBERED_IDS:
            del self._used_ids[next(iter(self._used_ids))]

    def remember(self, report: OrderReport) -> None:
        """Keep how an order ended, as long as its id is kept."""
        if report.client_order_id in self._used_ids:
            self._used_ids[report.client_order_id] = report
        self._endings[report.order_id] = report
        if len(self._endings) > REMEMBERED_IDS:
            del self._endings[next(iter(self._endings))]

    def ending(self, client_order_id: str | None, order_id: int | None) -> OrderReport | None:
        """How an order that is over ended, by either id; None if that is not known (any more)."""
        if client_order_id is not None:
            return self._used_ids.get(client_order_id)
        return self._endings.get(order_id or 0)

    def worst_lots(self, market: int, side: int) -> int:
        """Position if every open order of one side were filled, counted along that side."""
        open_lots = sum(
            order.leaves_lots
            for order in self.orders.values()
            if order.market == market and order.side == side
        )
        return self.positions[market] * side + open_lots

    def take_token(self, ts_ns: int, per_s: int) -> bool:
        """Count a request against the rate limit. False if it is too many."""
        elapsed_s = (ts_ns - self.tokens_ts_ns) / 1e9
        self.tokens = min(float(per_s), self.tokens + elapsed_s * per_s)
        self.tokens_ts_ns = ts_ns
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
