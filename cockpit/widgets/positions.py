"""Positions and working orders."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.positions import positions_lines, positions_title
from cockpit.viewmodels.view import View
from cockpit.widgets.panel import Panel


class PositionsPanel(Panel):
    """Positions and working orders."""

    TITLE = "Positions and orders"
    PACE_S = 0.2

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Lines for the pane."""
        return positions_lines(view, width, height)

    def heading(self, view: View) -> Line:
        """What stands beside the title."""
        return positions_title(view)
