"""What is on its way for a while and arrives in the order in which it left."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Delay:
    """
    A line of a fixed length in time, on the clock of the running event loop.

    The loop's own timers keep no order among those that are due at once; this does.

    Args:
        delay_s: How long everything takes; 0 calls at once.
        arrived: Called after what was due at one time has been called; not at once.
    """

    def __init__(self, delay_s: float, arrived: Callable[[], None]) -> None:
        self._delay_s = delay_s
        self._arrived = arrived
        self._line: deque[tuple[float, Callable[[], None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def send(self, action: Callable[[], None]) -> None:
        """Call `action` once it has arrived."""
        if self._delay_s <= 0:
            action()
            return
        loop = asyncio.get_running_loop()
        self._line.append((loop.time() + self._delay_s, action))
        if self._timer is None:
            self._timer = loop.call_later(self._delay_s, self._arrive)

    def hurry(self) -> None:
        """Let everything that is on its way arrive now."""
        self._stop()
        while self._line:
            self._line.popleft()[1]()

    def drop(self) -> None:
        """Lose everything that is on its way."""
        self._stop()
        self._line.clear()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arrive(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        # A timer may go off a clock tick early; what is due by its own time has arrived.
        now_s = loop.time()
        while self._line and self._line[0][0] <= now_s:
            self._line.popleft()[1]()
        if self._line and self._timer is None:
            self._timer = loop.call_at(self._line[0][0], self._arrive)
        self._arrived()
