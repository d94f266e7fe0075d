"""Parameters: step or type a draft, look at it, then apply it."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Protocol, cast

from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.screens.base import Asked, Dialog, PageScreen, Said
from cockpit.screens.find import FindDialog
from cockpit.screens.profile import ProfileDialog
from cockpit.screens.value import ValueDialog
from cockpit.viewmodels import parameters
from cockpit.viewmodels.cells import Line
from cockpit.viewmodels.parameter_history import history_lines
from cockpit.viewmodels.profile_file import changed_parameters, profile_text
from cockpit.viewmodels.tables import scrolled
from cockpit.viewmodels.view import View
from core.api.topics import Notes, Topic
from core.domain.parameters import ParameterSpec

TRIAL_S = 60.0
"""How long a change lasts that is only tried."""
IN_HISTORY = frozenset({"move", "section", "history"})
"""Actions of the page that mean something while its history is shown."""
PAGE_ROWS = 10


class QuickChosen(Message):
    """
    A parameter shall be stepped from the main screen.

    Args:
        key: Of the parameter.
    """

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


class Fetching(Protocol):
    """An app that brings a page up to date when it is told that one is wanted."""

    def want_page(self) -> None:
        """Ask the engine for the page that is shown."""
        ...


class ParametersScreen(PageScreen):
    """Nothing changes in the engine before `a` is pressed."""

    TITLE_TEXT = "Parameters"
    HINTS = (
        ("↑↓", "choose"),
        ("←→", "step"),
        ("enter", "type"),
        ("a", "apply"),
        ("f", "try"),
        ("U", "undo"),
        ("H", "history"),
        ("/", "find"),
        ("d", "default"),
        ("W", "save"),
        ("*", "quick"),
        ("esc", "back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "section(-1)", show=False),
        Binding("pagedown", "section(1)", show=False),
        Binding("slash", "find", show=False),
        Binding("left,h", "step(-1)", show=False),
        Binding("right,l", "step(1)", show=False),
        Binding("enter", "type", show=False),
        Binding("d", "default", show=False),
        Binding("a", "apply", show=False),
        Binding("f", "trial", show=False),
        Binding("K", "keep", show=False),
        Binding("backspace", "forget", show=False),
        Binding("asterisk", "choose_quick", show=False),
        Binding("H", "history", show=False),
        Binding("W", "save", show=False),
    ]

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._needle = ""
        self._cursor = self._shown[0] if self._shown else 0
        self._drafts: dict[int, float] = {}
        self._trial_s = 0.0
        self._is_history = False
        self._first = 0

    @property
    def topic(self) -> Topic | None:
        """Notes of the journal, while the history is shown."""
        return Topic.NOTES if self._is_history else None

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002  Textual's signature
    ) -> bool | None:
        """Over the history nothing is drafted or applied: what is not seen must not change."""
        return not self._is_history or action in IN_HISTORY

    def page(self, view: View, width: int, height: int) -> list[Line]:
        """The list, or who changed what when."""
        if self._is_history:
            return self._history(view, width, height)
        return parameters.parameter_lines(
            view, self._cursor, self._drafts, width, height, self._needle, self._trial_s
        )

    @property
    def _spec(self) -> ParameterSpec | None:
        return self._specs[self._cursor] if self._cursor in self._shown else None

    @property
    def _current(self) -> float:
        snapshot = self.view.snapshot
        if snapshot is None or self._cursor >= len(snapshot.parameters):
            return self._spec.default if self._spec else 0.0
        return snapshot.parameters[self._cursor]

    @property
    def _specs(self) -> tuple[ParameterSpec, ...]:
        return self.view.meta.parameters if self.view.meta else ()

    @property
    def _shown(self) -> list[int]:
        return parameters.matching(self._specs, self._needle)

    def _history(self, view: View, width: int, height: int) -> list[Line]:
        head: list[Line] = [((" changes in this run, newest first: H leads back", "accent"),), ()]
        notes = view.pages.get(Topic.NOTES)
        if not isinstance(notes, Notes):
            return [*head, ((f" {view.page_trouble or 'asking the engine'}", "dim"),)]
        lines = history_lines(notes.notes, width)
        seen, self._first = scrolled(lines, self._first, height - len(head))
        return [*head, *seen]

    def action_move(self, rows: int) -> None:
        """Choose a neighbor."""
        if self._is_history:
            self._first = max(0, self._first + rows)
            self.redraw()
            return
        self._cursor = parameters.neighbor(self._shown, self._cursor, rows)
        self.redraw()

    def action_section(self, direction: int) -> None:
        """Choose the first one of a neighboring section."""
        if self._is_history:
            self.action_move(PAGE_ROWS * direction)
            return
        self._cursor = parameters.next_section(self._specs, self._shown, self._cursor, direction)
        self.redraw()

    def action_find(self) -> None:
        """Show only what is looked for, letter by letter."""
        if not self.query(Dialog):
            self.mount(FindDialog(self._needle, self.view, self._find))

    def _find(self, needle: str) -> None:
        self._needle = needle
        self._cursor = parameters.neighbor(self._shown, self._cursor, 0)
        self.redraw()

    def action_step(self, direction: int) -> None:
        """Draft the next value on the grid of steps."""
        if self._spec is not None:
            base = self._drafts.get(self._cursor, self._current)
            self._draft(parameters.step(self._spec, base, direction))

    def action_default(self) -> None:
        """Draft the default."""
        if self._spec is not None:
            self._draft(self._spec.default)

    def action_type(self) -> None:
        """Draft a typed value."""
        if self._spec is not None:
            self.mount(ValueDialog(self._spec, self.view, self._typed))

    def action_forget(self) -> None:
        """Drop the chosen draft."""
        self._drafts.pop(self._cursor, None)
        self.redraw()

    def action_apply(self) -> None:
        """Ask for every draft to be set."""
        if not self._drafts or self.view.meta is None:
            self.post_message(Said("nothing to apply: step or type a value first"))
            return
        for place, value in sorted(self._drafts.items()):
            key = self.view.meta.parameters[place].key
            length = {"revert_s": f"{self._trial_s:g}"} if self._trial_s else {}
            self.post_message(Asked("set", {"key": key, "value": f"{value:.12g}", **length}))
        self._drafts.clear()
        self.redraw()

    def action_trial(self) -> None:
        """Let what is applied from here on go back by itself, or stay."""
        self._trial_s = 0.0 if self._trial_s else TRIAL_S
        said = f"go back after {TRIAL_S:g} s unless kept" if self._trial_s else "stay"
        self.post_message(Said(f"changes that are applied now {said}"))
        self.redraw()

    def action_keep(self) -> None:
        """Ask for the chosen parameter to stay as it is tried."""
        if self._spec is None or self._spec.key not in parameters.trials_of(self.view):
            self.post_message(Said("the chosen parameter is not on trial"))
            return
        self.post_message(Asked("keep", {"key": self._spec.key}))

    def action_choose_quick(self) -> None:
        """Let the step keys of the main screen mean the chosen parameter."""
        if self._spec is not None:
            self.post_message(QuickChosen(self._spec.key))

    def action_history(self) -> None:
        """Show who changed what when; pressed again, the list."""
        self._is_history = not self._is_history
        self._first = 0
        self.redraw()
        cast("Fetching", self.app).want_page()

    def action_save(self) -> None:
        """Write what was changed in this run into a file of settings."""
        changed = self._changed()
        if not changed:
            self.post_message(Said("nothing to save: every parameter is as the run began"))
        elif not self.query(Dialog):
            self.mount(ProfileDialog(len(changed), self.view, self._save))

    def _changed(self) -> list[tuple[ParameterSpec, float]]:
        """What goes back by itself is saved as what it goes back to."""
        values = self.view.snapshot.parameters if self.view.snapshot else ()
        trials = parameters.trials_of(self.view)
        kept = [
            trials[spec.key].reverts_to if spec.key in trials else value
            for spec, value in zip(self._specs, values, strict=False)
        ]
        return changed_parameters(self._specs, kept)

    def _save(self, path: Path | None) -> None:
        meta = self.view.meta
        if path is None or meta is None:
            self.post_message(Said("nothing saved"))
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(profile_text(meta, self._changed()), encoding="utf-8")
        except OSError as error:
            self.post_message(Said(f"not saved: {path}: {error.strerror}"))
        else:
            self.post_message(Said(f"saved: imc-cockpit --profile {meta.profile} --config {path}"))

    def _typed(self, value: float | None) -> None:
        if value is not None:
            self._draft(value)

    def _draft(self, value: float) -> None:
        if value == self._current:
            self._drafts.pop(self._cursor, None)
        else:
            self._drafts[self._cursor] = value
        self.redraw()
