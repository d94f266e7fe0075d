"""The bottom line: the keys that work here, or the answer to the last one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cockpit.keymap import Hint
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.hints import hint_line
from cockpit.viewmodels.view import View
from cockpit.widgets.panel import Panel


class FooterPanel(Panel):
    """One line of keys."""

    FRAMED = False

    def __init__(self, hints: Callable[[View], Sequence[Hint]], *, id: str | None = None) -> None:  # noqa: A002  as above
        super().__init__(id=id)
        self._hints = hints

    def content(self, view: View, width: int, height: int) -> list[Line]:  # noqa: ARG002
        """The line."""
        return [hint_line(self._hints(view), width, view)]
