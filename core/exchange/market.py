"""One product's book, and what the public has been told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from core.domain.enums import RejectReason
from core.domain.memory import Rows
from core.exchange.config import Product
from core.kernel import matching
from core.venues.common.grid import Grid
from core.venues.wsx.messages import Change, Delta, SideText, Snapshot

MAX_ORDERS = 2048
"""Orders of all participants that may rest in one book."""

MAX_LEVELS = 512
SHOWN_LEVELS = 20
"""Depth of the public book, each side."""

Levels = dict[int, int]
"""Lots by price in ticks."""


class Execution(NamedTuple):
    """Two orders met, as `matching.EXECUTION` tells it."""

    maker_order_id: int
    taker_order_id: int
    maker_owner: int
    taker_owner: int
    price_ticks: int
    lots: int
    aggressor_side: int
    maker_leaves_lots: int
    taker_leaves_lots: int


class Match(NamedTuple):
    """What became of an order that was accepted."""

    executions: list[Execution]
    leaves_lots: int
    """Resting."""
    canceled_lots: int
    cancel_reason: RejectReason


def warm_up(product: Product) -> None:
    """Have the matching code compiled now: the first time on a machine that takes seconds."""
    numbers = iter(range(1, 100))
    market = Market(0, product, lambda: next(numbers), lambda _market, _executions: None)
    order_id = market.submit(1, 1, 10, 2, 0)
    market.replace(order_id, 11, 2)
    market.submit(2, -1, 11, 1, 0)
    market.take_delta(0)
    market.best_ticks(1)
    market.cancel(order_id)


class Market:
    """
    The book of one product.

    Bots use `submit`, `replace` and `cancel`, which settle at once; the exchange itself
    uses `match` and `match_replace`, to say what it has to say before it settles.
    """

    def __init__(
        self,
        index: int,
        product: Product,
        new_order_id: Callable[[], int],
        settle: Callable[[Market, list[Execution]], None],
    ) -> None:
        self.index = index
        self.product = product
        self.grid = Grid(product.instrument)
        self.symbol = product.instrument.symbol
        self.seq = 0
        self._new_order_id = new_order_id
        self._settle = settle
        self._book = matching.make_book(MAX_ORDERS, MAX_LEVELS)
        self._executions = matching.make_executions(self._book)
        self._ticks = np.zeros(SHOWN_LEVELS, np.int64)
        self._lots = np.zeros(SHOWN_LEVELS, np.int64)
        self._shown: dict[int, Levels] = {1: {}, -1: {}}
        self._all_ticks = np.zeros(MAX_LEVELS, np.int64)
        self._all_lots = np.zeros(MAX_LEVELS, np.int64)

    def match(
        self, order_id: int, owner: int, side: int, price_ticks: int, lots: int, flags: int
    ) -> Match | RejectReason:
        """Match and rest an order; a refusal changes nothing."""
        count = matching.submit(
            self._book, order_id, owner, side, price_ticks, lots, flags, self._executions
        )
        return self._result(count)

    def match_replace(self, order_id: int, price_ticks: int, lots: int) -> Match | RejectReason:
        """Give an order a new price and a new open size; a refusal changes nothing."""
        count = matching.replace(self._book, order_id, price_ticks, lots, self._executions)
        return self._result(count)

    def submit(self, owner: int, side: int, price_ticks: int, lots: int, flags: int) -> int:
        """Enter a bot's order. Returns its id if it rests, else 0."""
        order_id = self._new_order_id()
        result = self.match(order_id, owner, side, price_ticks, lots, flags)
        if isinstance(result, RejectReason):
            return 0
        self._settle(self, result.executions)
        return order_id if result.leaves_lots > 0 else 0

    def replace(self, order_id: int, price_ticks: int, lots: int) -> bool:
        """Move a bot's order. Returns False if it stands as it was."""
        result = self.match_replace(order_id, price_ticks, lots)
        if isinstance(result, RejectReason):
            return False
        self._settle(self, result.executions)
        return True

    def cancel(self, order_id: int) -> int:
        """Take an order out. Returns the lots it still had, -1 if there is none."""
        return int(matching.cancel(self._book, order_id))

    def best_ticks(self, side: int) -> int:
        """Best price of a side, 0 if the side is empty."""
        return int(matching.best_ticks(self._book, side))

    def levels(self, side: int) -> list[tuple[int, int]]:
        """Every price of a side and its lots, best first, however deep."""
        count = matching.depth(self._book, side, self._all_ticks, self._all_lots)
        ticks, lots = self._all_ticks[:count].tolist(), self._all_lots[:count].tolist()
        return list(zip(ticks, lots, strict=True))

    def snapshot(self, ts_ns: int) -> Snapshot:
        """Tell the book as the public knows it: what changed since comes as a delta."""
        price, quantity = self.grid.price, self.grid.quantity
        bids = sorted(self._shown[1].items(), reverse=True)
        asks = sorted(self._shown[-1].items())
        return Snapshot(
            symbol=self.symbol,
            seq=self.seq,
            ts_ns=ts_ns,
            bids=[(price(ticks), quantity(lots)) for ticks, lots in bids],
            asks=[(price(ticks), quantity(lots)) for ticks, lots in asks],
        )

    def take_delta(self, ts_ns: int) -> Delta | None:
        """Tell what changed since the last time, if anything did."""
        changes = [*self._changes(1, "buy"), *self._changes(-1, "sell")]
        if not changes:
            return None
        self.seq += 1
        return Delta(symbol=self.symbol, seq=self.seq, ts_ns=ts_ns, changes=changes)

    def _changes(self, side: int, text: SideText) -> list[Change]:
        count = matching.depth(self._book, side, self._ticks, self._lots)
        levels = dict(zip(self._ticks[:count].tolist(), self._lots[:count].tolist(), strict=True))
        before = self._shown[side]
        if levels == before:
            return []
        self._shown[side] = levels
        price, quantity = self.grid.price, self.grid.quantity
        gone = [(text, price(ticks), "0") for ticks in before if ticks not in levels]
        new = [
            (text, price(ticks), quantity(lots))
            for ticks, lots in levels.items()
            if before.get(ticks) != lots
        ]
        return [*gone, *new]

    def _result(self, count: int) -> Match | RejectReason:
        if count < 0:
            return RejectReason(-count)
        state: Rows = self._book.state[0]
        return Match(
            executions=[Execution(*row) for row in self._executions[:count].tolist()],
            leaves_lots=int(state["resting_lots"]),
            canceled_lots=int(state["canceled_lots"]),
            cancel_reason=RejectReason(int(state["cancel_reason"])),
        )
