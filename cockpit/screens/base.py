"""What every screen of the cockpit can do: show a view, panel by panel."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar, cast

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen

from cockpit.actions import ACTIONS
from cockpit.keymap import Hint
from cockpit.screens.thrift import ThriftyCompositor
from cockpit.settings.model import Personal
from cockpit.viewmodels.cells import Line, Tone
from cockpit.viewmodels.view import View
from cockpit.widgets.footer import FooterPanel
from cockpit.widgets.panel import Panel
from cockpit.widgets.status import StatusPanel
from cockpit.widgets.text import TextPanel
from core.api.topics import Topic

Answer = TypeVar("Answer")

DEAF_S = 0.4
"""A dialog that opens under somebody's fingers hears nothing for so long."""
MACHINE_S = 0.06
"""Keys that follow each other faster are a paste or a key held down."""
STOPPING = frozenset({"halt", "cancel-all"})
"""Actions that a dialog does not hold up, unless their letters are text in it."""


class Asked(Message):
    """
    A screen wants an action done.

    Args:
        action: A name of `cockpit.actions.ACTIONS`.
        args: What its command needs to know.
    """

    def __init__(self, action: str, args: dict[str, str]) -> None:
        super().__init__()
        self.action = action
        self.args = args


class Said(Message):
    """A screen has something to tell, in one line."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class PageWanted(Message):
    """A page that the engine has to be asked for is shown now."""


class OrderPicked(Message):
    """Somebody wants to change an order."""

    def __init__(self, order_id: int) -> None:
        super().__init__()
        self.order_id = order_id


class Seen(Message):
    """
    Somebody has taken note of an alert.

    Args:
        number: Of the alert; 0 for all.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class ViewScreen(Screen[None]):
    """A full screen made of panels."""

    DEFAULT_CSS = "ViewScreen { layers: base dialog; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name for it
        super().__init__(id=id)
        self._compositor = ThriftyCompositor()

    def on_resize(self, _event: events.Resize) -> None:
        """Move an open question along."""
        for dialog in self.query(Dialog):
            dialog.place()

    def show(self, view: View) -> None:
        """Hand a view to every panel."""
        for panel in self.query(Panel):
            panel.show(view)

    def rows(self) -> tuple[Sequence[Segment], ...]:
        """Every cell as it is shown now, row by row."""
        return tuple(tuple(strip) for strip in self._compositor.render_strips())


class PageScreen(ViewScreen):
    """A full screen with the status line above, one page, and its keys below."""

    TITLE_TEXT: str = ""
    HINTS: Sequence[Hint] = ()
    DEFAULT_CSS = """
    PageScreen > StatusPanel { height: 2; }
    PageScreen > FooterPanel { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.pop_screen", show=False)]

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view

    def compose(self) -> ComposeResult:
        """Status, page, keys."""
        yield StatusPanel()
        yield TextPanel(self.TITLE_TEXT, self.page)
        yield FooterPanel(self._hints)

    def _hints(self, view: View) -> list[Hint]:
        """Keys of the page; nothing is left to stop in a replay of a run."""
        useless = [ACTIONS[name].short for name in STOPPING] if view.is_past else []
        keymap = cast("Personal", self.app).settings.keymap
        return keymap.as_bound(hint for hint in self.hints() if hint[1] not in useless)

    @property
    def topic(self) -> Topic | None:
        """What the engine has to be asked for, again and again, while this is shown."""
        return None

    def hints(self) -> Sequence[Hint]:
        """Keys of this page."""
        return self.HINTS

    @abstractmethod
    def page(self, view: View, width: int, height: int) -> list[Line]:
        """Lines of the page."""

    def on_mount(self) -> None:
        """Start with what is known already."""
        self.show(self.view)

    def show(self, view: View) -> None:
        """Keep the view for keys, and draw it."""
        self.view = view
        super().show(view)

    def redraw(self) -> None:
        """Draw again after a key changed what is chosen."""
        self.show(self.view)


class Dialog(Panel, Generic[Answer], can_focus=True):
    """
    A question that stands on a screen until it is answered; every key is for it alone.

    Not a modal screen of Textual's: that composes and sends the whole terminal for each
    change behind it, 370 kB/s against 10.

    Args:
        view: What to show before the next snapshot comes.
        answered: Called once, with the answer.
    """

    BORDER: ClassVar[Tone] = "accent"
    WIDTH: ClassVar[int] = 68
    HEIGHT: ClassVar[int] = 9
    IS_GUARDED: bool = False
    """Hears nothing that was meant for the screen below: see `DEAF_S`."""
    PASSES_STOPS: bool = False
    """Stopping keys act although this is open: where letters mean nothing else."""
    DEFAULT_CSS = "Dialog { position: absolute; layer: dialog; }"

    def __init__(self, view: View, answered: Callable[[Answer], None]) -> None:
        super().__init__()
        self.view = view
        self._answered = answered
        self._heard_s = time.monotonic()
        self._hears_from_s = self._heard_s + DEAF_S
        self.is_answered = False

    @property
    def is_listening(self) -> bool:
        """Whether keys count by now."""
        return not self.IS_GUARDED or time.monotonic() >= self._hears_from_s

    def on_mount(self) -> None:
        """Take the middle of the screen, and the keys."""
        self.place()
        self.focus()
        if self.IS_GUARDED:
            self.set_timer(DEAF_S, self.redraw)

    def place(self) -> None:
        """Stand in the middle, whatever the size of the terminal has become."""
        screen = self.screen.size
        width, height = min(self.WIDTH, screen.width), min(self.HEIGHT, screen.height)
        self.styles.width = width
        self.styles.height = height
        self.styles.offset = ((screen.width - width) // 2, (screen.height - height) // 2)

    def on_blur(self) -> None:
        """Keep the keys: a click elsewhere is no answer."""
        self.focus()

    def on_key(self, event: events.Key) -> None:
        """Let nothing through to the screen below."""
        keys = cast("Personal", self.app).settings.keymap.keys
        if self.PASSES_STOPS and keys.get(event.key) in STOPPING:
            return
        event.stop()
        event.prevent_default()
        if event.key == "escape" or self._counts():
            self.press(event)

    def _counts(self) -> bool:
        """Not what was already under way when this opened, nor a paste, nor a key held down."""
        if not self.IS_GUARDED:
            return True
        now_s, last_s = time.monotonic(), self._heard_s
        self._heard_s = now_s
        if now_s < self._hears_from_s:
            if now_s - last_s < MACHINE_S:
                self._hears_from_s = now_s + DEAF_S
                self.set_timer(DEAF_S, self.redraw)
            return False
        return True

    def press(self, event: events.Key) -> None:
        """Take one key."""

    def answer(self, answer: Answer) -> None:
        """Go away, and say what was answered."""
        self.is_answered = True
        self.can_focus = False
        self.remove()
        self._answered(answer)
