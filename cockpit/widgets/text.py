"""A panel whose lines come from the screen that holds it."""

from __future__ import annotations

from collections.abc import Callable

from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.view import View
from cockpit.widgets.panel import Panel

Lines = Callable[[View, int, int], list[Line]]


class TextPanel(Panel):
    """
    A titled panel for screens and dialogs.

    Args:
        title: Stands in the frame.
        lines: Makes the content for a view and a size.
    """

    def __init__(self, title: str, lines: Lines) -> None:
        super().__init__()
        self._title = title
        self._lines_for = lines

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """What the screen wants to show."""
        return self._lines_for(view, width, height)

    def heading(self, view: View) -> Line:  # noqa: ARG002  the same in every view
        """The screen's name."""
        return ((self._title, "title"),)
