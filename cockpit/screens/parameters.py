"""Parameters: step or type a draft, look at it, then apply it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from cockpit.screens.base import Asked, Dialog, PageScreen, Said
from cockpit.viewmodels import parameters
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.dialogs import value_lines
from cockpit.viewmodels.view import View
from core.domain.parameters import ParameterSpec


class ParametersScreen(PageScreen):
    """Nothing changes in the engine before `a` is pressed."""

    TITLE_TEXT = "Parameters"
    HINTS = (
        ("↑↓", "choose"),
        ("←→", "step"),
        ("enter", "type"),
        ("d", "default"),
        ("a", "apply"),
        ("backspace", "forget"),
        ("esc", "back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("left,h", "step(-1)", show=False),
        Binding("right,l", "step(1)", show=False),
        Binding("enter", "type", show=False),
        Binding("d", "default", show=False),
        Binding("a", "apply", show=False),
        Binding("backspace", "forget", show=False),
    ]

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._cursor = 0
        self._drafts: dict[int, float] = {}

    def page(self, view: View, width: int, height: int) -> list[Line]:
        """The list."""
        return parameters.parameter_lines(view, self._cursor, self._drafts, width, height)

    @property
    def _spec(self) -> ParameterSpec | None:
        specs = self.view.meta.parameters if self.view.meta else ()
        return specs[self._cursor] if self._cursor < len(specs) else None

    @property
    def _current(self) -> float:
        snapshot = self.view.snapshot
        if snapshot is None or self._cursor >= len(snapshot.parameters):
            return self._spec.default if self._spec else 0.0
        return snapshot.parameters[self._cursor]

    def action_move(self, rows: int) -> None:
        """Choose a neighbor."""
        count = len(self.view.meta.parameters) if self.view.meta else 0
        self._cursor = min(max(self._cursor + rows, 0), max(0, count - 1))
        self.redraw()

    def action_step(self, direction: int) -> None:
        """Draft the next value on the grid of steps."""
        if self._spec is not None:
            base = self._drafts.get(self._cursor, self._current)
            self._draft(parameters.step(self._spec, base, direction))

    def action_default(self) -> None:
        """Draft the default."""
        if self._spec is not None:
            self._draft(self._spec.default)

    def action_type(self) -> None:
        """Draft a typed value."""
        if self._spec is not None:
            self.mount(ValueDialog(self._spec, self.view, self._typed))

    def action_forget(self) -> None:
        """Drop the chosen draft."""
        self._drafts.pop(self._cursor, None)
        self.redraw()

    def action_apply(self) -> None:
        """Ask for every draft to be set."""
        if not self._drafts or self.view.meta is None:
            self.post_message(Said("nothing to apply: step or type a value first"))
            return
        for place, value in sorted(self._drafts.items()):
            key = self.view.meta.parameters[place].key
            self.post_message(Asked("set", {"key": key, "value": f"{value:.12g}"}))
        self._drafts.clear()
        self.redraw()

    def _typed(self, value: float | None) -> None:
        if value is not None:
            self._draft(value)

    def _draft(self, value: float) -> None:
        if value == self._current:
            self._drafts.pop(self._cursor, None)
        else:
            self._drafts[self._cursor] = value
        self.redraw()


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
