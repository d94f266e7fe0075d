"""Saving changed parameters as a file of settings, which never replaces one unasked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual import events

from cockpit.screens.base import Dialog
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.dialogs import CURSOR
from cockpit.viewmodels.profile_file import check_name
from cockpit.viewmodels.view import View
from core.tables.paths import config_home

MOST_LETTERS = 40


def profile_folder() -> Path:
    """Where this user's profiles are kept."""
    return config_home() / "imc-cockpit" / "profiles"


class ProfileDialog(Dialog[Path | None]):
    """Answers where to write, or None; a file that is there takes a second enter."""

    TITLE = "Save as a profile"

    def __init__(self, count: int, view: View, answered: Callable[[Path | None], None]) -> None:
        super().__init__(view, answered)
        self._count = count
        self._text = ""
        self._trouble = ""
        self._agreed: Path | None = None

    def content(self, view: View, width: int, height: int) -> list[Line]:  # noqa: ARG002  fixed size
        """The question, and what is wrong with the answer."""
        parameters = "1 parameter" if self._count == 1 else f"{self._count} parameters"
        return [
            (),
            ((f" {parameters} as changed in this run", "strong"),),
            ((f" into {profile_folder()}", "dim"),),
            (),
            ((" name: ", "dim"), (self._text, "text"), (CURSOR, "accent"), (".toml", "dim")),
            ((f" {self._trouble}", "warn"),),
            ((" enter", "key"), (" saves, ", "dim"), ("esc", "key"), (" saves nothing", "dim")),
        ]

    def press(self, event: events.Key) -> None:
        """Collect the name."""
        if event.key == "escape":
            self.answer(None)
            return
        if event.key == "enter":
            self._take()
            return
        if event.key == "backspace":
            self._text = self._text[:-1]
        elif event.is_printable and event.character and len(self._text) < MOST_LETTERS:
            self._text += event.character
        self._trouble, self._agreed = "", None
        self.redraw()

    def _take(self) -> None:
        try:
            path = profile_folder() / f"{check_name(self._text)}.toml"
        except ValueError as error:
            self._trouble = str(error)
            self.redraw()
            return
        if path.exists() and self._agreed != path:
            self._agreed = path
            self._trouble = "exists already: enter again replaces it"
            self.redraw()
            return
        self.answer(path)
