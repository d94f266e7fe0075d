"""A question before a command: yes, or a word typed out."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from cockpit.actions import Action, Confirm
from cockpit.screens.base import Dialog
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.dialogs import word_lines, yes_no_lines
from cockpit.viewmodels.view import View


class ConfirmDialog(Dialog[bool]):
    """Answers True if the person agreed."""

    TITLE = "Are you sure?"

    def __init__(self, action: Action, view: View, answered: Callable[[bool], None]) -> None:
        super().__init__(view, answered)
        self._action = action
        self._typed = ""
        # A word has to be typed letter by letter: that is guard enough.
        self.IS_GUARDED = self.PASSES_STOPS = action.confirm is Confirm.CONFIRM

    def content(self, view: View, width: int, height: int) -> list[Line]:  # noqa: ARG002  fixed size
        """The question."""
        if self._action.confirm is Confirm.TYPE_THE_WORD:
            return word_lines(view, self._action.label, self._action.word, self._typed)
        return yes_no_lines(
            view, self._action.label, self._action.detail, is_listening=self.is_listening
        )

    def press(self, event: events.Key) -> None:
        """Collect the answer."""
        if event.key == "escape":
            self.answer(False)
        elif self._action.confirm is Confirm.TYPE_THE_WORD:
            self._type(event)
        elif event.key == "y":
            self.answer(True)
        elif event.key == "n":
            self.answer(False)

    def _type(self, event: events.Key) -> None:
        if event.key == "enter":
            if self._typed == self._action.word:
                self.answer(True)
            return
        if event.key == "backspace":
            self._typed = self._typed[:-1]
        elif event.is_printable and event.character and len(self._typed) < 16:
            self._typed += event.character
        self.redraw()
