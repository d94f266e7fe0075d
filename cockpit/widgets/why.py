"""The decision of the instrument, explained."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.view import View
from cockpit.viewmodels.why import why_lines, why_title
from cockpit.widgets.panel import Panel


class WhyPanel(Panel):
    """The decision of the instrument, explained."""

    TITLE = "Why"
    PACE_S = 0.25

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Lines for the pane."""
        return why_lines(view, width, height)

    def heading(self, view: View) -> Line:
        """What stands beside the title."""
        return why_title(view)
