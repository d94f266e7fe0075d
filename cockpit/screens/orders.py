"""Working orders, and a way to cancel one."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from cockpit.screens.base import Asked, PageScreen, Said
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.orders import orders_screen_lines, sorted_orders
from cockpit.viewmodels.view import View


class OrdersScreen(PageScreen):
    """A list with a cursor that stays on its order, wherever that moves."""

    TITLE_TEXT = "Working orders"
    HINTS = (
        ("↑↓", "choose"),
        ("c", "cancel it"),
        ("x", "cancel-all"),
        ("s", "safe mode"),
        ("esc", "back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("c", "cancel_order", show=False),
    ]

    def __init__(self, view: View) -> None:
        super().__init__(view)
        orders = sorted_orders(view)
        self._chosen_id = orders[0].order_id if orders else 0

    def page(self, view: View, width: int, height: int) -> list[Line]:
        """The list."""
        return orders_screen_lines(view, self._chosen_id, width, height)

    def action_move(self, rows: int) -> None:
        """Choose a neighbor, or the first one after the chosen order is gone."""
        ids = [order.order_id for order in sorted_orders(self.view)]
        if not ids:
            return
        place = ids.index(self._chosen_id) + rows if self._chosen_id in ids else 0
        self._chosen_id = ids[min(max(place, 0), len(ids) - 1)]
        self.redraw()

    def action_cancel_order(self) -> None:
        """Ask for the chosen order to be canceled."""
        if all(order.order_id != self._chosen_id for order in sorted_orders(self.view)):
            self.post_message(Said("that order is gone: choose another"))
            return
        self.post_message(Asked("cancel", {"order_id": str(self._chosen_id)}))
