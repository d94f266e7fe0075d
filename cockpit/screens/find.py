"""A line to look for something in a list, letter by letter."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from cockpit.screens.base import Dialog
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.view import View

FIND_HELP = "  enter: keep   esc: show all"


class FindDialog(Dialog[str]):
    """Answers with every letter what to show: words that the key or the effect has."""

    HEIGHT = 1

    def __init__(self, needle: str, view: View, answered: Callable[[str], None]) -> None:
        super().__init__(view, answered)
        self._text = needle

    def place(self) -> None:
        """Stand where the keys are listed, so that the list stays in sight."""
        screen = self.screen.size
        self.styles.width = screen.width
        self.styles.height = self.HEIGHT
        self.styles.offset = (0, screen.height - self.HEIGHT)

    def content(self, view: View, width: int, height: int) -> list[Line]:  # noqa: ARG002  fixed size
        """What has been typed."""
        return [((" / ", "key"), (self._text, "strong"), ("▏", "accent"), (FIND_HELP, "dim"))]

    def press(self, event: events.Key) -> None:
        """Collect letters; enter keeps what they leave, escape shows all again."""
        if event.key == "enter":
            self.answer(self._text)
            return
        if event.key == "escape":
            self.answer("")
            return
        if event.key == "backspace":
            self._text = self._text[:-1]
        elif event.is_printable and event.character and len(self._text) < 20:
            self._text += event.character
        self.redraw()
        self._answered(self._text)
