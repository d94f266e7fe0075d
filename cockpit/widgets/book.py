"""The order book of the selected instrument."""

from __future__ import annotations

from cockpit.viewmodels.book import book_lines, book_title
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.view import View
from cockpit.widgets.panel import Panel


class BookPanel(Panel):
    """The order book of the selected instrument."""

    TITLE = "Book"

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Lines for the pane."""
        return book_lines(view, width, height)

    def heading(self, view: View) -> Line:
        """What stands beside the title."""
        return book_title(view)
