"""The regime timeline."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.regime import regime_lines, regime_title
from cockpit.viewmodels.view import View
from cockpit.viewmodels.why import why_foot
from cockpit.widgets.panel import Panel

COMPACT_ROWS = 3
"""Height where the terminal has no room for more."""


class RegimePanel(Panel):
    """The regime timeline."""

    TITLE = "Regime"
    PACE_S = 0.5

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Lines for the pane."""
        return regime_lines(view, width, height)

    def heading(self, view: View) -> Line:
        """What stands beside the title."""
        return regime_title(view)

    def foot(self, view: View) -> Line:
        """The decision, where it has no pane of its own: there this one has a single line."""
        return why_foot(view) if self.size.height == COMPACT_ROWS else ()
