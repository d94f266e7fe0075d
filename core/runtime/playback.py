"""Recorded data at a chosen pace, forwards and backwards, through the loop of live markets."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

from core.domain.commands import Command, CommandResult
from core.runtime.places import ALLOWED, clock, find_place
from core.runtime.refusals import CommandRefused
from core.runtime.replay_marks import MARK_WORDS, Mark, read_mark
from core.runtime.replay_past import Past

_SLICE_S = 0.005
"""Longest time without a look at keys and viewers."""

_NAP_S = 0.01

_UNDONE = "; what people did after it is undone"


class Playback:
    """
    Where a replay of recorded data is, and how it goes on from there.

    What has been played is known: a way through it is gone unseen, from the nearest moment
    that is kept. What has not is played on the way, as fast as possible and for all to see.

    Args:
        past: What is behind it; plays the rows.
        speed: Recorded seconds per second; `math.inf` for as fast as possible, 0 to wait.
        on_end: Called with whether all has been played, when that changes.
    """

    def __init__(self, past: Past, speed: float, on_end: Callable[[bool], None]) -> None:
        self.speed = speed
        self._past = past
        self._rows = past.rows
        self._times = past.rows.times
        self._on_end = on_end
        self._was_done = False
        self._target: int | None = None
        self._wanted: tuple[Mark, int] | None = None
        """A mark that has not been played yet, and how many of its kind there were."""
        self._shown = 0
        """Where it was when viewers were last shown what is there."""
        self._reached_ns = 0
        """How far recorded time has come since the last seek."""
        self._changed = asyncio.Event()

    @property
    def length(self) -> int:
        """Rows in all."""
        return self._rows.length

    @property
    def position(self) -> int:
        """Rows that have happened in what is shown."""
        return self._shown if self._is_away else self._past.position

    @property
    def is_done(self) -> bool:
        """All of it has been played."""
        return self._past.position >= self.length and self._target is None

    @property
    def heading(self) -> int:
        """Where it is, or will be when it has come where it was sent."""
        if self._target is None or self._wanted is not None:
            return self._past.position
        return self._target

    @property
    def _is_away(self) -> bool:
        return self._target is not None and self._past.is_away(self._target)

    def set_speed(self, speed: float) -> str:
        """Change the pace, from here on; 0 pauses."""
        self.speed = speed
        self._changed.set()
        return "paused" if speed == 0 else f"speed {speed:g}"

    def telemetry(self) -> dict[str, Any]:
        """Where it is, as fields of a Telemetry."""
        return {
            "replay_speed": self.speed,
            "replay_done": self.is_done,
            "replay_paused": self.speed == 0,
            "replay_position": self.position,
            "replay_length": self.length,
            "replay_start_ns": self._times[0],
            "replay_end_ns": self._times[-1],
        }

    def step(self, rows: int) -> str:
        """
        Pause, and go some rows forward, or back if negative; at most to an end.

        Raises:
            CommandRefused: If it is 0, or leads nowhere.
        """
        if rows == 0:
            raise CommandRefused("step 0 goes nowhere; 1 is the next row, -1 the one before")
        target = min(max(self.heading + rows, 0), self.length)
        if target == self.heading:
            raise CommandRefused(f"this is the {'end' if rows > 0 else 'start'} of the recording")
        self.set_speed(0.0)
        return self._go(target)

    def seek(self, where: str) -> str:
        """
        Go to a place, and on from there at the same pace.

        Args:
            where: A time of day, `+30s`, `start`, `end`, `seq N`, or the next or previous
                `fill`, `order`, `alert` or `note`, the latter with a minus. One that has
                not been played yet is played on to.

        Raises:
            CommandRefused: If there is no such place.
        """
        if (marked := read_mark(where)) is not None:
            return self._seek_mark(*marked)
        target = find_place(where, self.heading, self._rows.ts_ns)
        if target is None:
            allowed = f"{ALLOWED}, {MARK_WORDS}"
            raise CommandRefused(f"{where or '(nothing)'} is no place; allowed: {allowed}")
        return self._go(target)

    def act(self, command: Command) -> CommandResult:
        """Let a person do something where it is; what had come after this place is forgotten."""
        if self._is_away:
            assert self._target is not None
            self._approach(self._target, math.inf)
        return self._past.act(command)

    async def run(self) -> None:
        """Play, and go where it is sent, until canceled; the last picture stays."""
        while not self._rows.is_ready:
            await asyncio.sleep(_NAP_S)
        self._past.begin()
        while True:
            self._changed.clear()
            self._tell_end()
            if self._target is not None:
                await self._travel()
            elif self.is_done or self.speed == 0:
                await self._changed.wait()
            else:
                await self._play()

    def _seek_mark(self, mark: Mark, is_back: bool) -> str:
        found = self._past.find(mark, self.heading, is_back=is_back)
        if found is not None:
            return self._go(found)
        count = self._past.count(mark)
        so_far = f"{count} so far" if count else "there is none so far"
        if is_back or self._past.known >= self.length:
            side = "before" if is_back else "after"
            raise CommandRefused(f"no {mark.value} {side} this one; {so_far}")
        self._go(self.length)
        self._wanted = (mark, count)
        return f"playing on to the next {mark.value}, or to the end; {so_far}"

    def _go(self, target: int) -> str:
        if not self._is_away:
            self._shown = self._past.position
        is_undone = target < self._past.position and self._past.undo_after(target)
        self._target, self._wanted = target, None
        if self._is_away:
            self._past.hide()
        self._changed.set()
        place = {0: "start", self.length: "end"}.get(target, f"row {target:,}")
        at = clock(self._times[max(target, 1) - 1])
        return f"at {at}, {place}{_UNDONE if is_undone else ''}"

    def _tell_end(self) -> None:
        """Say that the end has come, or that it has been left."""
        if self.is_done is not self._was_done:
            self._was_done = self.is_done
            self._on_end(self.is_done)

    async def _travel(self) -> None:
        """Go to the target, also to one that changes on the way."""
        loop = asyncio.get_running_loop()
        while self._target is not None:
            self._approach(self._target, loop.time() + _SLICE_S)
            await asyncio.sleep(0)

    def _approach(self, target: int, deadline_s: float) -> None:
        """Go on towards the target: unseen up to what is known, and then in full view."""
        loop, past = asyncio.get_running_loop(), self._past
        was_away = past.is_away(target)
        if was_away:
            past.start_for(target)
        while past.position < target and past.is_away(target) == was_away:
            if not past.play_next() or self._is_found() or loop.time() >= deadline_s:
                break
        if was_away and past.is_away(target):
            return
        past.show(is_played=not was_away)
        if past.position >= target or self._is_found():
            self._target = self._wanted = None
            self._reached_ns = 0

    def _is_found(self) -> bool:
        return self._wanted is not None and self._past.count(self._wanted[0]) > self._wanted[1]

    async def _play(self) -> None:
        """Go on at the present pace until something changes."""
        loop = asyncio.get_running_loop()
        started_s, started_ns = loop.time(), self._now_ns()
        while not (self._changed.is_set() or self.is_done):
            due_ns = self._due_ns(started_ns, loop.time() - started_s)
            self._play_until(due_ns, loop.time() + _SLICE_S)
            if math.isfinite(due_ns):
                self._reached_ns = int(due_ns)
            await asyncio.sleep(0 if self._is_behind(due_ns) else _NAP_S)

    def _play_until(self, due_ns: float, deadline_s: float) -> None:
        loop, past = asyncio.get_running_loop(), self._past
        while self._is_behind(due_ns) and loop.time() < deadline_s:
            if not past.play_next():
                break
        past.show(is_played=True)

    def _now_ns(self) -> int:
        """Recorded time now, between two rows too: a change of pace does not skip a silence."""
        position = self._past.position
        last_ns = self._times[max(position - 1, 0)]
        return int(min(max(last_ns, self._reached_ns), self._times[position]))

    def _due_ns(self, started_ns: int, elapsed_s: float) -> float:
        if math.isinf(self.speed):
            return math.inf
        return started_ns + elapsed_s * self.speed * 1e9

    def _is_behind(self, due_ns: float) -> bool:
        position = self._past.position
        return position < self.length and self._times[position] <= due_ns
