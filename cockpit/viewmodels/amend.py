"""Another price or size for a working order, and a stop and target for what is held by hand."""

from __future__ import annotations

import math

from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.form import Entry, Form
from cockpit.viewmodels.numbers import number
from cockpit.viewmodels.view import View
from core.domain.enums import BookState, OrderStatus
from core.domain.snapshot import InstrumentMeta, InstrumentView, OrderView

_SETTLED = (OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED)


def find_order(view: View, order_id: int) -> OrderView | None:
    """The working order of a number, if it still works."""
    orders = view.snapshot.orders if view.snapshot else ()
    return next((order for order in orders if order.order_id == order_id), None)


def amend_form(view: View, order: OrderView) -> Form:
    """The order as it is."""
    meta = view.describe(order.instrument)
    price = f"{order.price:.{meta.price_decimals}f}"
    size = f"{order.quantity:.{meta.size_decimals}f}"
    return Form(
        (
            Entry("price", price, meta.tick_size, meta.price_decimals, note=f"was {price}"),
            Entry("size", size, meta.lot_size, meta.size_decimals, note=f"was {size}"),
        )
    )


def amend_head(view: View, order_id: int) -> list[Line]:
    """Which order it is, and what has become of it."""
    order = find_order(view, order_id)
    if order is None:
        return [((f" order {order_id} is over", "warn"),)]
    meta = view.describe(order.instrument)
    return [
        (
            (f" {order.side.name} {order.symbol}", "strong"),
            (f"  order {order_id}, filled {number(order.filled, meta.size_decimals)}", "dim"),
        )
    ]


def amend_trouble(form: Form, view: View, order_id: int) -> str:
    """What keeps the change from being sent; empty for nothing."""
    order = find_order(view, order_id)
    if order is None:
        return "there is nothing left to change"
    if order.status not in _SETTLED:
        return "the venue has yet to answer for it; wait a moment"
    return form.trouble or _change_trouble(form, order)


def _change_trouble(form: Form, order: OrderView) -> str:
    price, size = (entry.value for entry in form.entries)
    if price is None or size is None:
        return "price and size are both needed"
    if size <= order.filled:
        return "size: above what has traded; to take the rest back: esc, then c"
    is_same = math.isclose(price, order.price) and math.isclose(size, order.quantity)
    return "nothing is changed yet" if is_same else ""


def amend_args(form: Form, order_id: int) -> dict[str, str]:
    """What the command needs to know."""
    price, size = form.entries
    return {"order_id": str(order_id), "price": price.text, "quantity": size.text}


def protect_form(view: View) -> Form:
    """Neither stop nor target; stepping begins at the market."""
    row = view.instrument
    meta = view.describe(view.selected)
    held = row.manual_position if row else 0.0
    near, far = (row.bid, row.ask) if row else (math.nan, math.nan)
    start = near if held > 0 else far
    return Form(
        tuple(
            Entry(name, "", meta.tick_size, meta.price_decimals, start=start)
            for name in ("stop", "target")
        )
    )


def protect_head(view: View, index: int) -> list[Line]:
    """What is held by hand, and the market."""
    meta = view.describe(index)
    rows = view.snapshot.instruments if view.snapshot else ()
    if index >= len(rows):
        return [((" nothing is known", "warn"),)]
    row = rows[index]
    return [
        (
            (f" {meta.symbol}", "strong"),
            ("  by hand ", "dim"),
            (number(row.manual_position, meta.size_decimals, signed=True), "text"),
            ("  bid ", "dim"),
            (number(row.bid, meta.price_decimals), "text"),
            ("  ask ", "dim"),
            (number(row.ask, meta.price_decimals), "text"),
        ),
        ((" both empty takes the stops and targets away", "dim"),),
    ]


def protect_trouble(form: Form, view: View, index: int) -> str:
    """What keeps it from being sent; empty for nothing."""
    rows = view.snapshot.instruments if view.snapshot else ()
    if index >= len(rows):
        return "no engine is connected"
    row = rows[index]
    if not row.manual_position:
        return "nothing is held by hand; the strategy looks after its own"
    return form.trouble or _exit_trouble(form, row, view.describe(index))


def _exit_trouble(form: Form, row: InstrumentView, meta: InstrumentMeta) -> str:
    stop, target = (entry.value for entry in form.entries)
    if stop is None and target is None:
        return ""
    if row.book_state is not BookState.OK:
        return "no two-sided book to judge a price by; wait"
    is_long = row.manual_position > 0
    half, decimals = meta.tick_size / 2, meta.price_decimals
    side, touch = (1, row.bid) if is_long else (-1, row.ask)
    below, above = ("below", "above") if is_long else ("above", "below")
    if stop is not None and (touch - stop) * side < half:
        return f"stop: {below} {number(touch, decimals)}, or it closes at once"
    if target is not None and (target - touch) * side < half:
        return f"target: {above} {number(touch, decimals)}"
    return ""


def protect_args(form: Form, symbol: str) -> dict[str, str]:
    """What the command needs to know."""
    return {"instrument": symbol} | {entry.name: entry.text for entry in form.entries if entry.text}
