"""The status line."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.status import status_lines
from cockpit.viewmodels.view import View
from cockpit.widgets.panel import Panel


class StatusPanel(Panel):
    """The status line."""

    FRAMED = False

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Lines for the pane."""
        return status_lines(view, width, height)
