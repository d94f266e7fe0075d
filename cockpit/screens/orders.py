"""Orders: what works, what is over and what is watched, and ways to change it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from cockpit.keymap import Hint
from cockpit.screens.base import Asked, OrderPicked, PageScreen, PageWanted, Said
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.orders import Tab, listed_ids, orders_screen_lines, sorted_orders
from cockpit.viewmodels.view import View
from core.api.topics import Topic

_ALWAYS: tuple[Hint, ...] = (("s", "safe mode"), ("esc", "back"))
_HINTS: dict[Tab, tuple[Hint, ...]] = {
    Tab.WORKING: (
        ("↑↓", "choose"),
        ("←→", "list"),
        ("c", "cancel it"),
        ("a", "amend"),
        ("d", "link two"),
        ("x", "cancel-all"),
    ),
    Tab.DONE: (("↑↓", "scroll"), ("←→", "list"), ("x", "cancel-all")),
    Tab.STOPS: (("↑↓", "choose"), ("←→", "list"), ("c", "take away"), ("x", "cancel-all")),
}


class OrdersScreen(PageScreen):
    """Lists with a cursor that stays on its row, wherever that moves."""

    TITLE_TEXT = "Orders"
    HINTS = tuple(dict.fromkeys(hint for tab in Tab for hint in (*_HINTS[tab], *_ALWAYS)))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("left,h", "turn(-1)", show=False),
        Binding("right,l", "turn(1)", show=False),
        Binding("c", "cancel_order", show=False),
        Binding("a", "amend", show=False),
        Binding("d", "link", show=False),
    ]

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._tab = Tab.WORKING
        self._linked_id = 0
        self._chosen_id = 0
        self._choose_first()

    @property
    def topic(self) -> Topic | None:
        """What the engine has to be asked for the list that is shown."""
        return Topic.ORDERS_DONE if self._tab is Tab.DONE else None

    def hints(self) -> Sequence[Hint]:
        """Keys of the list that is shown."""
        return (*_HINTS[self._tab], *_ALWAYS)

    def page(self, view: View, width: int, height: int) -> list[Line]:
        """The list."""
        return orders_screen_lines(view, self._tab, self._chosen_id, self._linked_id, width, height)

    def action_move(self, rows: int) -> None:
        """Choose a neighbor, or the first row after the chosen one is gone."""
        ids = listed_ids(self.view, self._tab)
        if not ids:
            return
        place = ids.index(self._chosen_id) + rows if self._chosen_id in ids else 0
        self._chosen_id = ids[min(max(place, 0), len(ids) - 1)]
        self.redraw()

    def action_turn(self, step: int) -> None:
        """Show another list."""
        self._tab = self._tab.neighbor(step)
        self._choose_first()
        self.post_message(PageWanted())
        self.redraw()

    def action_cancel_order(self) -> None:
        """Ask for the chosen order to be canceled, or for stop and target to be taken away."""
        if self._tab is Tab.WORKING and self._is_there():
            self.post_message(Asked("cancel", {"order_id": str(self._chosen_id)}))
        elif self._tab is Tab.STOPS and self._is_there():
            symbol = next(
                bracket.symbol
                for bracket in (self.view.snapshot.brackets if self.view.snapshot else ())
                if bracket.bracket_id == self._chosen_id
            )
            self.post_message(Asked("protect", {"instrument": symbol}))

    def action_amend(self) -> None:
        """Ask for another price or size of the chosen order."""
        if self._tab is Tab.WORKING and self._is_there():
            self.post_message(OrderPicked(self._chosen_id))

    def action_link(self) -> None:
        """Take the chosen order as the first of two, or link it with the one that was."""
        if self._tab is not Tab.WORKING or not self._is_there():
            return
        first, self._linked_id = self._linked_id, 0
        if first == 0:
            self._linked_id = self._chosen_id
        elif first != self._chosen_id:
            args = {"order_id": str(first), "other_id": str(self._chosen_id)}
            self.post_message(Asked("oco", args))
        self.redraw()

    def _is_there(self) -> bool:
        if self._chosen_id in listed_ids(self.view, self._tab):
            return True
        what = "order" if sorted_orders(self.view) else "row"
        self.post_message(Said(f"that {what} is gone: choose another"))
        return False

    def _choose_first(self) -> None:
        self._chosen_id = next(iter(listed_ids(self.view, self._tab)), 0)
