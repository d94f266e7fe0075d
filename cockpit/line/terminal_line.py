"""
Sends pictures no faster than the terminal takes them.

On a slow line: few pictures, a budget of bytes, and none before the terminal has answered
for the last one, so that what is seen is never what lay in a queue.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress

from cockpit.line.budget import ByteBudget
from cockpit.line.echo import Echo
from cockpit.line.judge import OVERDUE_S, Choice, Judge

SLOW_PICTURES_PER_S = 2.0
SLOW_BYTES_PER_S = 4_500.0
"""A tenth less than is promised: what keys draw is not held back."""
CLOGGED_POLL_S = 0.1
SHORTEST_HOLD_S = 1.0
LONGEST_HOLD_S = 30.0
HOLD_SHARE = 4
"""
A picture is held back for a quarter of the time the terminal has been silent, so that a
laptop that slept for an hour finds 140 pictures in the pipe and not 36,000.
"""
ASK_AGAIN_S = 5.0
"""A question or its answer may have been lost for good, as when the terminal changed hands."""


class TerminalLine:
    """
    The way from the cockpit to the eye.

    Args:
        choice: Whether to spare the line: auto, always or never.
        ask: Asks the terminal for an answer; False if it cannot be asked now.
        is_clogged: Whether the terminal does not take what is written.
        on_change: Called when the line has become slow, or fast again.
        now_s: Monotonic seconds.
    """

    def __init__(
        self,
        choice: Choice,
        *,
        ask: Callable[[], bool],
        is_clogged: Callable[[], bool],
        on_change: Callable[[], None],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._is_clogged = is_clogged
        self._on_change = on_change
        self._now_s = now_s
        self._echo = Echo()
        self._judge = Judge(choice)
        self._budget = ByteBudget(SLOW_BYTES_PER_S, now_s)
        self._answered = asyncio.Event()
        self._drawn_s = now_s()
        self._asked_s = -math.inf

    @property
    def is_slow(self) -> bool:
        """Whether the line is to be spared."""
        return self._judge.is_slow

    @property
    def is_clogged(self) -> bool:
        """Whether nothing should be drawn now: it would wait, and everything with it."""
        return self._is_clogged()

    def wrote(self, n_bytes: int) -> None:
        """Count bytes that went to the terminal."""
        self._budget.spend(n_bytes)

    def answered(self) -> None:
        """The terminal has answered."""
        if self._echo.answer(self._now_s()):
            self._answered.set()
            self._look()

    def tick(self) -> None:
        """Judge the line, and ask the terminal. To be called about once a second."""
        self._look()
        self._put_question()

    async def take_turn(self) -> None:
        """Wait until the next picture may be drawn. The last one should be written by now."""
        if self.is_slow:
            self._put_question()
            await asyncio.sleep(max(1 / SLOW_PICTURES_PER_S, self._budget.wait_s))
        while hold_s := self._hold_s():
            self._answered.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._answered.wait(), hold_s)
        self._drawn_s = self._now_s()

    def forget(self) -> None:
        """Begin anew: what was asked will not be answered, as somebody else had the terminal."""
        self._echo = Echo()
        self._answered.set()

    def _put_question(self) -> None:
        now_s = self._now_s()
        if self._echo.is_open and now_s - self._asked_s < ASK_AGAIN_S:
            return
        if self._ask():
            self._asked_s = now_s
            if not self._echo.is_open:
                self._echo.ask(now_s)

    def _look(self) -> None:
        if self._judge.look(self._echo, self._now_s(), is_clogged=self._is_clogged()):
            self._on_change()

    def _hold_s(self) -> float:
        """Seconds to wait at most before asking this again; 0 if a picture may be drawn."""
        if self._is_clogged():
            return CLOGGED_POLL_S
        now_s = self._now_s()
        waited_s = self._echo.waited_s(now_s)
        if waited_s <= (0.0 if self.is_slow else OVERDUE_S):
            return 0.0
        rest_s = min(max(SHORTEST_HOLD_S, waited_s / HOLD_SHARE), LONGEST_HOLD_S)
        return max(0.0, self._drawn_s + rest_s - now_s)
