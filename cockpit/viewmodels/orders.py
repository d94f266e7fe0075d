"""The orders screen: every working order, one of them chosen."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.positions import order_line
from cockpit.viewmodels.view import View
from core.domain.enums import OrderOrigin, OrderStatus
from core.domain.snapshot import OrderView


def sorted_orders(view: View) -> list[OrderView]:
    """Newest first, so that a row keeps its place as long as nothing new comes."""
    if view.snapshot is None:
        return []
    return sorted(view.snapshot.orders, key=lambda order: order.order_id, reverse=True)


def orders_screen_lines(view: View, chosen_id: int, width: int, height: int) -> list[Line]:
    """A row an order; none is marked once the chosen one is gone: nothing else gets hit."""
    orders = sorted_orders(view)
    if not orders:
        text = "no working orders" if view.snapshot else "waiting for the engine"
        return [((f" {text}", "dim"),)]
    place = next((i for i, order in enumerate(orders) if order.order_id == chosen_id), 0)
    legend = _legend(orders)
    rows = max(1, height - 1 - len(legend))
    first = max(0, min(place - rows // 2, len(orders) - rows))
    header = f"   {'order':>6} {'instrument':<14}{'side':<5}{'size':>10}{'price':>10}  state"
    return [
        ((header, "dim"),),
        *(
            (
                (" ▸ " if order.order_id == chosen_id else "   ", "key"),
                *order_line(view, order, width - 3),
            )
            for order in orders[first : first + rows]
        ),
        *legend,
    ]


def _legend(orders: list[OrderView]) -> list[Line]:
    """What the two words mean that nobody wants to read."""
    lines: list[Line] = []
    if any(order.status is OrderStatus.UNKNOWN for order in orders):
        text = ": no answer came; the venue is being asked, nothing is sent again"
        lines.append(((" UNKNOWN", "warn"), (text, "dim")))
    if any(order.origin is OrderOrigin.ORPHAN for order in orders):
        text = ": found at the venue; no decision of this run stands behind it"
        lines.append(((" ORPHAN", "warn"), (text, "dim")))
    return lines
