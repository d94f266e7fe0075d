"""Positions by instrument, and the orders that work on them."""

from __future__ import annotations

from dataclasses import dataclass

from cockpit.viewmodels.cells import Line, Segment, Tone, fit
from cockpit.viewmodels.numbers import clock, compact, fitted, number, percent, short_id, sign_tone
from cockpit.viewmodels.view import View
from cockpit.viewmodels.words import ORDER_WORDS, ORIGIN_WORDS
from core.domain.enums import OrderOrigin, OrderStatus, Side, SignalFault
from core.domain.snapshot import EngineSnapshot, InstrumentView, OrderView

DETAIL_WIDTH = 54
"""From here on entry, mark, exposure and target have columns of their own."""


def positions_title(view: View) -> Line:
    """How many orders are working."""
    if view.snapshot is None:
        return ()
    return ((f"{len(view.snapshot.orders)} working", "dim"),)


def positions_lines(view: View, width: int, height: int) -> list[Line]:
    """All instruments, then as many working orders as fit below."""
    snapshot = view.snapshot
    if snapshot is None:
        return []
    detailed = width >= DETAIL_WIDTH
    columns = _columns(view, width)
    head, rows, first = _shown(view, len(snapshot.instruments), height)
    lines: list[Line] = [_header(width, columns, detailed=detailed)] if head else []
    for instrument in snapshot.instruments[first : first + rows]:
        selected = instrument.index == view.selected
        lines.append(
            _position(view, instrument, width, columns, detailed=detailed, selected=selected)
        )
    space = height - len(lines)
    if space >= 3:
        lines += [(), *order_lines(view, snapshot.orders, width, space - 1)]
    return lines[:height]


def instrument_at(view: View, height: int, row: int) -> int | None:
    """Index of the instrument in a row of the pane, as `positions_lines` draws it."""
    count = len(view.snapshot.instruments) if view.snapshot else 0
    head, rows, first = _shown(view, count, height)
    index = first + row - head
    return index if head <= row < head + rows and index < count else None


def _shown(view: View, count: int, height: int) -> tuple[int, int, int]:
    """Rows of the header, most rows of instruments, and the first of them."""
    head = 1 if height > count else 0
    rows = max(1, height - head)
    return head, rows, max(0, min(view.selected - rows + 1, count - rows))


def order_lines(view: View, orders: tuple[OrderView, ...], width: int, rows: int) -> list[Line]:
    """A header and the working orders, newest first; what does not fit is counted."""
    if not orders:
        return [(("no working orders", "dim"),)]
    newest = sorted(orders, key=lambda order: order.order_id, reverse=True)
    shown = newest[: rows - 1] if len(newest) <= rows - 1 else newest[: max(0, rows - 2)]
    header = f"{'order':>6} {'instrument':<14}{'side':<5}{'size':>10}{'price':>10}  state"
    if width < DETAIL_WIDTH:
        header = f"{'order':>6} {'side':<5}{'size':>6}{'price':>11}  instrument"
    lines: list[Line] = [
        ((header, "dim"),),
        *(order_line(view, order, width) for order in shown),
    ]
    hidden = len(newest) - len(shown)
    if hidden:
        lines.append(((f"{hidden:>6} more: press o", "dim"),))
    return lines


def order_line(view: View, order: OrderView, width: int) -> Line:
    """One working order: number, what, how much of it is done, where, and its life."""
    meta = view.describe(order.instrument)
    size = number(order.quantity, meta.size_decimals)
    if order.filled:
        size = f"{number(order.filled, meta.size_decimals)}/{size}"
    is_unknown = order.status is OrderStatus.UNKNOWN
    if width < DETAIL_WIDTH:
        return (
            (short_id(order.order_id), "dim"),
            ("?" if is_unknown else " ", "warn"),
            _side(order.side),
            (f"{size:>6} @{number(order.price, meta.price_decimals):>9}  ", "text"),
            (order.symbol, "text"),
        )
    line: list[Segment] = [
        (f"{short_id(order.order_id)} ", "dim"),
        (fit(order.symbol, 13) + " ", "text"),
        _side(order.side),
        (f"{size:>10}", "text"),
        (f"{number(order.price, meta.price_decimals):>10}", "text"),
        (f"  {ORDER_WORDS[order.status]:<9}", "warn" if is_unknown else "dim"),
    ]
    if width >= 68:
        is_orphan = order.origin is OrderOrigin.ORPHAN
        line.append((f" {ORIGIN_WORDS[order.origin]:<8}", "warn" if is_orphan else "dim"))
        line.append((f" {clock(order.created_ts_ns)}", "dim"))
        if order.partner:
            line.append((f" ∞{order.partner}", "accent"))
        elif order.bracket:
            line.append((f" stop {order.bracket}", "accent"))
    return tuple(line)


