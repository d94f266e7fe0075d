"""The ticket of an order by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events

from cockpit.screens.base import Dialog
from cockpit.viewmodels.cells import Line, Tone
from cockpit.viewmodels.ticket import (
    Ticket,
    erase,
    move,
    step,
    ticket_lines,
    trouble,
    type_character,
)
from cockpit.viewmodels.view import View

_MOVES = {"up": -1, "shift+tab": -1, "down": 1, "tab": 1}
_STEPS = {"left": -1, "right": 1, "minus": -1, "plus": 1}


class TicketDialog(Dialog[Ticket | None]):
    """Answers a ticket that can be sent, or None."""

    TITLE = "Order by hand"
    BORDER: ClassVar[Tone] = "warn"
    WIDTH = 76
    HEIGHT = 12
    IS_GUARDED = True
    PASSES_STOPS = True

    def __init__(
        self,
        ticket: Ticket,
        presets: tuple[float, ...],
        view: View,
        answered: Callable[[Ticket | None], None],
    ) -> None:
        super().__init__(view, answered)
        self._ticket = ticket
        self._presets = presets

    def content(self, view: View, width: int, height: int) -> list[Line]:  # noqa: ARG002  fixed size
        """The fields."""
        return ticket_lines(self._ticket, view, is_listening=self.is_listening)

    def press(self, event: events.Key) -> None:
        """Fill in, send or leave."""
        if event.key == "escape":
            self.answer(None)
            return
        if event.key == "enter":
            if not trouble(self._ticket, self.view):
                self.answer(self._ticket)
            return
        self._ticket = self._changed(event)
        self.redraw()

    def _changed(self, event: events.Key) -> Ticket:
        if event.key in _MOVES:
            return move(self._ticket, _MOVES[event.key])
        if event.key in _STEPS:
            return step(self._ticket, self.view, self._presets, _STEPS[event.key])
        if event.key == "backspace":
            return erase(self._ticket)
        return type_character(self._ticket, event.character or "")
