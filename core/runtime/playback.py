"""Recorded markets at a chosen pace, through the same loop as live ones."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Protocol

from core.data.dataset import DataSet
from core.domain import events
from core.domain.memory import Rows
from core.kernel.batch import PAUSE_NS, TIMER_NS
from core.runtime.engine import Engine

_SLICE_S = 0.005
"""Longest time without a look at keys and viewers."""

_NAP_S = 0.01


class RecordedVenue(Protocol):
    """A venue that recorded events are fed into."""

    def feed(self, events: Rows, row: int) -> bool:
        """Let one recorded event happen; False if the venue is not connected."""
        ...


class RecordedClock:
    """The time of the recording: what the engine takes for now."""

    def __init__(self, now_ns: int) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        """Nanoseconds, UTC."""
        return self.now_ns


class Playback:
    """
    Plays a data set into a venue, with the timers a backtest would have.

    Args:
        data: In order of time.
        venue: Takes the events; must be connected before `run` gets far.
        clock: Set to the time of each event before it happens.
        speed: Recorded seconds per second; `math.inf` for as fast as possible, 0 to wait.
        on_progress: Called now and then with the speed and whether all has been played.
    """

    def __init__(
        self,
        data: DataSet,
        venue: RecordedVenue,
        clock: RecordedClock,
        speed: float,
        on_progress: Callable[[float, bool], None],
    ) -> None:
        self._data = data
        self._venue = venue
        self._clock = clock
        self._speed = speed
        self._on_progress = on_progress
        self._times = data.events["ts_ns"].tolist()
        self._next = 0
        self._next_timer_ns = 0
        self._changed = asyncio.Event()
        self.is_done = False

    def set_speed(self, speed: float) -> str:
        """Change the pace, from here on; 0 pauses."""
        self._speed = speed
        self._changed.set()
        self._on_progress(self._speed, self.is_done)
        return "paused" if speed == 0 else f"speed {speed:g}"

    async def run(self, engine: Engine) -> None:
        """Play to the end, then wait to be canceled: the last picture stays."""
        self._on_progress(self._speed, self.is_done)
        loop = asyncio.get_running_loop()
        while self._next < len(self._times):
            self._changed.clear()
            started_s, started_ns = loop.time(), self._times[self._next]
            while self._next < len(self._times) and not self._changed.is_set():
                due_ns = self._due_ns(started_ns, loop.time() - started_s)
                self._play_until(engine, due_ns, loop.time() + _SLICE_S)
                await asyncio.sleep(0 if self._is_behind(due_ns) else _NAP_S)
        self.is_done = True
        self._on_progress(self._speed, self.is_done)
        await asyncio.Event().wait()

    def _due_ns(self, started_ns: int, elapsed_s: float) -> float:
        if math.isinf(self._speed):
            return math.inf
        return started_ns + elapsed_s * self._speed * 1e9 if self._speed else -math.inf

    def _is_behind(self, due_ns: float) -> bool:
        return self._next < len(self._times) and self._times[self._next] <= due_ns

    def _play_until(self, engine: Engine, due_ns: float, deadline_s: float) -> None:
        loop = asyncio.get_running_loop()
        while self._is_behind(due_ns) and loop.time() < deadline_s:
            ts_ns = self._times[self._next]
            self._let_time_pass(engine, ts_ns)
            self._clock.now_ns = ts_ns
            if not self._venue.feed(self._data.events, self._next):
                return
            self._next += 1

    def _let_time_pass(self, engine: Engine, now_ns: int) -> None:
        """Put the timers that are due, exactly as `kernel.batch` does in a backtest."""
        if self._next_timer_ns == 0:
            self._next_timer_ns = now_ns
        last_ns = min(now_ns, self._next_timer_ns + PAUSE_NS)
        while self._next_timer_ns <= last_ns:
            self._clock.now_ns = self._next_timer_ns
            engine.put(events.timer())
            engine.flush()
            self._next_timer_ns += TIMER_NS
        self._next_timer_ns = max(self._next_timer_ns, (now_ns // TIMER_NS + 1) * TIMER_NS)
