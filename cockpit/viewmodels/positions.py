"""Positions by instrument, and the orders that work on them."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line, Segment, Tone, fit
from cockpit.viewmodels.numbers import clock, compact, number, percent, short_id, sign_tone
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
    head, rows, first = _shown(view, len(snapshot.instruments), height)
    lines: list[Line] = [_header(width, detailed=detailed)] if head else []
    for instrument in snapshot.instruments[first : first + rows]:
        selected = instrument.index == view.selected
        lines.append(_position(view, instrument, width, detailed=detailed, selected=selected))
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


def _header(width: int, *, detailed: bool) -> Line:
    if not detailed:
        return (
            (f"  {'instrument':<{_symbol_width(width)}}{'pos':>5}{'pnl':>9}{'orders':>8}", "dim"),
        )
    text = f"  {'instrument':<16}{'pos':>6}{'entry':>9}{'mark':>9}{'open pnl':>10}"
    if width >= 64:
        text += f"{'exp %':>6}"
    if width >= 76:
        text += f"{'target':>8}{'orders':>10}"
    return ((text, "dim"),)


def _symbol_width(width: int) -> int:
    return max(8, width - 2 - 5 - 9 - 8)


def _position(
    view: View, instrument: InstrumentView, width: int, *, detailed: bool, selected: bool
) -> Line:
    meta = view.describe(instrument.index)
    symbol = 16 if detailed else _symbol_width(width)
    name: Tone = "selected" if selected else "text"
    position = number(instrument.position, meta.size_decimals, signed=True)
    pnl = instrument.realized_pnl + instrument.unrealized_pnl - instrument.fees
    marker: Segment = ("▸ ", "key") if selected else ("  ", "text")
    mark = attention(instrument)
    line: list[Segment] = [marker, (fit(instrument.symbol, symbol - 1), name), (mark, "warn")]
    if not detailed:
        return (
            *line,
            (f"{position:>5}", sign_tone(instrument.position)),
            (f"{compact(pnl, signed=True):>9}", sign_tone(pnl)),
            (f"{_working(view.snapshot, instrument.index):>8}", "own"),
        )
    line += [
        (f"{position:>6}", sign_tone(instrument.position)),
        (f"{number(instrument.avg_entry_price, meta.price_decimals + 1):>9}", "dim"),
        (f"{number(instrument.mid, meta.price_decimals + 1):>9}", "text"),
        (
            f"{number(instrument.unrealized_pnl, 2, signed=True):>10}",
            sign_tone(instrument.unrealized_pnl),
        ),
    ]
    if width >= 64:
        line.append((f"{percent(instrument.exposure_pct, 1):>6}", "text"))
    if width >= 76:
        target = number(instrument.target, meta.size_decimals, signed=True)
        working = _working(view.snapshot, instrument.index)
        line += [(f"{target:>8}", "dim"), (f"{working:>10}", "own")]
    return tuple(line)


def attention(instrument: InstrumentView) -> str:
    """One column: `✗` a signal is out, `■` a stop holds, `h` by hand; the page `why` says more."""
    if instrument.mine_fault is not SignalFault.NONE:
        return "✗"
    if instrument.stopped_side:
        return "■"
    return "h" if instrument.manual_position else " "


def _working(snapshot: EngineSnapshot | None, index: int) -> str:
    """Leaves of the working orders of one instrument, as `B4 S2`."""
    if snapshot is None:
        return ""
    leaves = {Side.BUY: 0.0, Side.SELL: 0.0}
    for order in snapshot.orders:
        if order.instrument == index:
            leaves[order.side] += order.quantity - order.filled
    words = ((Side.BUY, "B"), (Side.SELL, "S"))
    return " ".join(f"{letter}{leaves[side]:g}" for side, letter in words if leaves[side])
