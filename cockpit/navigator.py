"""What is looked at: the instrument, a pane, a page, or whatever the palette finds."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from cockpit.actions import ACTIONS
from cockpit.keymap import INSTRUMENTS
from cockpit.screens.alerts import AlertsScreen
from cockpit.screens.base import PageScreen
from cockpit.screens.help import HelpScreen
from cockpit.screens.main import MainScreen
from cockpit.screens.orders import OrdersScreen
from cockpit.screens.palette import Choice, PaletteDialog
from cockpit.screens.parameters import ParametersScreen
from cockpit.screens.reading import PAGES, ReadScreen
from cockpit.screens.whatif import WhatIfScreen
from cockpit.screens.why import WhyScreen
from cockpit.viewmodels.palette import Entry
from core.api.commands import parse_command
from core.domain.commands import Command

if TYPE_CHECKING:
    from cockpit.app import CockpitApp

SCREENS: dict[str, type[PageScreen]] = {
    "alerts": AlertsScreen,
    "help": HelpScreen,
    "orders": OrdersScreen,
    "parameters": ParametersScreen,
    "what-if": WhatIfScreen,
    "why": WhyScreen,
}
"""Pages that are more than text, by the action that opens them."""

FOCUS = ("next-pane", "previous-pane", "zoom", "unzoom")


class Navigator:
    """
    The part of the cockpit that moves about.

    Args:
        app: Whose view and screens are changed.
    """

    def __init__(self, app: CockpitApp) -> None:
        self._app = app
        self._page_name = ""

    def go(self, name: str) -> None:
        """Do an action that changes what is looked at."""
        app = self._app
        if name in INSTRUMENTS:
            self.select(INSTRUMENTS.index(name))
        elif name in ("next-instrument", "previous-instrument"):
            count = len(app.view.snapshot.instruments) if app.view.snapshot else 1
            step = 1 if name == "next-instrument" else -1
            self.select((app.view.selected + step) % max(1, count))
        elif name == "heatmap":
            app.view = replace(app.view, heat=app.view.heat.following)
            app.draw()
        elif name in FOCUS:
            self._move_focus(name)
        elif name == "palette":
            self._open_palette()
        else:
            self._open(name)

    def select(self, index: int) -> None:
        """Look at another instrument."""
        app = self._app
        count = len(app.view.snapshot.instruments) if app.view.snapshot else 0
        if not count:
            return
        if index >= count:
            app.say(f"there are {count} instruments", "warn")
            return
        app.view = replace(app.view, selected=index % count)
        app.draw()

    def point_at(self, pane: str, *, is_twice: bool) -> None:
        """Choose a pane of the main screen; twice, zoom it or lead back."""
        app = self._app
        if not isinstance(app.screen, MainScreen):
            return
        if pane in app.screen.panes() or app.view.is_zoomed:
            is_zoomed = not app.view.is_zoomed if is_twice else app.view.is_zoomed
            app.view = replace(app.view, focus=pane, is_zoomed=is_zoomed)
            app.draw()

    def _open(self, name: str) -> None:
        app = self._app
        is_open = not isinstance(app.screen, MainScreen)
        if is_open and name == self._page_name:
            # Pressed again, the key leads back.
            app.pop_screen()
            return
        self._page_name = name
        screen = SCREENS[name](app.view) if name in SCREENS else ReadScreen(app.view, PAGES[name])
        if is_open:
            app.switch_screen(screen)
        else:
            app.push_screen(screen)
        app.want_page()

    def _move_focus(self, name: str) -> None:
        app = self._app
        if not isinstance(app.screen, MainScreen):
            return
        panes = app.screen.panes()
        if not panes:
            app.say("the terminal is too small to choose a pane", "warn")
            return
        focus, is_zoomed = app.view.focus, app.view.is_zoomed
        if name == "unzoom":
            # The first press shows all panes, the second lets go of the chosen one.
            focus, is_zoomed = focus if is_zoomed else "", False
        elif name == "zoom":
            focus, is_zoomed = focus if focus in panes else panes[0], not is_zoomed
        else:
            step = 1 if name == "next-pane" else -1
            place = panes.index(focus) if focus in panes else -1 if step == 1 else 0
            focus = panes[(place + step) % len(panes)]
        app.view = replace(app.view, focus=focus, is_zoomed=is_zoomed)
        app.draw()

    def _open_palette(self) -> None:
        app = self._app
        keymap = app.settings.keymap
        instruments = app.view.meta.instruments if app.view.meta else ()
        # Every action that has a key, once; but for those that are listed otherwise.
        names = [
            name
            for name in dict.fromkeys(keymap.keys.values())
            if name != "palette" and (app.view.is_replay or not ACTIONS[name].replays)
        ]
        entries = [
            *(
                Entry(name, ACTIONS[name].label, keymap.key_of(name))
                for name in names
                if name not in INSTRUMENTS
            ),
            *(
                Entry(row.symbol, f"Look at {row.symbol}", "", index)
                for index, row in enumerate(instruments)
            ),
        ]
        read = partial(parse_command, source="cockpit", meta=app.view.meta)
        app.put(PaletteDialog(entries, read, app.view, self._take_choice))

    def _take_choice(self, choice: Choice) -> None:
        app = self._app
        if isinstance(choice, Command):
            self._send_typed(choice)
        elif choice is not None and choice.index >= 0:
            self.select(choice.index)
        elif choice is not None:
            app.call_next(app.action_do, choice.name)

    def _send_typed(self, command: Command) -> None:
        """Send a command that was typed out; what its key would ask for is asked for here too."""
        app = self._app
        action = next(
            (a for name, a in ACTIONS.items() if a.command and name == command.name), None
        )
        if action is None:
            app.say(f"{command.name}: use its key instead", "warn")
        elif app.view.read_only:
            app.say("read-only: nothing is sent", "warn")
        elif app.player.refuses(command.name) or app.hands.refuses(action):
            return
        elif command.name == "whatif" and "cancel" not in command.args:
            app.run_worker(app.player.compare_and_show(command.args), group="requests")
        else:
            app.send(action, command.args)
