"""The orders screen: what works, what is over, and what is watched."""

from __future__ import annotations

import math
from enum import StrEnum

from cockpit.viewmodels.cells import Line, Segment, Tone, plain
from cockpit.viewmodels.numbers import clock, number, short_id
from cockpit.viewmodels.positions import order_line
from cockpit.viewmodels.tables import Column, Table
from cockpit.viewmodels.view import View
from cockpit.viewmodels.words import BRACKET_WORDS, ORDER_WORDS, ORIGIN_WORDS
from core.api.topics import DoneOrder, DoneOrders, Topic
from core.domain.enums import BracketState, OrderOrigin, OrderStatus, Side
from core.domain.snapshot import BracketView, InstrumentMeta, OrderView

ROOMY_ROWS = 10


class Tab(StrEnum):
    """What the screen lists."""

    WORKING = "working"
    DONE = "done"
    STOPS = "stops"

    def neighbor(self, step: int) -> Tab:
        """The next one, around the ends."""
        tabs = tuple(Tab)
        return tabs[(tabs.index(self) + step) % len(tabs)]


def sorted_orders(view: View) -> list[OrderView]:
    """Newest first, so that a row keeps its place as long as nothing new comes."""
    if view.snapshot is None:
        return []
    return sorted(view.snapshot.orders, key=lambda order: order.order_id, reverse=True)


def listed_ids(view: View, tab: Tab) -> list[int]:
    """What names each row of a list, from the top."""
    if tab is Tab.WORKING:
        return [order.order_id for order in sorted_orders(view)]
    if tab is Tab.STOPS:
        return [bracket.bracket_id for bracket in _brackets(view)]
    return [order.order_id for order in _done(view).orders]