def _side(side: Side) -> Segment:
    return ("BUY  ", "up") if side is Side.BUY else ("SELL ", "down")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Widths that hang on how finely the products are traded."""

    symbol: int
    position: int
    pnl: int
    orders: int


def _columns(view: View, width: int) -> _Columns:
    """Coins are held in fractions, which take more room than lots."""
    instruments = view.meta.instruments if view.meta else ()
    has_fractions = any(meta.size_decimals > 1 for meta in instruments)
    if width >= DETAIL_WIDTH:
        return _Columns(14, 8, 10, 10) if has_fractions else _Columns(16, 6, 10, 10)
    position, pnl, orders = (8, 8, 6) if has_fractions else (5, 9, 8)
    return _Columns(max(8, width - 2 - position - pnl - orders), position, pnl, orders)


def _header(width: int, columns: _Columns, *, detailed: bool) -> Line:
    if not detailed:
        orders = "orders" if columns.orders > len("orders") else "work"
        text = (
            f"  {'instrument':<{columns.symbol}}{'pos':>{columns.position}}"
            f"{'pnl':>{columns.pnl}}{orders:>{columns.orders}}"
        )
        return ((text, "dim"),)
    text = (
        f"  {'instrument':<{columns.symbol}}{'pos':>{columns.position}}"
        f"{'entry':>9}{'mark':>9}{'open pnl':>10}"
    )
    if width >= 64:
        text += f"{'exp %':>6}"
    if width >= 76:
        text += f"{'target':>8}{'orders':>10}"
    return ((text, "dim"),)


def _position(
    view: View,
    instrument: InstrumentView,
    width: int,
    columns: _Columns,
    *,
    detailed: bool,
    selected: bool,
) -> Line:
    meta = view.describe(instrument.index)
    name: Tone = "selected" if selected else "text"
    position = fitted(
        instrument.position, meta.size_decimals, columns.position - 1, signed=True
    ).rjust(columns.position)
    pnl = instrument.realized_pnl + instrument.unrealized_pnl - instrument.fees
    marker: Segment = ("▸ ", "key") if selected else ("  ", "text")
    mark = attention(instrument)
    working = _working(view.snapshot, instrument.index, columns.orders - 1)
    line: list[Segment] = [
        marker,
        (fit(instrument.symbol, columns.symbol - 1), name),
        (mark, "warn"),
    ]
    if not detailed:
        return (
            *line,
            (position, sign_tone(instrument.position)),
            (f"{compact(pnl, signed=True):>{columns.pnl}}", sign_tone(pnl)),
            (f"{working:>{columns.orders}}", "own"),
        )
    line += [
        (position, sign_tone(instrument.position)),
        (f"{fitted(instrument.avg_entry_price, meta.price_decimals + 1, 8):>9}", "dim"),
        (f"{fitted(instrument.mid, meta.price_decimals + 1, 8):>9}", "text"),
        (
            f"{number(instrument.unrealized_pnl, 2, signed=True):>10}",
            sign_tone(instrument.unrealized_pnl),
        ),
    ]
    if width >= 64:
        line.append((f"{percent(instrument.exposure_pct, 1):>6}", "text"))
    if width >= 76:
        target = fitted(instrument.target, meta.size_decimals, 7, signed=True)
        line += [(f"{target:>8}", "dim"), (f"{working:>10}", "own")]
    return tuple(line)


def attention(instrument: InstrumentView) -> str:
    """One column: `✗` a signal is out, `■` a stop holds, `h` by hand; the page `why` says more."""
    if instrument.mine_fault is not SignalFault.NONE:
        return "✗"
    if instrument.stopped_side:
        return "■"
    return "h" if instrument.manual_position else " "


def _working(snapshot: EngineSnapshot | None, index: int, width: int) -> str:
    """Leaves of the working orders of one instrument, as `B4 S2`; rounded where it is narrow."""
    if snapshot is None:
        return ""
    leaves = {Side.BUY: 0.0, Side.SELL: 0.0}
    for order in snapshot.orders:
        if order.instrument == index:
            leaves[order.side] += order.quantity - order.filled
    words = ((Side.BUY, "B"), (Side.SELL, "S"))
    both = [(letter, leaves[side]) for side, letter in words if leaves[side]]
    for digits in (6, 3, 2, 1):
        text = " ".join(f"{letter}{_bare(lots, digits)}" for letter, lots in both)
        if len(text) <= width:
            break
    return text


def _bare(value: float, digits: int) -> str:
    return f"{value:.{digits}g}".removeprefix("0")
