"""Changes of parameters from here: taken back by a key, stepped by two."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cockpit.actions import ACTIONS, Action
from cockpit.viewmodels import parameters
from core.domain.commands import CommandResult
from core.domain.parameters import ParameterSpec

if TYPE_CHECKING:
    from cockpit.app import CockpitApp

STEPS = {"tune-down": -1, "tune-up": 1}
"""Actions that step the chosen parameter, and which way."""

TRIAL_S = 60.0
"""A step from the main screen goes back after so long unless it is kept."""
PATIENCE_S = 1.0
"""The next step waits for the last one to be seen, at most so long."""
_KEPT = 50


@dataclass(frozen=True, slots=True)
class Change:
    """One parameter that was changed from here."""

    key: str
    old: float
    new: float
    is_step: bool = False
    """By a key of the main screen."""


class Tuner:
    """
    Remembers what this cockpit changed, and steps the parameter that was chosen for it.

    Args:
        app: Which shows and sends.
    """

    def __init__(self, app: CockpitApp) -> None:
        self._app = app
        self._changes: deque[Change] = deque(maxlen=_KEPT)
        self._stepped: tuple[Change, float] | None = None
        """The last step, and until when the next one waits for it."""

    def choose(self, key: str) -> None:
        """Let the step keys mean this parameter."""
        app = self._app
        app.view = replace(app.view, quick_key=key)
        down, up = (app.settings.keymap.key_of(name) for name in STEPS)
        app.say(f"{down} and {up} step {key} from the main screen")

    def change_of(self, action: Action, args: dict[str, str] | None) -> Change | None:
        """Read what an action is about to change; None if nothing, or nothing that is known."""
        if action is not ACTIONS["set"] or args is None:
            return None
        old = self._app.view.parameter(args["key"])
        return None if old is None else Change(args["key"], old, float(args["value"]))

    def remember(self, change: Change) -> None:
        """Keep a change that the engine has accepted; steps in a row are one."""
        last = self._changes[-1] if self._changes else None
        if last is not None and change.is_step and last.is_step and last.key == change.key:
            self._changes[-1] = replace(last, new=change.new)
        else:
            self._changes.append(change)
        if not self._app.view.quick_key:
            self._app.view = replace(self._app.view, quick_key=change.key)

    def undo(self) -> None:
        """Take the last change back, unless somebody has changed the parameter since."""
        app = self._app
        if app.view.read_only:
            app.say("read-only: nothing is sent", "warn")
            return
        if not self._changes:
            app.say("nothing to undo: no parameter was changed from here", "warn")
            return
        change = self._changes.pop()
        now = app.view.parameter(change.key)
        if now != change.new:
            told = "unknown" if now is None else f"{now:.12g}"
            app.say(
                f"not undone: {change.key} is {told} by now, no longer {change.new:.12g}", "warn"
            )
            return
        app.run_worker(self._take_back(change), group="requests")

    def step(self, direction: int) -> None:
        """Move the chosen parameter by a step, for a while."""
        app = self._app
        spec, now = self._chosen()
        if app.view.read_only:
            app.say("read-only: nothing is sent", "warn")
        elif spec is None or now is None:
            page, star = app.settings.keymap.key_of("parameters"), "*"
            app.say(f"no parameter is chosen: {page} lists them, {star} there chooses one", "warn")
        elif not self._is_waiting(spec.key, now):
            change = Change(spec.key, now, parameters.step(spec, now, direction), is_step=True)
            if change.new == now:
                app.say(f"{spec.key} is {now:.12g}; allowed: {parameters.bounds(spec)}", "warn")
                return
            app.hands.lock.arm()
            self._stepped = change, time.monotonic() + PATIENCE_S
            app.run_worker(self._try(change, spec), group="requests")

    def _chosen(self) -> tuple[ParameterSpec | None, float | None]:
        view = self._app.view
        specs = view.meta.parameters if view.meta else ()
        spec = next((spec for spec in specs if spec.key == view.quick_key), None)
        return spec, view.parameter(view.quick_key)

    def _is_waiting(self, key: str, now: float) -> bool:
        """Whether the last step is not to be seen yet: the next one would repeat it."""
        if self._stepped is None:
            return False
        change, until_s = self._stepped
        return change.key == key and change.new != now and time.monotonic() < until_s

    async def _try(self, change: Change, spec: ParameterSpec) -> None:
        app = self._app
        trial = parameters.trials_of(app.view).get(change.key)
        # Back where it was there is nothing left to try.
        is_back = trial is not None and trial.reverts_to == change.new
        length = {} if is_back else {"revert_s": f"{TRIAL_S:g}"}
        result = await self._set(change.key, change.new, length)
        if not result.accepted:
            self._stepped = None
            app.say(result.text, "warn")
            return
        self.remember(change)
        unit = f" {spec.unit}" if spec.unit else ""
        until = "" if is_back else f" for {TRIAL_S:g} s, `:keep` keeps it"
        undo = app.settings.keymap.key_of("undo")
        told = f"{change.key} {change.old:.12g} → {change.new:.12g}{unit}{until}; {undo} undoes"
        app.say(told, "accent")

    async def _take_back(self, change: Change) -> None:
        result = await self._set(change.key, change.old, {})
        if result.accepted:
            left = f"; {len(self._changes)} more" if self._changes else ""
            self._app.say(f"undone: {change.key} {change.new:.12g} → {change.old:.12g}{left}")
        else:
            self._changes.append(change)
            self._app.say(f"not undone: {result.text}", "warn")

    async def _set(self, key: str, value: float, length: dict[str, str]) -> CommandResult:
        return await self._app.link.ask(
            ACTIONS["set"], {"key": key, "value": f"{value:.12g}", **length}
        )
