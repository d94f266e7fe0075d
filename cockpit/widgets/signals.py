"""The signal heatmap."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.heatmap import heatmap_lines, heatmap_title
from cockpit.viewmodels.view import View
from cockpit.widgets.panel import Panel


class SignalsPanel(Panel):
    """The signal heatmap."""

    TITLE = "Signals"
    PACE_S = 0.5

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Lines for the pane."""
        return heatmap_lines(view, width, height)

    def heading(self, view: View) -> Line:
        """What stands beside the title."""
        return heatmap_title(view, self.size.width - 2, self.size.height - 2)
