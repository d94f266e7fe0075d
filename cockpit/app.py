"""The cockpit: wires keys, link and screens together, and decides nothing."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from textual import events
from textual.app import App
from textual.binding import Binding
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from cockpit.actions import ACTIONS, Action, Confirm, resolve
from cockpit.alarms import Alarms
from cockpit.hands import TICKETS, Hands
from cockpit.keymap import Keymap
from cockpit.line.driver import MeteredDriver
from cockpit.link import Launcher, Link
from cockpit.navigator import Navigator
from cockpit.player import Player
from cockpit.screens.base import (
    Asked,
    Dialog,
    OrderPicked,
    PageScreen,
    PageWanted,
    Said,
    Seen,
    ViewScreen,
)
from cockpit.screens.confirm import ConfirmDialog
from cockpit.screens.main import MainScreen
from cockpit.screens.parameters import QuickChosen
from cockpit.screens.quit import Leave, QuitDialog
from cockpit.settings.loader import shipped_settings
from cockpit.settings.model import CockpitSettings
from cockpit.styles.look import Look
from cockpit.styles.themes import MONO, THEMES
from cockpit.terminal import Terminal
from cockpit.tuner import STEPS, Tuner
from cockpit.viewmodels.book import level_at
from cockpit.viewmodels.cells import Tone
from cockpit.viewmodels.positions import instrument_at
from cockpit.viewmodels.view import LinkState, View
from cockpit.widgets.panel import Panel, Pointed
from core.api.client import EngineClient
from core.domain.errors import CoreError, FatalError

PAGE_EVERY_S = 1.0
"""A page that the engine has to be asked for is asked for so often."""

CALM_S = 0.5
"""Between two pictures, where motion is to be reduced."""
QUICK_S = 1.0
"""After a key its effect is to be seen at once."""


class CockpitApp(App[None]):
    """
    A window on one engine.

    Args:
        connect: Makes a client; called anew for each attempt to connect.
        launcher: Starts and watches the engine; None when somebody else does.
        read_only: Look, but send nothing.
        fps: Most pictures a second; None for what the settings say.
        look: What to draw in; None for the theme of the settings, or none under NO_COLOR.
        settings: What a person has chosen; None for what the program ships with.
    """

    TITLE = "imc-cockpit"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    CSS = "Screen { background: $ground; overflow: hidden; }"

    def __init__(
        self,
        connect: Callable[[], EngineClient],
        *,
        launcher: Launcher | None = None,
        read_only: bool = False,
        fps: float | None = None,
        look: Look | None = None,
        settings: CockpitSettings | None = None,
    ) -> None:
        self.settings = settings or shipped_settings()
        theme = MONO if os.environ.get("NO_COLOR") else THEMES[self.settings.theme]
        self.look = look or Look(theme)
        super().__init__(ansi_color=self.look.theme.is_of_terminal)
        self._bind(self.settings.keymap)
        fps = fps or self.settings.fps
        self.view = View(read_only=read_only)
        self.link = Link(connect, self._wake, snapshots_per_second=fps)
        self.terminal = Terminal(self, fps)
        self.alarms = Alarms(
            self.settings.alert_rules, self.bell, is_calm=self.settings.reduced_motion
        )
        self.hands = Hands(self)
        self.tuner = Tuner(self)
        self.navigator = Navigator(self)
        self.player = Player(self)
        self._launcher = launcher
        self._frame_s = 1.0 / fps
        self._calm_s = max(CALM_S - self._frame_s, 0.0) if self.settings.reduced_motion else 0.0
        self._quick_until_s = 0.0
        self._pressed = asyncio.Event()
        self._notices_version = 0
        self._changed = asyncio.Event()
        self._start_again = asyncio.Event()
        self._page_wanted = asyncio.Event()

    @property
    def runs_engine(self) -> bool:
        """Whether the engine ends with this program."""
        return self._launcher is not None and self._launcher.in_process

    def get_default_screen(self) -> MainScreen:
        """Start on the main screen."""
        return MainScreen(id="main")

    def get_css_variables(self) -> dict[str, str]:
        """Give the style sheet the ground of the theme in force."""
        return {**super().get_css_variables(), "ground": self.look.theme.ground}

    def dress(self, look: Look) -> None:
        """Draw everything in another look from here on."""
        self.look = look
        self.ansi_color = look.theme.is_of_terminal
        self.refresh_css(animate=False)
        for screen in self.screen_stack:
            for panel in screen.query(Panel):
                panel.repaint()

    def on_mount(self) -> None:
        """Start the workers; the first picture does not wait for them."""
        self.run_worker(self._paint(), name="painter")
        self.run_worker(self.link.run(), name="link")
        self.run_worker(self._fetch(), name="pages")
        self.run_worker(self.terminal.watch(), name="terminal")
        if self._launcher is not None:
            self.run_worker(self._keep_engine(self._launcher), name="engine")
        self.set_interval(1.0, self._grow_old)
        self._wake()

    def _bind(self, keymap: Keymap) -> None:
        for key, name in keymap.keys.items():
            # Without priority, Textual's screens take tab for themselves.
            binding = Binding(key, f"do('{name}')", show=False, priority="tab" in key)
            self._bindings.key_to_bindings[key] = [binding]

    async def action_do(self, name: str) -> None:
        """Do what a key means."""
        self._quick_until_s = time.monotonic() + QUICK_S
        self._pressed.set()
        self.view = replace(self.view, message="")
        resolved = resolve(name, self.view.trading_state)
        action = ACTIONS[resolved]
        if self.player.refuses(resolved) or self.hands.refuses(action):
            return
        if action.command is None:
            self._do_here(resolved)
        elif self.view.read_only:
            self.say(f"read-only: {action.short or resolved} is not sent", "warn")
        elif action.replays:
            self.player.do(resolved)
        elif resolved == "flatten-one":
            self.hands.close_one()
        elif action.confirm is Confirm.NONE:
            self.send(action)
        else:
            self.confirm(action)

    def get_driver_class(self) -> type[Driver]:
        """Write through a meter, where there is a terminal to write to."""
        usual = super().get_driver_class()
        return MeteredDriver if usual is LinuxDriver else usual

    def wrote(self, n_bytes: int) -> None:
        """Count bytes on their way to the terminal."""
        self.terminal.line.wrote(n_bytes)

    def on_cursor_position(self) -> None:
        """Take the terminal's answer to a question of ours."""
        self.terminal.line.answered()

    def on_asked(self, message: Asked) -> None:
        """Send what a screen asked for."""
        if not self.player.refuses(message.action):
            self.send(ACTIONS[message.action], message.args)

    def on_quick_chosen(self, message: QuickChosen) -> None:
        """Let the step keys mean another parameter."""
        self.tuner.choose(message.key)

    def on_said(self, message: Said) -> None:
        """Show what a screen had to say."""
        self.say(message.text, "warn")

    def on_page_wanted(self, _: PageWanted) -> None:
        """Ask the engine for the page that is shown."""
        self.want_page()

    def on_order_picked(self, message: OrderPicked) -> None:
        """Ask for another price or size of an order."""
        self.hands.amend(message.order_id)

    def on_seen(self, message: Seen) -> None:
        """Take note of an alert, or of all."""
        self.alarms.acknowledge(message.number)
        self.draw()

    def on_pointed(self, message: Pointed) -> None:
        """Choose what was clicked on; a level of the book opens a ticket with its price."""
        view = self.view
        level = level_at(view, message.rows, message.row) if message.pane == "book" else None
        if level is not None and message.count == 1:
            if not self.hands.refuses(ACTIONS["buy-ticket"]):
                self.hands.open_ticket(*level)
            return
        if message.pane == "positions" and message.row >= 0:
            index = instrument_at(view, message.rows, message.row)
            if index is not None:
                self.navigator.select(index)
        self.navigator.point_at(message.pane, is_twice=message.count == 2)

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is no key and means nothing here."""
        event.stop()
        self.say(f"a paste of {len(event.text)} characters was ignored", "warn")

    def send(self, action: Action, args: dict[str, str] | None = None) -> None:
        """Ask the engine, and show its answer when it comes."""
        if self.view.read_only and not action.is_allowed_read_only:
            self.say("read-only: nothing is sent", "warn")
            return
        self.run_worker(self._ask(action, args), group="requests")

    def say(self, text: str, tone: Tone = "text") -> None:
        """Show one line at the bottom until the next key."""
        self.view = replace(self.view, message=text, message_tone=tone)
        self.draw()

    def put(self, dialog: Dialog[Any]) -> None:
        """Put a question, one at a time."""
        # One that has been answered may not have left the screen yet.
        if all(open_one.is_answered for open_one in self.screen.query(Dialog)):
            self.screen.mount(dialog)

    def want_page(self) -> None:
        """Ask the engine for the page that is shown, if it has to be asked."""
        self._page_wanted.set()

    def draw(self) -> None:
        """Show the latest on every visible screen."""
        # While the program begins or ends there is none.
        if self.terminal.is_clogged or not self.screen_stack:
            self._wake()
            return
        link = self.link
        notices = self.view.notices
        if link.notices_version != self._notices_version:
            self._notices_version = link.notices_version
            notices = tuple(link.notices)
        self.view = self.alarms.look(
            replace(
                self.view,
                meta=link.meta,
                source=link.source,
                snapshot=link.snapshot,
                notices=notices,
                link=replace(link.status, is_slow=self.terminal.line.is_slow),
                armed_s=self.hands.lock.left_s,
            )
        )
        if isinstance(self.screen, ViewScreen):
            self.screen.show(self.view)

    def _wake(self) -> None:
        self._changed.set()

    async def _paint(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            self.draw()
            await asyncio.sleep(self._frame_s)
            await self._stay_calm()
            await self.terminal.line.take_turn()

    async def _stay_calm(self) -> None:
        """Hold the picture still for whom motion disturbs, but not while keys are pressed."""
        if self._calm_s and time.monotonic() >= self._quick_until_s:
            self._pressed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._pressed.wait(), self._calm_s)

    async def _fetch(self) -> None:
        """Bring the page on the screen up to date, as long as it is there."""
        while True:
            await self._page_wanted.wait()
            screen = self.screen_stack[-1] if self.screen_stack else None
            topic = screen.topic if isinstance(screen, PageScreen) else None
            if topic is None:
                self._page_wanted.clear()
                continue
            try:
                page = await self.link.fetch(topic)
            except CoreError as error:
                self.view = replace(self.view, page_trouble=str(error))
            else:
                pages = {**self.view.pages, topic: page}
                self.view = replace(self.view, pages=pages, page_trouble="")
            self._wake()
            await asyncio.sleep(PAGE_EVERY_S)

    def _grow_old(self) -> None:
        now = replace(self.view, link=self.link.status)
        if now.snapshot is None or now.is_stale or now.armed_s:
            self._wake()

    async def _keep_engine(self, launcher: Launcher) -> None:
        while True:
            try:
                await launcher.ensure_running(self.link.report)
            except FatalError as error:
                self.link.report(f"{error} (e: try again, q: leave)")
            else:
                self.link.report("")
                self.link.hurry()
                ended = await launcher.watch()
                self.say(f"{ended} (e: start it again, q: leave)", "alarm")
            self._start_again.clear()
            await self._start_again.wait()

    async def _ask(self, action: Action, args: dict[str, str] | None) -> None:
        change = self.tuner.change_of(action, args)
        result = await self.link.ask(action, args)
        if change is not None and result.accepted:
            self.tuner.remember(change)
        self.say(result.text, "text" if result.accepted else "warn")

    def confirm(self, action: Action, args: dict[str, str] | None = None) -> None:
        """Send an action once somebody has agreed."""

        def answered(agreed: bool) -> None:
            if agreed:
                self.send(action, args)
            else:
                self.say("nothing sent")

        self.put(ConfirmDialog(action, self.view, answered))

    def _do_here(self, name: str) -> None:
        """Do what needs no engine, or asks for more before it does."""
        parts: dict[str, Callable[[], None]] = {
            "arm": self.hands.arm,
            "protect-position": self.hands.protect,
            "go-to": self.player.ask_where,
            "compare": self.player.ask_what_if,
            "undo": self.tuner.undo,
            "suspend": self.terminal.suspend,
            "start-engine": self._start_engine,
            "quit": self._ask_to_quit,
            **{key: partial(self.hands.open_ticket, side) for key, side in TICKETS.items()},
            **{key: partial(self.tuner.step, step) for key, step in STEPS.items()},
        }
        if name in parts:
            parts[name]()
        else:
            self.navigator.go(name)

    def _start_engine(self) -> None:
        if self._launcher is None:
            self.say("this cockpit only attaches: start the engine with imc-cockpit", "warn")
        elif self.view.link.state is LinkState.LIVE:
            self.say("the engine runs already")
        else:
            self._start_again.set()

    def _ask_to_quit(self) -> None:
        self.put(QuitDialog(self.view, self._leave, in_process=self.runs_engine))

    def _leave(self, choice: Leave | None) -> None:
        if choice is Leave.DETACH:
            running = self.view.link.state is LinkState.LIVE
            self.exit(message="Detached. The engine runs on." if running else None)
        elif choice is Leave.STOP:
            self.say("stopping the engine: orders are being canceled", "warn")
            self.run_worker(self._stop_and_leave(), name="stop")

    async def _stop_and_leave(self) -> None:
        if self._launcher is not None:
            try:
                await self._launcher.stop()
            except FatalError as error:
                self.say(f"the engine did not stop: {error}", "alarm")
                return
        else:
            result = await self.link.ask(ACTIONS["stop-engine"])
            if not result.accepted:
                self.say(f"the engine did not stop: {result.text}", "alarm")
                return
        self.exit(message="The engine has stopped.")
