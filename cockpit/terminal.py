"""The terminal: how fast its line is, and what becomes of the picture when time was lost."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual import events
from textual.app import App

from cockpit.elapsed import elapsed_s
from cockpit.line.driver import MeteredDriver
from cockpit.line.terminal_line import SLOW_PICTURES_PER_S, TerminalLine
from cockpit.screens.base import Dialog
from cockpit.viewmodels.numbers import duration
from core.domain.enums import Mode

if TYPE_CHECKING:
    from cockpit.app import CockpitApp

TICK_S = 1.0
STOOD_STILL_S = 5.0
"""A second that lasted so long: suspended, asleep, or starved."""


class Terminal:
    """
    The part of the cockpit that deals with what it is shown on.

    Args:
        app: Which draws.
        fps: Most pictures a second on a good line.
    """

    def __init__(self, app: CockpitApp, fps: float) -> None:
        self._app = app
        self._fps = fps
        self.line = TerminalLine(
            app.settings.low_bandwidth,
            ask=self._ask,
            is_clogged=lambda: self.is_clogged,
            on_change=self._change_pace,
        )

    @property
    def is_clogged(self) -> bool:
        """Whether nothing should be drawn: it would wait, and every key behind it."""
        driver = self._driver
        return driver is not None and driver.is_clogged

    async def watch(self) -> None:
        """Judge the line once a second, and notice when the program stood still."""
        self._app.app_resume_signal.subscribe(self._app, self._take_back)
        self._change_pace()
        last_s = elapsed_s()
        has_settled = False
        while True:
            await asyncio.sleep(TICK_S)
            now_s = elapsed_s()
            if now_s - last_s > STOOD_STILL_S:
                await self._catch_up(now_s - last_s)
            last_s = now_s
            self.line.tick()
            self._mind_size()
            if not has_settled and self._driver is not None and self._app.view.snapshot is not None:
                has_settled = True
                _settle()

    def _mind_size(self) -> None:
        """
        Take the size that the terminal has, where the last one was told in the wrong order.

        Textual reads it in a signal handler; a second signal runs within the first, and then
        the older size is told last.
        """
        driver = self._driver
        if driver is not None and driver.terminal_size != self._app.size:
            size = driver.terminal_size
            self._app.post_message(events.Resize(size, size))

    def suspend(self) -> None:
        """Give the terminal back to the shell until `fg`; the engine runs on."""
        app = self._app
        if app.runs_engine and (app.view.meta is None or app.view.meta.mode is not Mode.REPLAY):
            app.say("not suspended: the engine lives in this program and would stop too", "warn")
            return
        # Whoever comes back to it may not be who armed them.
        app.hands.lock.lock()
        app.action_suspend_process()

    async def _catch_up(self, lost_s: float) -> None:
        """Attach anew, and lock what was armed: the person may be another by now."""
        self._app.hands.lock.lock()
        self.line.forget()
        text = f"this cockpit stood still for {duration(lost_s)}"
        self._app.say(text, "warn")
        await self._app.link.renew(text, lost_s)

    def _take_back(self, _app: App[None]) -> None:
        """Draw everything: the shell has used the screen."""
        self.line.forget()
        self._app.refresh(layout=True)
        self._app.draw()

    @property
    def _driver(self) -> MeteredDriver | None:
        driver = self._app._driver  # noqa: SLF001  there is no public way to the driver
        return driver if isinstance(driver, MeteredDriver) else None

    def _ask(self) -> bool:
        # An answer that a bad line tears apart would be typed into an open question.
        if self._driver is None or self._app.screen.query(Dialog):
            return False
        self._driver.ask_position()
        return True

    def _change_pace(self) -> None:
        # A call, and not what it returns: that would be lost if the app ends before it begins.
        begin: Callable[[], Awaitable[None]] = self._go_at_pace
        self._app.run_worker(begin, group="pace", exclusive=True)
        self._app.draw()

    async def _go_at_pace(self) -> None:
        """Go at the pace of the line from here on."""
        fps = min(self._fps, SLOW_PICTURES_PER_S) if self.line.is_slow else self._fps
        await self._app.link.set_pace(fps)


def _settle() -> None:
    """
    Take what has been loaded by now for what stays.

    Looking through all of it for garbage again and again would hold up a key for 60 ms.
    """
    gc.collect()
    gc.freeze()
