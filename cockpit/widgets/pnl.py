"""Profit and loss with the equity curve."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.pnl import pnl_lines, pnl_title
from cockpit.viewmodels.view import View
from cockpit.widgets.panel import Panel


class PnlPanel(Panel):
    """Profit and loss with the equity curve."""

    TITLE = "PnL"

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Lines for the pane."""
        return pnl_lines(view, width, height)

    def heading(self, view: View) -> Line:
        """What stands beside the title."""
        return pnl_title(view)
