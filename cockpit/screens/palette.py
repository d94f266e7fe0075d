"""The palette: a line to type in, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events

from cockpit.screens.base import Dialog
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.palette import MAX_CHARACTERS, Entry, found, palette_lines
from cockpit.viewmodels.view import View
from core.domain.commands import Command
from core.domain.errors import ConfigurationError

Choice = Entry | Command | None


class PaletteDialog(Dialog[Choice]):
    """
    Answers an entry, a command that was typed out, or None.

    Args:
        entries: What can be chosen.
        read: Reads a command; raises `ConfigurationError` for what is none.
        view: What is shown before the next snapshot.
        answered: Called with the answer.
    """

    TITLE = "Do or look at"
    WIDTH = 78
    HEIGHT = 16

    def __init__(
        self,
        entries: Sequence[Entry],
        read: Callable[[str], Command],
        view: View,
        answered: Callable[[Choice], None],
    ) -> None:
        super().__init__(view, answered)
        self._entries = entries
        self._read = read
        self._text = ""
        self._place = 0
        self._trouble = ""

    @property
    def _matches(self) -> list[Entry]:
        return [] if self._is_command else found(self._entries, self._text)

    @property
    def _is_command(self) -> bool:
        """Whether a whole command is written: `seek end` has the letters of other things too."""
        if len(self._text.split()) < 2:
            return False
        try:
            self._read(self._text)
        except ConfigurationError:
            return False
        return True

    def content(self, view: View, width: int, height: int) -> list[Line]:  # noqa: ARG002  the same in every view
        """The line and what it finds."""
        return palette_lines(self._matches, self._place, self._text, self._trouble, width, height)

    def press(self, event: events.Key) -> None:
        """Type, choose, do."""
        if event.key == "escape":
            self.answer(None)
            return
        if event.key == "enter":
            self._do()
            return
        matches = self._matches
        if event.key in ("up", "down"):
            step = 1 if event.key == "down" else -1
            self._place = (self._place + step) % max(1, len(matches))
        elif event.key == "backspace":
            self._type(self._text[:-1])
        elif event.is_printable and event.character and len(self._text) < MAX_CHARACTERS:
            self._type(self._text + event.character)
        self.redraw()

    def _type(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._trouble = ""

    def _do(self) -> None:
        """Do what is chosen; where nothing is found, what was typed is a command."""
        matches = self._matches
        if matches:
            self.answer(matches[self._place])
            return
        try:
            command = self._read(self._text)
        except ConfigurationError as error:
            self._trouble = str(error)
            self.redraw()
        else:
            self.answer(command)
