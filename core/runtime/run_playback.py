"""A recorded run at a chosen pace, forwards and backwards."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

import numpy as np

from core.api.notice_log import NoticeLog
from core.domain.snapshot import Notice
from core.journal.reader import JournalReader
from core.kernel.state import KernelState, from_bytes, to_bytes
from core.runtime.places import ALLOWED, clock, find_place
from core.runtime.refusals import CommandRefused
from core.runtime.replay_marks import MARK_WORDS, Mark, ShownNotices, neighbor, read_mark
from core.runtime.rewind import Traveler
from core.runtime.run_index import RunIndex

_SLICE_S = 0.005
"""Longest time without a look at keys and viewers."""

_NAP_S = 0.01


class RunPlayback:
    """
    Where a replay of a run is, and how it goes on from there.

    What is shown is always a whole position: a way to another one is gone by a state of
    its own, which is shown once it is there.

    Args:
        journal: Of the run.
        index: What was found when it was gone through.
        shown: State that viewers see.
        scratch: Another one of the same instruments.
        notices: What viewers read of the run.
        speed: Recorded seconds per second; `math.inf` for as fast as possible, 0 to wait.
        log: Told of every notice as it is played.
    """

    def __init__(
        self,
        journal: JournalReader,
        index: RunIndex,
        shown: KernelState,
        scratch: KernelState,
        notices: NoticeLog,
        speed: float,
        log: Callable[[Notice], None],
    ) -> None:
        self.index = index
        self.speed = speed
        self._player = Traveler(journal, index.frames, shown)
        self._scout = Traveler(journal, index.frames, scratch)
        self._told = ShownNotices(notices, log)
        self._target: int | None = None
        self._reached_ns = 0
        """How far recorded time has come since the last seek."""
        self._changed = asyncio.Event()
        self._ended = asyncio.Event()
        self._show_notices(is_played=True)

    @property
    def position(self) -> int:
        """How many events have happened in what is shown."""
        return self._player.position

    @property
    def is_done(self) -> bool:
        """All of it has been played."""
        return self.position >= self.index.length and self._target is None

    @property
    def heading(self) -> int:
        """Where it is, or will be when it has come where it was sent."""
        return self.position if self._target is None else self._target

    def set_speed(self, speed: float) -> str:
        """Change the pace; 0 pauses."""
        self.speed = speed
        self._changed.set()
        return "paused" if speed == 0 else f"speed {speed:g}"

    def step(self, events: int) -> str:
        """
        Pause, and go some events forward, or back if negative; at most to an end.

        Raises:
            CommandRefused: If it is 0, or leads nowhere.
        """
        if events == 0:
            raise CommandRefused("step 0 goes nowhere; 1 is the next event, -1 the one before")
        target = min(max(self.heading + events, 0), self.index.length)
        if target == self.heading:
            raise CommandRefused(f"this is the {'end' if events > 0 else 'start'} of the run")
        self.speed = 0.0
        return self._go(target)

    def seek(self, where: str) -> str:
        """
        Go to a place, and on from there at the same pace.

        Args:
            where: A time of day, `+30s`, `start`, `end`, `seq N`, or the next or previous
                `fill`, `order`, `alert` or `note`, the latter with a minus.

        Raises:
            CommandRefused: If there is no such place.
        """
        return self._go(self.find(where))

    def find(self, where: str) -> int:
        """
        Find a place: see `seek`.

        Raises:
            CommandRefused: If there is no such place.
        """
        if not self.index.length:
            raise CommandRefused("this run holds no events")
        if (marked := read_mark(where)) is not None:
            return self._marked(*marked)
        found = find_place(where, self.heading, self.index.ts_ns)
        if found is None:
            allowed = f"{ALLOWED}, {MARK_WORDS}"
            raise CommandRefused(f"{where or '(nothing)'} is no place; allowed: {allowed}")
        return found

    async def run(self) -> None:
        """Play, and go where it is sent, until canceled; the last picture stays."""
        while True:
            self._changed.clear()
            if self._target is not None:
                await self._travel()
            elif self.is_done or self.speed == 0:
                if self.is_done and self.speed:
                    self._ended.set()
                await self._changed.wait()
            else:
                await self._play()

    async def wait_for_end(self) -> None:
        """Until it has come to its end for the first time without being held there."""
        await self._ended.wait()

    def _marked(self, mark: Mark, is_back: bool) -> int:
        seqs = self.index.marks[mark]
        place = neighbor(seqs, self.heading, is_back=is_back)
        if place is None:
            side = "before" if is_back else "after"
            count = f"{len(seqs)} in all" if len(seqs) else "there is none in this run"
            raise CommandRefused(f"no {mark.value} {side} this one; {count}")
        return place

    def _go(self, target: int) -> str:
        self._target = target
        self._changed.set()
        place = {0: "start", self.index.length: "end"}.get(target, f"event {target:,}")
        return f"at {clock(self.index.ts_at(target))}, {place}"

    async def _travel(self) -> None:
        """Bring what is shown to the target, also to one that changes on the way."""
        loop, scout = asyncio.get_running_loop(), self._scout
        while self._target is not None:
            target = self._target
            if target >= self.position:
                # The nearest known state may be the one that is shown.
                self._join(target)
            scout.start_for(target)
            while self._target == target:
                deadline_s = loop.time() + _SLICE_S
                if scout.advance(target, lambda: loop.time() >= deadline_s):  # noqa: B023  called here
                    self._arrive()
                    break
                await asyncio.sleep(0)

    def _join(self, target: int) -> None:
        """Let the scout start from what is shown, if that is nearer than where it is."""
        nearest, _ = self.index.frames.nearest(target)
        if self.position >= nearest and not self.position <= self._scout.position <= target:
            from_bytes(self._scout.state, to_bytes(self._player.state))
            self._scout.position = self.position

    def _arrive(self) -> None:
        from_bytes(self._player.state, to_bytes(self._scout.state))
        self._player.position = self._scout.position
        self._target = None
        self._reached_ns = 0
        self._show_notices(is_played=False)

    async def _play(self) -> None:
        """Go on at the present pace until something changes."""
        loop = asyncio.get_running_loop()
        started_s, started_ns = loop.time(), self._now_ns()
        while not (self._changed.is_set() or self.is_done):
            due = self._due(started_ns, loop.time() - started_s)
            deadline_s = loop.time() + _SLICE_S
            self._player.advance(due, lambda: loop.time() >= deadline_s)  # noqa: B023  called here
            self._show_notices(is_played=True)
            await asyncio.sleep(0 if self.position < due else _NAP_S)

    def _now_ns(self) -> int:
        """Recorded time now, between two events too: a change of pace does not skip a silence."""
        last_ns, next_ns = (self.index.ts_at(self.position + ahead) for ahead in (0, 1))
        return min(max(last_ns, self._reached_ns), next_ns)

    def _due(self, started_ns: int, elapsed_s: float) -> int:
        """How many events are to have happened by now."""
        if math.isinf(self.speed):
            return self.index.length
        due_ns = self._reached_ns = started_ns + int(elapsed_s * self.speed * 1e9)
        return int(np.searchsorted(self.index.ts_ns, due_ns, side="right"))

    def _show_notices(self, *, is_played: bool) -> None:
        """Let viewers see what has been said up to here, and nothing of what is still to come."""
        said = self.index.notices_until(self.position)
        self._told.show(self.index.notices, said, is_played=is_played)
