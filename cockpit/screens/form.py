"""A dialog with a few numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events

from cockpit.screens.base import Dialog
from cockpit.viewmodels.cells import Line, Tone
from cockpit.viewmodels.form import Form, form_lines
from cockpit.viewmodels.view import View

_MOVES = {"up": -1, "shift+tab": -1, "down": 1, "tab": 1}
_STEPS = {"left": -1, "right": 1, "minus": -1, "plus": 1}


class FormDialog(Dialog[Form | None]):
    """
    Answers a form without trouble, or None.

    Args:
        title: In the frame.
        verb: What enter does.
        form: To begin with.
        head: Lines above the fields, for the newest view.
        trouble: What keeps a form from being sent; empty for nothing.
        view: What to show before the next snapshot comes.
        answered: Called once.
    """

    BORDER: ClassVar[Tone] = "warn"
    WIDTH = 76
    HEIGHT = 11
    IS_GUARDED = True
    PASSES_STOPS = True

    def __init__(
        self,
        title: str,
        verb: str,
        form: Form,
        head: Callable[[View], Sequence[Line]],
        trouble: Callable[[Form, View], str],
        view: View,
        answered: Callable[[Form | None], None],
    ) -> None:
        super().__init__(view, answered)
        self._title = title
        self._verb = verb
        self._form = form
        self._head = head
        self._trouble = trouble

    def heading(self, view: View) -> Line:  # noqa: ARG002  the same in every view
        """What is asked for."""
        return ((self._title, "title"),)

    def content(self, view: View, width: int, height: int) -> list[Line]:  # noqa: ARG002  fixed size
        """The fields."""
        trouble = self._trouble(self._form, view)
        head = self._head(view)
        return form_lines(self._form, head, trouble, self._verb, is_listening=self.is_listening)

    def press(self, event: events.Key) -> None:
        """Fill in, send or leave."""
        if event.key == "escape":
            self.answer(None)
            return
        if event.key == "enter":
            if not self._trouble(self._form, self.view):
                self.answer(self._form)
            return
        self._form = self._changed(event)
        self.redraw()

    def _changed(self, event: events.Key) -> Form:
        if event.key in _MOVES:
            return self._form.moved(_MOVES[event.key])
        if event.key in _STEPS:
            return self._form.stepped(_STEPS[event.key])
        if event.key == "backspace":
            return self._form.erased()
        return self._form.typed(event.character or "")
