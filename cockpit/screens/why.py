"""Why: everything that made the decision of one instrument, on one page."""

from __future__ import annotations

from cockpit.screens.base import PageScreen
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.view import View
from cockpit.viewmodels.why_page import why_page_lines


class WhyScreen(PageScreen):
    """The chain from signals to the target; instrument keys work as on the main screen."""

    TITLE_TEXT = "Why"
    HINTS = (
        ("1-8 [ ]", "instrument"),
        ("t", "parameters"),
        ("s", "safe mode"),
        ("x", "cancel-all"),
        ("esc", "back"),
    )

    def page(self, view: View, width: int, height: int) -> list[Line]:
        """The explanation."""
        return why_page_lines(view, width, height)
