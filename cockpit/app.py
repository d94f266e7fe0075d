"""The cockpit: wires keys, link and screens together, and decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType

from cockpit.actions import ACTIONS, Action, Confirm, replay_speed, resolve
from cockpit.keymap import KEYS, spoken
from cockpit.link import Launcher, Link
from cockpit.lock import LOCK_AFTER_S, TradingLock
from cockpit.screens.base import Asked, Dialog, PageScreen, Said, ViewScreen
from cockpit.screens.confirm import ConfirmDialog
from cockpit.screens.help import HelpScreen
from cockpit.screens.main import MainScreen
from cockpit.screens.orders import OrdersScreen
from cockpit.screens.palette import Choice, PaletteDialog
from cockpit.screens.parameters import ParametersScreen
from cockpit.screens.quit import Leave, QuitDialog
from cockpit.screens.reading import PAGES, ReadScreen
from cockpit.screens.ticket import TicketDialog
from cockpit.screens.why import WhyScreen
from cockpit.styles.palette import GROUND
from cockpit.viewmodels.cells import Tone
from cockpit.viewmodels.palette import Entry
from cockpit.viewmodels.ticket import Ticket, command_args, new_ticket
from cockpit.viewmodels.view import LinkState, View
from core.api.client import EngineClient
from core.api.commands import parse_command
from core.domain.commands import Command
from core.domain.enums import Mode, Side
from core.domain.errors import CoreError, FatalError

PAGE_EVERY_S = 1.0
"""A page that the engine has to be asked for is asked for so often."""

SIZE_PRESETS = (1.0, 5.0, 25.0)
TICKETS = {"buy-ticket": Side.BUY, "sell-ticket": Side.SELL}

SCREENS: dict[str, type[PageScreen]] = {
    "help": HelpScreen,
    "orders": OrdersScreen,
    "parameters": ParametersScreen,
    "why": WhyScreen,
}


class CockpitApp(App[None]):
    """
    A window on one engine.

    Args:
        connect: Makes a client; called anew for each attempt to connect.
        launcher: Starts and watches the engine; None when somebody else does.
        read_only: Look, but send nothing.
        fps: Most pictures a second.
        presets: Sizes that a ticket steps through, in units of quantity.
        lock_after_s: Trading keys lock themselves when none was used for so long.
    """

    TITLE = "imc-cockpit"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    CSS = f"Screen {{ background: {GROUND}; overflow: hidden; }}"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"do('{name}')", ACTIONS[name].label, show=False, priority="tab" in key)
        for key, name in KEYS.items()
    ]

    def __init__(
        self,
        connect: Callable[[], EngineClient],
        *,
        launcher: Launcher | None = None,
        read_only: bool = False,
        fps: float = 10.0,
        presets: tuple[float, ...] = SIZE_PRESETS,
        lock_after_s: float = LOCK_AFTER_S,
    ) -> None:
        super().__init__()
        self.lock = TradingLock(lock_after_s)
        self._presets = presets
        self.view = View(read_only=read_only)
        self.link = Link(connect, self._wake, snapshots_per_second=fps)
        self._launcher = launcher
        self._frame_s = 1.0 / fps
        self._notices_version = 0
        self._speed_before_hold = 1.0
        self._changed = asyncio.Event()
        self._start_again = asyncio.Event()
        self._page_name = ""
        self._page_wanted = asyncio.Event()

    def get_default_screen(self) -> MainScreen:
        """Start on the main screen."""
        return MainScreen(id="main")

    def on_mount(self) -> None:
        """Start the workers; the first picture does not wait for them."""
        self.run_worker(self._paint(), name="painter")
        self.run_worker(self.link.run(), name="link")
        self.run_worker(self._fetch(), name="pages")
        if self._launcher is not None:
            self.run_worker(self._keep_engine(self._launcher), name="engine")
        self.set_interval(1.0, self._grow_old)
        self._wake()

    async def action_do(self, name: str) -> None:
        """Do what a key means."""
        self.view = replace(self.view, message="")
        resolved = resolve(name, self.view.trading_state)
        action = ACTIONS[resolved]
        if action.is_locked and not self.lock.left_s and not self.view.read_only:
            self.say(f"trading keys are locked: {spoken('arm')} arms them", "warn")
        elif resolved == "arm":
            self._arm()
        elif resolved in TICKETS:
            self.open_ticket(TICKETS[resolved])
        elif action.command is None:
            self._show(resolved)
        elif self.view.read_only:
            self.say(f"read-only: {action.short or resolved} is not sent", "warn")
        elif resolved in ("faster", "slower", "hold"):
            self._change_speed(resolved)
        elif action.confirm is Confirm.NONE:
            self.send(action)
        else:
            self._confirm(action)

    def on_asked(self, message: Asked) -> None:
        """Send what a screen asked for."""
        self.send(ACTIONS[message.action], message.args)

    def on_said(self, message: Said) -> None:
        """Show what a screen had to say."""
        self.say(message.text, "warn")

    def open_ticket(self, side: Side, price: float = 0.0) -> None:
        """
        Ask for an order by hand.

        Args:
            side: Of the order.
            price: To begin with; 0 for the best of our own side.
        """
        if self.view.read_only:
            self.say("read-only: no order is sent", "warn")
            return
        if self.view.instrument is None:
            self.say("no instrument to trade: no engine is connected", "warn")
            return
        self.lock.arm()
        ticket = new_ticket(self.view, side, self._presets, price)
        self._ask_in(TicketDialog(ticket, self._presets, self.view, self._take_ticket))

    def _take_ticket(self, ticket: Ticket | None) -> None:
        if ticket is None:
            self.say("nothing sent")
            return
        if not self.lock.left_s:
            self.say("nothing sent: trading keys have locked themselves meanwhile", "warn")
            return
        self.lock.arm()
        name = "buy" if ticket.side is Side.BUY else "sell"
        self.send(ACTIONS[name], command_args(ticket, self.view))

    def _arm(self) -> None:
        if self.view.read_only:
            self.say("read-only: there is nothing to arm", "warn")
        elif self.lock.left_s:
            self.lock.lock()
            self.say("trading keys are locked")
        else:
            self.lock.arm()
            keys = f"{spoken('buy-ticket')} buys, {spoken('sell-ticket')} sells"
            self.say(f"armed: {keys}; they lock themselves when left alone")

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

    def select(self, index: int) -> None:
        """Look at another instrument."""
        count = len(self.view.snapshot.instruments) if self.view.snapshot else 0
        if not count:
            return
        if index >= count:
            self.say(f"there are {count} instruments", "warn")
            return
        self.view = replace(self.view, selected=index % count)
        self.draw()

    def draw(self) -> None:
        """Show the latest on every visible screen."""
        link = self.link
        notices = self.view.notices
        if link.notices_version != self._notices_version:
            self._notices_version = link.notices_version
            notices = tuple(link.notices)
        self.view = replace(
            self.view,
            meta=link.meta,
            snapshot=link.snapshot,
            notices=notices,
            link=link.status,
            armed_s=self.lock.left_s,
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

    async def _fetch(self) -> None:
        """Bring the page on the screen up to date, as long as it is there."""
        while True:
            await self._page_wanted.wait()
            topic = self.screen.topic if isinstance(self.screen, ReadScreen) else None
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
        result = await self.link.ask(action, args)
        self.say(result.text, "text" if result.accepted else "warn")

    def _confirm(self, action: Action) -> None:
        def answered(agreed: bool) -> None:
            if agreed:
                self.send(action)
            else:
                self.say("nothing sent")

        self._ask_in(ConfirmDialog(action, self.view, answered))

    def _ask_in(self, dialog: Dialog[Any]) -> None:
        """Put one question at a time."""
        if not self.screen.query(Dialog):
            self.screen.mount(dialog)

    def _change_speed(self, name: str) -> None:
        if self.view.meta is None or self.view.meta.mode is not Mode.REPLAY:
            self.say("only a replay has a speed", "warn")
            return
        now = self.view.snapshot.telemetry.replay_speed if self.view.snapshot else 0.0
        self._speed_before_hold = now or self._speed_before_hold
        speed = replay_speed(name, now, self._speed_before_hold)
        self.send(ACTIONS[name], {"value": f"{speed:g}"})

    def _show(self, name: str) -> None:
        if name.startswith("instrument-"):
            self.select(int(name.removeprefix("instrument-")) - 1)
        elif name in ("next-instrument", "previous-instrument"):
            count = len(self.view.snapshot.instruments) if self.view.snapshot else 1
            step = 1 if name == "next-instrument" else -1
            self.select((self.view.selected + step) % max(1, count))
        elif name == "heatmap":
            self.view = replace(self.view, heat=self.view.heat.following)
            self.draw()
        elif name in ("next-pane", "previous-pane", "zoom", "unzoom"):
            self._move_focus(name)
        elif name == "palette":
            self._open_palette()
        elif name == "start-engine":
            self._start_engine()
        elif name == "quit":
            self._ask_to_quit()
        else:
            self._open(name)

    def _open(self, name: str) -> None:
        is_open = not isinstance(self.screen, MainScreen)
        if is_open and name == self._page_name:
            # Pressed again, the key leads back.
            self.pop_screen()
            return
        self._page_name = name
        screen = SCREENS[name](self.view) if name in SCREENS else ReadScreen(self.view, PAGES[name])
        if is_open:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)
        self._page_wanted.set()

    def _move_focus(self, name: str) -> None:
        if not isinstance(self.screen, MainScreen):
            return
        panes = self.screen.panes()
        if not panes:
            self.say("the terminal is too small to choose a pane", "warn")
            return
        focus, is_zoomed = self.view.focus, self.view.is_zoomed
        if name == "unzoom":
            # The first press shows all panes, the second lets go of the chosen one.
            focus, is_zoomed = focus if is_zoomed else "", False
        elif name == "zoom":
            focus, is_zoomed = focus if focus in panes else panes[0], not is_zoomed
        else:
            step = 1 if name == "next-pane" else -1
            place = panes.index(focus) if focus in panes else -1 if step == 1 else 0
            focus = panes[(place + step) % len(panes)]
        self.view = replace(self.view, focus=focus, is_zoomed=is_zoomed)
        self.draw()

    def _open_palette(self) -> None:
        instruments = self.view.meta.instruments if self.view.meta else ()
        entries = [
            *(Entry(name, ACTIONS[name].label, spoken(name)) for name in self._choices()),
            *(
                Entry(row.symbol, f"Look at {row.symbol}", "", index)
                for index, row in enumerate(instruments)
            ),
        ]
        read = partial(parse_command, source="cockpit", meta=self.view.meta)
        self._ask_in(PaletteDialog(entries, read, self.view, self._take_choice))

    def _choices(self) -> list[str]:
        """Every action that has a key, once; but for those that the palette lists otherwise."""
        names = dict.fromkeys(KEYS.values())
        return [n for n in names if n != "palette" and not n.startswith("instrument-")]

    def _take_choice(self, choice: Choice) -> None:
        if isinstance(choice, Command):
            self._send_typed(choice)
        elif choice is not None and choice.index >= 0:
            self.select(choice.index)
        elif choice is not None:
            self.call_next(self.action_do, choice.name)

    def _send_typed(self, command: Command) -> None:
        """Send a command that was typed out; what its key would ask for is asked for here too."""
        action = next(
            (a for name, a in ACTIONS.items() if a.command and name == command.name), None
        )
        if action is None:
            self.say(f"{command.name}: use its key instead", "warn")
        elif action.is_locked and not self.lock.left_s:
            self.say(f"trading keys are locked: {spoken('arm')} arms them", "warn")
        elif self.view.read_only:
            self.say("read-only: nothing is sent", "warn")
        else:
            self.send(action, command.args)

    def _start_engine(self) -> None:
        if self._launcher is None:
            self.say("this cockpit only attaches: start the engine with imc-cockpit", "warn")
        elif self.view.link.state is LinkState.LIVE:
            self.say("the engine runs already")
        else:
            self._start_again.set()

    def _ask_to_quit(self) -> None:
        in_process = self._launcher is not None and self._launcher.in_process
        self._ask_in(QuitDialog(self.view, self._leave, in_process=in_process))

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
