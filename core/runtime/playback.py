"""Recorded markets at a chosen pace, through the same loop as live ones."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any, Protocol

from core.data.dataset import DataSet
from core.domain import events
from core.domain.commands import Command, CommandName
from core.domain.memory import Rows
from core.kernel.batch import PAUSE_NS, TIMER_NS
from core.runtime.engine import Engine
from core.runtime.places import ALLOWED, clock, find_place
from core.runtime.refusals import CommandRefused, read_number

_SLICE_S = 0.005
"""Longest time without a look at keys and viewers."""

_NAP_S = 0.01

_ONLY_FORWARD = (
    "recorded data is played forwards only, because what was traded in between cannot be taken "
    "back; start the replay again, or replay a run"
)


class RecordedVenue(Protocol):
    """A venue that recorded events are fed into."""

    def feed(self, events: Rows, row: int) -> bool:
        """Let one recorded event happen; False if the venue is not connected."""
        ...

    def venue_time(self, events: Rows, row: int) -> int:
        """When a recorded event happened at the venue."""
        ...

    def next_due_ns(self, venue_ns: int) -> int:
        """When the next thing on its way arrives, at the venue not after `venue_ns`."""
        ...

    def deliver(self, venue_ns: int) -> None:
        """Let everything arrive that is due by the recorded time."""
        ...


class RecordedClock:
    """The time of the recording, which the engine takes for the present."""

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
        self._ts_ns = data.events["ts_ns"]
        self._times = self._ts_ns.tolist()
        self._next = 0
        self._reached_ns = 0
        """How far recorded time has come."""
        self._target = 0
        """Played at full speed up to here."""
        self._next_timer_ns = 0
        self._changed = asyncio.Event()
        self.is_done = False

    def set_speed(self, speed: float) -> str:
        """Change the pace, from here on; 0 pauses."""
        self._speed = speed
        self._changed.set()
        self._on_progress(self._speed, self.is_done)
        return "paused" if speed == 0 else f"speed {speed:g}"

    def telemetry(self) -> dict[str, Any]:
        """Where it is, as fields of a Telemetry."""
        return {
            "replay_paused": self._speed == 0,
            "replay_position": self._next,
            "replay_length": len(self._times),
            "replay_start_ns": self._times[0],
            "replay_end_ns": self._times[-1],
        }

    def move(self, command: Command) -> str:
        """
        Go forward to another place: `step` and `seek`.

        Raises:
            CommandRefused: If it is no place, or lies behind.
        """
        if command.name is CommandName.STEP:
            return self._step(command.args.get("events", ""))
        if command.name is CommandName.SEEK:
            return self._seek(command.args.get("where", ""))
        raise CommandRefused(
            f"{command.name} compares what a run did; recorded data has no run: "
            "set the parameter, or backtest with --set KEY=VALUE"
        )

    def _step(self, text: str) -> str:
        events = read_number(text, "step")
        if events < 1 or not events.is_integer():
            raise CommandRefused(_ONLY_FORWARD if events < 0 else f"step {text} goes nowhere")
        if self._next >= len(self._times):
            raise CommandRefused("this is the end of the recording")
        self.set_speed(0.0)
        return self._go(min(max(self._next, self._target) + int(events), len(self._times)))

    def _seek(self, where: str) -> str:
        target = find_place(where, self._next, self._ts_ns)
        if target is None:
            raise CommandRefused(
                f"{where or '(nothing)'} is no place in recorded data; allowed: {ALLOWED}"
            )
        if target < self._next:
            raise CommandRefused(_ONLY_FORWARD)
        return self._go(target)

    def _go(self, target: int) -> str:
        self._target = target
        self._changed.set()
        return f"at {clock(self._times[max(target, 1) - 1])}, row {target:,}"

    async def run(self, engine: Engine) -> None:
        """Play to the end, then wait to be canceled: the last picture stays."""
        self._on_progress(self._speed, self.is_done)
        loop = asyncio.get_running_loop()
        while self._next < len(self._times):
            self._changed.clear()
            started_s, started_ns = loop.time(), self._now_ns()
            while self._next < len(self._times) and not self._changed.is_set():
                due_ns = self._due_ns(started_ns, loop.time() - started_s)
                self._play_until(engine, due_ns, loop.time() + _SLICE_S)
                if math.isfinite(due_ns):
                    self._reached_ns = int(due_ns)
                await asyncio.sleep(0 if self._is_behind(due_ns) else _NAP_S)
        self.is_done = True
        self._on_progress(self._speed, self.is_done)
        await asyncio.Event().wait()

    def _now_ns(self) -> int:
        """Recorded time now, between two rows too: a change of pace does not skip a silence."""
        last_ns = self._times[max(self._next - 1, 0)]
        return int(min(max(last_ns, self._reached_ns), self._times[self._next]))

    def _due_ns(self, started_ns: int, elapsed_s: float) -> float:
        if self._next < self._target:
            return float(self._times[self._target - 1])
        if math.isinf(self._speed):
            return math.inf
        return started_ns + elapsed_s * self._speed * 1e9 if self._speed else -math.inf

    def _is_behind(self, due_ns: float) -> bool:
        return self._next < len(self._times) and self._times[self._next] <= due_ns

    def _play_until(self, engine: Engine, due_ns: float, deadline_s: float) -> None:
        loop = asyncio.get_running_loop()
        while self._is_behind(due_ns) and loop.time() < deadline_s:
            ts_ns = self._times[self._next]
            venue_ns = self._venue.venue_time(self._data.events, self._next)
            self._let_time_pass(engine, ts_ns, venue_ns)
            self._clock.now_ns = ts_ns
            if not self._venue.feed(self._data.events, self._next):
                return
            self._next += 1
            if self._next == self._target:
                # From here on the pace counts anew.
                self._changed.set()
                return

    def _let_time_pass(self, engine: Engine, now_ns: int, venue_ns: int) -> None:
        """Let happen what is due, in order of time, exactly as `kernel.batch` does."""
        if self._next_timer_ns == 0:
            self._next_timer_ns = now_ns
        last_ns = min(now_ns, self._next_timer_ns + PAUSE_NS)
        while True:
            due_ns = self._venue.next_due_ns(venue_ns)
            is_ringing = self._next_timer_ns <= last_ns
            if due_ns <= now_ns and not (is_ringing and self._next_timer_ns < due_ns):
                self._clock.now_ns = max(self._clock.now_ns, due_ns)
                self._venue.deliver(min(due_ns, venue_ns))
            elif is_ringing:
                self._clock.now_ns = self._next_timer_ns
                engine.put(events.timer())
                engine.flush()
                self._next_timer_ns += TIMER_NS
            else:
                break
        self._next_timer_ns = max(self._next_timer_ns, (now_ns // TIMER_NS + 1) * TIMER_NS)
