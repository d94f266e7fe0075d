"""The trade log, with the reasons for silence."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.trades import trades_lines, trades_title
from cockpit.viewmodels.view import View
from cockpit.widgets.panel import Panel


class TradesPanel(Panel):
    """The trade log, with the reasons for silence."""

    TITLE = "Trades, and why not"
    PACE_S = 0.25

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Lines for the pane."""
        return trades_lines(view, width, height)

    def heading(self, view: View) -> Line:
        """What stands beside the title."""
        return trades_title(view)
