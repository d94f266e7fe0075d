"""Where to go in a replay: chosen from a list, or typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual import events

from cockpit.screens.base import Dialog
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.places import PLACES, Place, matching, place_lines, written
from cockpit.viewmodels.view import View
from core.domain.commands import CommandResult
from core.domain.errors import ConfigurationError

MAX_CHARACTERS = 40


class GoToDialog(Dialog[str]):
    """
    Answers what the engine said when it went there; empty if the person stays.

    A place that there is not is said in the dialog, which stays open.

    Args:
        view: What is known.
        seek: Asks the engine to go to a place.
        answered: Called once, with the answer.
    """

    TITLE = "Go to"
    WIDTH = 66
    HEIGHT = 18

    def __init__(
        self,
        view: View,
        seek: Callable[[str], Awaitable[CommandResult]],
        answered: Callable[[str], None],
    ) -> None:
        super().__init__(view, answered)
        self._seek = seek
        self._typed = ""
        self._chosen = 0
        self._trouble = ""

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """What was typed, and what it finds."""
        return place_lines(
            view, self._found, self._chosen, self._typed, self._trouble, width, height
        )

    def press(self, event: events.Key) -> None:
        """Type, choose, go."""
        if event.key == "escape":
            self.workers.cancel_node(self)
            self.answer("")
            return
        if event.key == "enter":
            self._go()
            return
        if event.key in ("up", "down"):
            step = 1 if event.key == "down" else -1
            self._chosen = (self._chosen + step) % max(1, len(self._found))
        elif event.key == "backspace":
            self._type(self._typed[:-1])
        elif event.is_printable and event.character and len(self._typed) < MAX_CHARACTERS:
            self._type(self._typed + event.character)
        self.redraw()

    @property
    def _found(self) -> list[Place]:
        return matching(PLACES, self._typed)

    def _type(self, text: str) -> None:
        self._typed = text
        self._chosen = 0
        self._trouble = ""

    def _go(self) -> None:
        """Ask for what was typed, or for what is chosen."""
        try:
            where = self._where()
        except ConfigurationError as error:
            self._trouble = str(error)
            self.redraw()
        else:
            self.run_worker(self._ask(where), exclusive=True)

    def _where(self) -> str:
        found = self._found
        if self._chosen and found:
            return found[self._chosen].where
        try:
            return written(self._typed)
        except ConfigurationError:
            if not found:
                raise
            return found[0].where

    async def _ask(self, where: str) -> None:
        result = await self._seek(where)
        if result.accepted:
            self.answer(result.text)
        else:
            self._trouble = result.text
            self.redraw()
