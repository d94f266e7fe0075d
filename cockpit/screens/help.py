"""Every key, from the registry."""

from __future__ import annotations

from cockpit.actions import Kind
from cockpit.keymap import help_rows
from cockpit.screens.base import PageScreen
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.help import help_lines
from cockpit.viewmodels.view import View


class HelpScreen(PageScreen):
    """Keys and a legend."""

    TITLE_TEXT = "Help"
    HINTS = (("esc", "back"), ("s", "safe mode"), ("x", "cancel-all"))

    def page(self, view: View, width: int, height: int) -> list[Line]:  # noqa: ARG002  static
        """Sections by what the keys touch."""
        return help_lines([(kind.value, help_rows(kind)) for kind in Kind], width, height)
