"""Leaving: the engine may run on, or stop; nothing happens by accident."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from textual import events

from cockpit.screens.base import Dialog
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.dialogs import quit_lines
from cockpit.viewmodels.view import LinkState, View


class Leave(Enum):
    """The ways out."""

    DETACH = "detach"
    STOP = "stop"


class QuitDialog(Dialog[Leave | None]):
    """Answers how to leave, or None to stay."""

    TITLE = "Leave"

    IS_GUARDED = True

    def __init__(
        self, view: View, answered: Callable[[Leave | None], None], *, in_process: bool
    ) -> None:
        super().__init__(view, answered)
        self._in_process = in_process

    def content(self, view: View, width: int, height: int) -> list[Line]:  # noqa: ARG002  fixed size
        """The choices, as they are now."""
        return quit_lines(view, in_process=self._in_process)

    def press(self, event: events.Key) -> None:
        """Take the choice, if it is one of those shown."""
        alive = self.view.link.state is LinkState.LIVE
        if event.key == "escape":
            self.answer(None)
        elif event.key in ("d", "ctrl+c") and not self._in_process:
            self.answer(Leave.DETACH)
        elif event.key == "s" and (self._in_process or (alive and not self.view.read_only)):
            self.answer(Leave.STOP)
