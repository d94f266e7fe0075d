"""What if: the rest of a run with another parameter, beside how it went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from cockpit.screens.base import Asked, Dialog, PageScreen
from cockpit.viewmodels import whatif_draft
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.view import View
from cockpit.viewmodels.whatif import what_if_lines
from cockpit.viewmodels.whatif_draft import Draft, draft_lines
from core.domain.commands import CommandResult

_MOVES = {"up": -1, "shift+tab": -1, "down": 1, "tab": 1}
_STEPS = {"left": -1, "right": 1}


class WhatIfScreen(PageScreen):
    """The newest comparison; asking for one is a dialog."""

    TITLE_TEXT = "What if"
    HINTS = (
        ("enter", "compare"),
        ("c", "give up"),
        ("space", "hold"),
        ("g", "go to"),
        ("t", "params"),
        ("esc", "back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.do('compare')", show=False),
        Binding("c", "give_up", show=False),
    ]

    def page(self, view: View, width: int, height: int) -> list[Line]:
        """The comparison."""
        return what_if_lines(view, width, height)

    def action_give_up(self) -> None:
        """Ask for the comparison that is being made to end."""
        self.post_message(Asked("whatif", {"cancel": "true"}))


class WhatIfDialog(Dialog[str]):
    """
    Answers what the engine said when it began; empty if nothing is asked.

    What it refuses is said in the dialog, which stays open.

    Args:
        view: What is known.
        compare: Asks the engine; takes the arguments of `whatif`.
        answered: Called once, with the answer.
    """

    TITLE = "What if"
    WIDTH = 76
    HEIGHT = 16

    def __init__(
        self,
        view: View,
        compare: Callable[[dict[str, str]], Awaitable[CommandResult]],
        answered: Callable[[str], None],
    ) -> None:
        super().__init__(view, answered)
        self._compare = compare
        self._draft = Draft()

    def content(self, view: View, width: int, height: int) -> list[Line]:
        """What is filled in so far."""
        return draft_lines(self._draft, view, width, height)

    def press(self, event: events.Key) -> None:
        """Fill in, go back, or ask."""
        draft, view = self._draft, self.view
        if event.key == "escape":
            self._leave()
            return
        if event.key == "enter":
            self._go_on()
        elif event.key in _MOVES:
            self._draft = whatif_draft.move(draft, view, _MOVES[event.key])
        elif event.key in _STEPS:
            self._draft = whatif_draft.step(draft, view, _STEPS[event.key])
        elif event.key == "backspace":
            self._draft = whatif_draft.erase(draft)
        elif event.is_printable and event.character:
            self._draft = whatif_draft.type_character(draft, event.character)
        self.redraw()

    def _leave(self) -> None:
        """Let go of the parameter that was taken, or of the question."""
        self.workers.cancel_node(self)
        if self._draft.chosen >= 0:
            self._draft = Draft(self._draft.needle, self._draft.row)
            self.redraw()
        else:
            self.answer("")

    def _go_on(self) -> None:
        if self._draft.chosen < 0:
            self._draft = whatif_draft.take(self._draft, self.view)
            return
        try:
            args = whatif_draft.args_of(self._draft, self.view)
        except ValueError as error:
            self._refuse(str(error))
        else:
            self.run_worker(self._ask(args), exclusive=True)

    async def _ask(self, args: dict[str, str]) -> None:
        result = await self._compare(args)
        if result.accepted:
            self.answer(result.text)
        else:
            self._refuse(result.text)

    def _refuse(self, reason: str) -> None:
        self._draft = whatif_draft.refused(self._draft, reason)
        self.redraw()
