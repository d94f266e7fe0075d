"""
Reading the whole account: trades, open orders, positions, in several requests.

Nothing there says that two answers belong to one moment. So the trades are read before and
after the rest, and when an execution has been heard of meanwhile, all is read again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from urllib.parse import quote

from core.domain import events
from core.domain.errors import DecodeError
from core.domain.events import EventRow
from core.venues.cmi.codec import plain, time_text
from core.venues.cmi.desk import OrderDesk
from core.venues.cmi.fills import FillLedger, OwnFill
from core.venues.cmi.market import Market
from core.venues.cmi.messages import PositionRow
from core.venues.cmi.requests import Budget, Kind, Request, Urgency

MAX_PASSES = 4
"""An account that trades all the time is believed after so many."""


class _Step(Enum):
    IDLE = 0
    TRADES = 1
    ORDERS = 2
    POSITIONS = 3
    TRADES_AGAIN = 4


class AccountReader:
    """
    Reads the account, step by step.

    Args:
        markets: Our instruments.
        desk: Takes the open orders in.
        ledger: Knows from when on trades are needed.
        budget: Where requests wait.
    """

    def __init__(
        self, markets: Sequence[Market], desk: OrderDesk, ledger: FillLedger, budget: Budget
    ) -> None:
        self._markets = markets
        self._desk = desk
        self._ledger = ledger
        self._budget = budget
        self._step = _Step.IDLE
        self._passes = 0
        self._heard = 0
        self._fills: list[OwnFill] = []
        self._held: dict[int, int] = {}
        self._foreign = 0
        self.began_ns = 0
        """Where no execution is known: trades before this are of no interest."""
        self.foreign_positions = 0
        """Products that are not ours in which the account holds something."""

    @property
    def may_be_flat(self) -> bool:
        """Whether nothing that we know of speaks against holding nothing."""
        return not self._fills and not any(market.held_lots for market in self._markets)

    def start(self, now_s: float) -> None:
        """Begin from the first step."""
        self._step, self._passes = _Step.TRADES, 0
        self._budget.drop(lambda request: request.is_of_sync)
        self.ask_for_trades(now_s, is_of_sync=True)

    def stop(self) -> None:
        """Forget what was read: the connection is lost."""
        self._step = _Step.IDLE

    def hear(self, fills: Sequence[OwnFill]) -> None:
        """Keep executions until the account can be told whole."""
        self._fills += fills

    def take_fills(self) -> list[OwnFill]:
        """Take what was kept, oldest first."""
        fills, self._fills = sorted(self._fills, key=lambda fill: fill.trade_id), []
        return fills

    def ask_for_trades(self, now_s: float, *, is_of_sync: bool) -> None:
        """Ask for the trades since the newest execution that is known."""
        since_ns = self._ledger.newest_ns or self.began_ns
        # A moment earlier: whether that one itself belongs to them is nowhere said.
        query = f"?from={quote(time_text(since_ns - 1_000_000))}" if since_ns else ""
        self._ask(Kind.TRADES, f"/trade{query}", now_s, is_of_sync=is_of_sync)

    def on_trades(self, request: Request, now_s: float) -> bool:
        """Go on after trades. True once the account can be told."""
        if not request.is_of_sync:
            return False
        if self._step is _Step.TRADES_AGAIN and (
            self._heard == self._ledger.heard or self._passes >= MAX_PASSES
        ):
            self._step = _Step.IDLE
            return True
        if self._step in {_Step.TRADES, _Step.TRADES_AGAIN}:
            self._step = _Step.ORDERS
            self._passes += 1
            self._heard = self._ledger.heard
            self._desk.ask_for_orders(Urgency.ASK, now_s, is_of_sync=True)
        return False

    def on_orders(self, request: Request, now_s: float) -> None:
        """Go on after the open orders."""
        if request.is_of_sync and self._step is _Step.ORDERS:
            self._step = _Step.POSITIONS
            self._ask(Kind.POSITIONS, "/position/current-user", now_s, is_of_sync=True)

    def on_positions(self, held: dict[int, int], now_s: float) -> None:
        """Go on after the positions."""
        if self._step is _Step.POSITIONS:
            self._held, self.foreign_positions = held, self._foreign
            self._step = _Step.TRADES_AGAIN
            self.ask_for_trades(now_s, is_of_sync=True)

    def read_positions(
        self, rows: Sequence[PositionRow], by_symbol: Mapping[str, Market]
    ) -> dict[int, int]:
        """
        Read positions by instrument; what is not listed is flat there.

        Raises:
            DecodeError: If a product is told twice or without its position.
        """
        held = {market.index: 0 for market in self._markets}
        seen: set[str] = set()
        self._foreign = 0
        for row in rows:
            quantity = row.netPosition if row.netPosition is not None else row.net_position
            if quantity is None or row.product in seen:
                text = "is told twice" if row.product in seen else "has no netPosition"
                raise DecodeError("positions", f"{row.product[:40]} {text}")
            seen.add(row.product)
            market = by_symbol.get(row.product)
            if market is None:
                self._foreign += quantity != 0
            else:
                held[market.index] = market.grid.signed_lots(plain(quantity))
        return held

    def differs(self, held: Mapping[int, int]) -> bool:
        """Whether positions are others than fills have made them."""
        return any(market.held_lots != held[market.index] for market in self._markets)

    def position_rows(self) -> list[EventRow]:
        """Every position, which is believed from now on."""
        for market in self._markets:
            market.held_lots = self._held.get(market.index, 0)
        return [
            events.position_report(market.index, market.held_lots or 0) for market in self._markets
        ]

    def _ask(self, kind: Kind, path: str, now_s: float, *, is_of_sync: bool) -> None:
        self._budget.add(
            Request(kind, Urgency.ASK, "GET", path, is_of_sync=is_of_sync, since_s=now_s)
        )
