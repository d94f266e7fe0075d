"""The keys of a replay: how fast, and where to be; and what no replay can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cockpit.actions import ACTIONS, REPLAY_ARGS, SPEED_KEYS, Kind, replay_speed
from cockpit.screens.goto import GoToDialog
from cockpit.screens.whatif import WhatIfDialog, WhatIfScreen
from core.domain.commands import CommandResult

if TYPE_CHECKING:
    from cockpit.app import CockpitApp


class Player:
    """
    The part of the cockpit that moves a replay.

    Args:
        app: Which shows and sends.
    """

    def __init__(self, app: CockpitApp) -> None:
        self._app = app
        self._speed_before_hold = 1.0

    def refuses(self, name: str) -> bool:
        """Whether an action has nothing to act on here; says so."""
        why = self._why_not(name)
        if why:
            self._app.say(why, "warn")
        return bool(why)

    def _why_not(self, name: str) -> str:
        view, action = self._app.view, ACTIONS[name]
        if action.replays and view.meta is None:
            return "not yet: nothing is played"
        if action.replays and not view.is_replay:
            return f"only a replay has {action.replays}: imc-cockpit replay latest"
        if view.is_past and action.kind in (Kind.STOPPING, Kind.TRADING):
            what_if = f"{self._key('what-if')} asks what if"
            return f"{action.short or name}: this run is over, and no venue is there; {what_if}"
        return ""

    def _key(self, action: str) -> str:
        return self._app.settings.keymap.key_of(action)

    def do(self, name: str) -> None:
        """Send what a key of a replay asks for."""
        args = self._speed_args(name) if name in SPEED_KEYS else REPLAY_ARGS[name]
        self._app.send(ACTIONS[name], args)

    def ask_where(self) -> None:
        """Let a person say where to go."""
        app = self._app
        if app.view.read_only:
            app.say("read-only: where the replay is, is not changed from here", "warn")
        else:
            app.put(GoToDialog(app.view, self._seek, app.say))

    def ask_what_if(self) -> None:
        """Let a person say what to compare."""
        app = self._app
        if app.view.read_only:
            app.say("read-only: nothing is asked of the replay from here", "warn")
        elif not app.view.is_past:
            app.say("recorded data has no run to compare with: set the parameter", "warn")
        elif app.view.snapshot is None or app.view.snapshot.telemetry.note:
            app.say("not yet: the run is being read", "warn")
        else:
            app.put(WhatIfDialog(app.view, self._compare, app.say))

    async def compare_and_show(self, args: dict[str, str]) -> None:
        """Ask for a comparison, and open its page where there is one."""
        app = self._app
        result = await self._compare(args)
        if result.accepted and not isinstance(app.screen, WhatIfScreen):
            app.navigator.go("what-if")
        app.say(result.text, "text" if result.accepted else "warn")

    async def _compare(self, args: dict[str, str]) -> CommandResult:
        return await self._app.link.ask(ACTIONS["whatif"], args)

    async def _seek(self, where: str) -> CommandResult:
        return await self._app.link.ask(ACTIONS["seek"], {"where": where})

    def _speed_args(self, name: str) -> dict[str, str]:
        snapshot = self._app.view.snapshot
        now = snapshot.telemetry.replay_speed if snapshot else 0.0
        self._speed_before_hold = now or self._speed_before_hold
        return {"value": f"{replay_speed(name, now, self._speed_before_hold):g}"}
