"""Tables with one change of an order in each row: the book is built from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from core.data.depth import DepthBook
from core.data.grid import MAX_VALUE
from core.domain.events import EventRow, book, load, stamp, trade
from core.domain.instrument import Instrument
from core.domain.memory import Rows
from core.settings.data import DataSettings

NUMBERS = ("price", "size")
TEXTS = ("action", "order_id", "side")

_ACTIONS = ("add", "modify", "cancel", "execute", "trade", "clear")
_UNKNOWN_ORDER = "order that was never added"
_IMPOSSIBLE = "price or size impossible"
_TWICE = "order added twice, the last one counts"


class _Order(NamedTuple):
    side: int
    ticks: int
    lots: int


class _Row(NamedTuple):
    """One row, in words and numbers of ours."""

    action: str
    order_id: str
    side: int
    ticks: int
    lots: int
    """0 where no price or size is told."""


class _Orders:
    """Orders of one product, and the book they make."""

    def __init__(self) -> None:
        self._book = DepthBook()
        self._orders: dict[str, _Order] = {}
        self._sizes: dict[tuple[int, int], int] = {}

    def clear(self) -> None:
        """Forget every order."""
        self._book.clear()
        self._orders.clear()
        self._sizes.clear()

    def get(self, order_id: str) -> _Order | None:
        """What of an order still rests."""
        return self._orders.get(order_id)

    def put(self, order_id: str, order: _Order | None) -> None:
        """Make an order be this; None or no lots take it away."""
        old = self._orders.pop(order_id, None)
        if old is not None:
            self._resize(old, -old.lots)
        if order is not None and order.lots > 0:
            self._orders[order_id] = order
            self._resize(order, order.lots)

    def changed_book(self, index: int, exch_ts_ns: int) -> EventRow | None:
        """The ten best levels of each side, if they are others than last time."""
        top = self._book.take_changed_top()
        return None if top is None else book(index, *top, exch_ts_ns)

    def _resize(self, order: _Order, lots: int) -> None:
        level = (order.side, order.ticks)
        size = self._sizes.get(level, 0) + lots
        if size > 0:
            self._sizes[level] = size
        else:
            self._sizes.pop(level, None)
        self._book.set_level(order.side, order.ticks, size)


class OrderReader:
    """
    Turns rows into books and trades. Orders of one piece are there in the next.

    Args:
        instruments: With every symbol that will come.
        settings: Words of actions and sides.
    """

    def __init__(self, instruments: Sequence[Instrument], settings: DataSettings) -> None:
        self._index = {str(each.symbol): index for index, each in enumerate(instruments)}
        self._per_tick = [float(1 / each.tick_size) for each in instruments]
        self._per_lot = [float(1 / each.lot_size) for each in instruments]
        self._orders = [_Orders() for _ in instruments]
        self._actions = {
            word.casefold(): action for action in _ACTIONS for word in getattr(settings, action)
        }
        self._sides = {word.casefold(): 1 for word in settings.buy}
        self._sides |= {word.casefold(): -1 for word in settings.sell}

    def read(self, frame: pl.DataFrame, skipped: dict[str, int], repaired: dict[str, int]) -> Rows:
        """
        Read rows in order of time.

        Args:
            frame: With `ts_ns`, `exch_ts_ns`, `symbol`, NUMBERS and TEXTS.
            skipped: Added to: rows that changed nothing, by reason.
            repaired: Added to.

        Returns:
            EVENT rows.
        """
        rows: list[EventRow] = []
        columns = ("ts_ns", "exch_ts_ns", "symbol", *TEXTS, *NUMBERS)
        for ts_ns, exch_ts_ns, symbol, *cells in frame.select(columns).iter_rows():
            index = self._index[symbol]
            found = self._understood(index, *cells)
            if isinstance(found, str):
                skipped[found] = skipped.get(found, 0) + 1
                continue
            told, complaint = self._apply(index, found, exch_ts_ns)
            if complaint:
                counts = repaired if complaint == _TWICE else skipped
                counts[complaint] = counts.get(complaint, 0) + 1
            for row in (told, self._orders[index].changed_book(index, exch_ts_ns)):
                if row is not None:
                    stamp(row, 0, ts_ns)
                    rows.append(row)
        return load(rows)

    def _understood(
        self,
        index: int,
        action: str | None,
        order_id: str | None,
        side: str | None,
        price: float | None,
        size: float | None,
    ) -> _Row | str:
        """Read a row's words and numbers, or say why not."""
        what = self._actions.get((action or "").strip().casefold())
        if what is None:
            return "unknown action"
        ticks, lots = 0, 0
        if price is not None and 0 < price < MAX_VALUE:
            ticks = round(price * self._per_tick[index])
        if size is not None and 0 < size < MAX_VALUE:
            lots = round(size * self._per_lot[index])
        sign = self._sides.get((side or "").strip().casefold(), 0)
        if what in {"add", "trade"} and not (ticks and lots):
            return _IMPOSSIBLE
        if what == "add" and not (sign and order_id):
            return "order without a side or a name"
        return _Row(what, order_id or "", sign, ticks, lots)

    def _apply(self, index: int, row: _Row, exch_ts_ns: int) -> tuple[EventRow | None, str]:
        """Change the book. Returns the trade that was told, and what is wrong with the row."""
        orders = self._orders[index]
        if row.action == "clear":
            orders.clear()
            return None, ""
        if row.action == "trade":
            return trade(index, row.ticks, row.lots, row.side, exch_ts_ns), ""
        old = orders.get(row.order_id)
        if row.action == "add":
            orders.put(row.order_id, _Order(row.side, row.ticks, row.lots))
            return None, _TWICE if old is not None else ""
        if old is None:
            return None, _UNKNOWN_ORDER
        return self._change(index, row, old, exch_ts_ns), ""

    def _change(self, index: int, row: _Row, old: _Order, exch_ts_ns: int) -> EventRow | None:
        """Change an order that rests; a trade where that was one."""
        orders = self._orders[index]
        if row.action == "modify":
            changed = _Order(row.side or old.side, row.ticks or old.ticks, row.lots)
            orders.put(row.order_id, changed)
            return None
        taken = min(row.lots, old.lots) if row.lots else old.lots
        orders.put(row.order_id, old._replace(lots=old.lots - taken))
        if row.action == "cancel":
            return None
        # Who traded with a resting order attacked from the other side.
        return trade(index, row.ticks or old.ticks, taken, -old.side, exch_ts_ns)
