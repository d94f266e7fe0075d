"""Every key, from the registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from textual.binding import Binding, BindingType

from cockpit.actions import Kind
from cockpit.keymap import Hint
from cockpit.screens.alerts import AlertsScreen
from cockpit.screens.base import PageScreen
from cockpit.screens.orders import OrdersScreen
from cockpit.screens.parameters import ParametersScreen
from cockpit.screens.reading import PAGES, hints_of
from cockpit.screens.whatif import WhatIfScreen
from cockpit.settings.model import Personal
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.help import help_lines, page_key_rows
from cockpit.viewmodels.view import View

PAGE_HINTS: tuple[tuple[str, Sequence[Hint]], ...] = (
    ("orders", OrdersScreen.HINTS),
    ("parameters", ParametersScreen.HINTS),
    ("alerts", AlertsScreen.HINTS),
    ("log, notes, about", hints_of(PAGES["log"])),
    ("what if", WhatIfScreen.HINTS),
)
"""Pages that have keys of their own, in words of their titles."""

EVERYWHERE = ("↑↓", "esc", "1-8 [ ]")
"""Keys in their footers that are no different there."""


class HelpScreen(PageScreen):
    """Keys and a legend, to scroll through where they do not fit."""

    TITLE_TEXT = "Help"
    HINTS = (("↑↓", "scroll"), ("esc", "back"), ("s", "safe mode"), ("x", "cancel-all"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
    ]

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._first = 0
        self._last_first = 0

    def page(self, view: View, width: int, height: int) -> list[Line]:
        """Sections by what the keys touch."""
        keymap = cast("Personal", self.app).settings.keymap
        # In a replay its own keys are what one looks for.
        kinds = sorted(Kind, key=lambda kind: view.is_replay and kind is not Kind.REPLAY)
        sections = [(kind.value, keymap.help_rows(kind)) for kind in kinds]
        everywhere = {*EVERYWHERE, *keymap.spoken()}
        sections.append(("On a page", page_key_rows(PAGE_HINTS, everywhere, width)))
        lines = help_lines(sections, width, height)
        self._last_first = max(0, len(lines) - height)
        self._first = min(self._first, self._last_first)
        return lines[self._first :]

    def action_scroll(self, rows: int) -> None:
        """Move up or down, not beyond the ends."""
        self._first = min(max(self._first + rows, 0), self._last_first)
        self.redraw()
