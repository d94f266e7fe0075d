"""A number to be typed, which is taken once it is allowed."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from cockpit.screens.base import Dialog
from cockpit.viewmodels import parameters
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.dialogs import value_lines
from cockpit.viewmodels.view import View
from core.domain.parameters import ParameterSpec


class ValueDialog(Dialog[float | None]):
    """Answers a value that is allowed, or None."""

    TITLE = "Type a value"

    def __init__(
        self, spec: ParameterSpec, view: View, answered: Callable[[float | None], None]
    ) -> None:
        super().__init__(view, answered)
        self._spec = spec
        self._text = ""
        self._trouble = ""

    def content(self, view: View, width: int, height: int) -> list[Line]:  # noqa: ARG002  fixed size
        """The question, and what is wrong with the answer."""
        allowed = parameters.bounds(self._spec)
        return value_lines(self._spec.key, self._spec.effect, allowed, self._text, self._trouble)

    def press(self, event: events.Key) -> None:
        """Collect the number."""
        if event.key == "escape":
            self.answer(None)
            return
        if event.key == "enter":
            self._take()
            return
        if event.key == "backspace":
            self._text = self._text[:-1]
        elif event.is_printable and event.character and len(self._text) < 20:
            self._text += event.character
        self._trouble = ""
        self.redraw()

    def _take(self) -> None:
        try:
            value = parameters.check(self._spec, self._text)
        except ValueError as error:
            self._trouble = str(error)
            self.redraw()
        else:
            self.answer(value)
