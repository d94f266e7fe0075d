"""The order-book imbalance gauge."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.obi import obi_lines, obi_title
from cockpit.viewmodels.view import View
from cockpit.widgets.panel import Panel


class ObiPanel(Panel):
    """The order-book imbalance gauge."""

    TITLE = "OBI"

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """Lines for the pane."""
        return obi_lines(view, width, height)

    def heading(self, view: View) -> Line:
        """What stands beside the title."""
        return obi_title(view)
