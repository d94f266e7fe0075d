"""What has called, and a way to take note of it."""

from __future__ import annotations

from typing import ClassVar, cast

from textual.binding import Binding, BindingType

from cockpit.screens.base import PageScreen, Seen
from cockpit.settings.model import Personal
from cockpit.viewmodels.alert_list import alerts_lines
from cockpit.viewmodels.alerts import unknown_symbols
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.view import View


class AlertsScreen(PageScreen):
    """A list with a cursor that stays on its alert."""

    TITLE_TEXT = "Alerts"
    HINTS = (
        ("↑↓", "choose"),
        ("enter", "seen"),
        ("a", "all seen"),
        ("s", "safe mode"),
        ("x", "cancel-all"),
        ("esc", "back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("enter", "see", show=False),
        Binding("a", "see_all", show=False),
    ]

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._chosen = view.alerts[0].number if view.alerts else 0

    def page(self, view: View, width: int, height: int) -> list[Line]:
        """The list."""
        rules = cast("Personal", self.app).settings.alert_rules
        doubts = unknown_symbols(rules, view.meta) if view.meta else []
        return alerts_lines(view.alerts, doubts, self._chosen, width, height)

    def action_move(self, rows: int) -> None:
        """Choose a neighbor, or the newest after the chosen one is forgotten."""
        numbers = [entry.number for entry in self.view.alerts]
        if not numbers:
            return
        place = numbers.index(self._chosen) + rows if self._chosen in numbers else 0
        self._chosen = numbers[min(max(place, 0), len(numbers) - 1)]
        self.redraw()

    def action_see(self) -> None:
        """Take note of the chosen one."""
        if self._chosen:
            self.post_message(Seen(self._chosen))

    def action_see_all(self) -> None:
        """Take note of all."""
        self.post_message(Seen(0))