def orders_screen_lines(
    view: View, tab: Tab, chosen_id: int, linked_id: int, width: int, height: int
) -> list[Line]:
    """
    Draw one of the lists.

    Args:
        view: What is known.
        tab: Which list.
        chosen_id: Of the marked row; none is marked once that is gone: nothing else gets hit.
        linked_id: Of the order that waits for another one to be linked with; 0 for none.
        width: In cells.
        height: In rows.
    """
    lines = [_tabs(view, tab), *([()] if height >= ROOMY_ROWS else [])]
    if view.snapshot is None:
        return [*lines, ((" waiting for the engine", "dim"),)]
    legend = _legend(view, tab, linked_id)
    ids = listed_ids(view, tab)
    rows = max(1, height - len(lines) - 1 - len(legend))
    place = ids.index(chosen_id) if chosen_id in ids else 0
    first = max(0, min(place - rows // 2, len(ids) - rows))
    draw = {Tab.WORKING: _working, Tab.DONE: _over, Tab.STOPS: _stops}[tab]
    table = draw(view, width - 3)
    if len(table) == 1:
        return [*lines, *table]
    marks = [" ▸ " if row == chosen_id else " ∞ " if row == linked_id else "   " for row in ids]
    body = [((mark, "key"), *line) for mark, line in zip(marks, table[1:], strict=True)][
        first : first + rows
    ]
    return [*lines, (("   ", "dim"), *table[0]), *body, *legend]


def _tabs(view: View, tab: Tab) -> Line:
    counts = {
        Tab.WORKING: len(view.snapshot.orders) if view.snapshot else 0,
        Tab.STOPS: len(_brackets(view)),
    }
    segments: list[Segment] = []
    for name in Tab:
        count = f" {counts[name]}" if name in counts else ""
        here = name is tab
        segments.append((f" {'[' if here else ' '}{name}{count}{']' if here else ' '}",
                         "strong" if here else "dim"))  # fmt: skip
    return tuple(segments)


def _working(view: View, width: int) -> list[Line]:
    orders = sorted_orders(view)
    if not orders:
        return [((" no working orders", "dim"),)]
    header = f"{'order':>6} {'instrument':<14}{'side':<5}{'size':>10}{'price':>10}  state"
    return [((header, "dim"),), *(order_line(view, order, width) for order in orders)]


_DONE = (
    Column("ended", 8),
    Column("order", 6, is_right=True),
    Column("instrument", 13),
    Column("side", 4),
    Column("filled", 9, is_right=True),
    Column("price", 9, is_right=True),
    Column("average", 10, is_right=True, least_width=90),
    Column("fees", 8, is_right=True, least_width=100),
    Column("state", 9),
    Column("by", 8, least_width=110),
    Column("why", 0, least_width=90),
)


def _over(view: View, width: int) -> list[Line]:
    """The orders that ended last, newest first."""
    if Topic.ORDERS_DONE not in view.pages:
        return [((f" {view.page_trouble or 'asking the engine'}", "dim"),)]
    orders = _done(view).orders
    if not orders:
        return [((" no order has ended yet", "dim"),)]
    metas = {meta.symbol: meta for meta in (view.meta.instruments if view.meta else ())}
    table = Table(_DONE, width)
    return [table.head(), *(table.row(_done_row(order, metas.get(order.symbol)))
                            for order in orders)]  # fmt: skip


def _done_row(order: DoneOrder, meta: InstrumentMeta | None) -> list[tuple[str, Tone]]:
    decimals = meta.price_decimals if meta else 2
    sizes = meta.size_decimals if meta else 2
    side: tuple[str, Tone] = ("BUY", "up") if order.side is Side.BUY else ("SELL", "down")
    average = "-" if order.average_price is None else number(order.average_price, decimals + 1)
    tone: Tone = "warn" if order.status is OrderStatus.REJECTED else "text"
    return [
        (clock(order.ended_ts_ns), "dim"),
        (short_id(order.order_id), "dim"),
        (plain(order.symbol), "text"),
        side,
        (f"{number(order.filled, sizes)}/{number(order.quantity, sizes)}", "text"),
        (number(order.price, decimals), "text"),
        (average, "text"),
        (number(order.fees, 2), "dim"),
        (ORDER_WORDS[order.status], tone),
        (ORIGIN_WORDS[order.origin], "dim"),
        (plain(order.text or order.reason), tone if order.text else "dim"),
    ]


_STOPS = (
    Column("nr", 4, is_right=True),
    Column("instrument", 13),
    Column("closes", 9, is_right=True),
    Column("stop", 9, is_right=True),
    Column("target", 9, is_right=True),
    Column("state", 0),
)


def _stops(view: View, width: int) -> list[Line]:
    """Stops and targets, oldest first."""
    brackets = _brackets(view)
    if not brackets:
        return [((" no stops or targets; P sets them for what you hold by hand", "dim"),)]
    table = Table(_STOPS, width)
    return [table.head(), *(table.row(_stop_row(view, bracket)) for bracket in brackets)]


def _stop_row(view: View, bracket: BracketView) -> list[tuple[str, Tone]]:
    meta = view.describe(bracket.instrument)
    held = bracket.quantity * bracket.side
    words = BRACKET_WORDS[bracket.state]
    if bracket.state is BracketState.WAITING:
        words = f"{words} {bracket.entry_order}"
    tone: Tone = "warn" if bracket.state is BracketState.CLOSING else "dim"
    return [
        (str(bracket.bracket_id), "dim"),
        (plain(bracket.symbol), "text"),
        (number(held, meta.size_decimals, signed=True), "text"),
        (_price(bracket.stop, meta), "text"),
        (_price(bracket.target, meta), "text"),
        (words, tone),
    ]


def _price(price: float, meta: InstrumentMeta) -> str:
    return number(price, meta.price_decimals) if math.isfinite(price) else "-"


def _brackets(view: View) -> tuple[BracketView, ...]:
    return view.snapshot.brackets if view.snapshot else ()


def _done(view: View) -> DoneOrders:
    page = view.pages.get(Topic.ORDERS_DONE)
    return page if isinstance(page, DoneOrders) else DoneOrders((), 0)


def _legend(view: View, tab: Tab, linked_id: int) -> list[Line]:
    """What the words mean that nobody wants to read."""
    if tab is Tab.DONE:
        page = _done(view)
        shown = len(page.orders)
        return [((f" the newest {shown} of {page.total}", "dim"),)] if shown < page.total else []
    if tab is Tab.STOPS:
        text = " the engine watches the stops: if it ends, nothing does"
        return [((text, "warn"),)] if _brackets(view) else []
    orders = sorted_orders(view)
    lines: list[Line] = []
    if linked_id:
        text = f" ∞ order {linked_id}: choose another one and press d, and one cancels the other"
        lines.append(((text, "accent"),))
    if any(order.status is OrderStatus.UNKNOWN for order in orders):
        text = ": no answer came; the venue is being asked, nothing is sent again"
        lines.append(((" UNKNOWN", "warn"), (text, "dim")))
    if any(order.origin is OrderOrigin.ORPHAN for order in orders):
        text = ": found at the venue; no decision of this run stands behind it"
        lines.append(((" ORPHAN", "warn"), (text, "dim")))
    return lines
