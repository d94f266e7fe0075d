"""
What a replay of recorded data has behind it, so that it can go back there.

Rows are always the same ones; what people do in between is kept with its place and done
again on the way. So the state at a place is the same bits whatever way led there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from core.domain.commands import Command, CommandResult
from core.domain.enums import EventKind, IntentKind
from core.domain.events import EventRow
from core.domain.snapshot import Notice
from core.kernel.state import KernelState
from core.runtime.engine import IntentTuple
from core.runtime.frames import BUDGET_BYTES, Frames
from core.runtime.replay_marks import Mark, ShownNotices, neighbor
from core.runtime.replay_rows import RecordedRows
from core.runtime.replay_world import Moment, size_of

SPACING = 512
"""Rows between two moments at first: the live loop takes some 50 us for each."""

_KIND = 24
"""Offset of an event's kind; little-endian, and no kind needs a second byte."""


class Restorable(Protocol):
    """What is put back: see `core.runtime.replay_world.World`."""

    @property
    def state(self) -> KernelState:
        """What viewers see."""
        ...

    def hide(self) -> None:
        """Go on showing the present state."""
        ...

    def show(self) -> None:
        """Show what is there."""
        ...

    def save(self) -> Moment:
        """Copy all of it."""
        ...

    def load(self, moment: Moment) -> None:
        """Put all of it back."""
        ...


@dataclass(frozen=True, slots=True)
class _Act:
    position: int
    command: Command
    is_done: bool
    """It was not refused."""


class Past:
    """
    Rows as far as they have happened, with what people did, what was said, and moments.

    Implements `Observer`: it notes at which row orders were sent and filled.

    Args:
        told: Shows viewers what was said.
        spacing: Rows between two moments, at first.
        budget_bytes: Memory for all moments.
    """

    def __init__(
        self,
        told: ShownNotices,
        *,
        spacing: int = SPACING,
        budget_bytes: int = BUDGET_BYTES,
    ) -> None:
        self.rows: RecordedRows
        self.known = 0
        """Rows that have been played since the last change of what comes."""
        self._world: Restorable
        self._obey: Callable[[Command], CommandResult]
        self._told = told
        self._spacing = spacing
        self._budget_bytes = budget_bytes
        self._frames: Frames[Moment]
        self._notices: list[Notice] = []
        self._notice_places: list[int] = []
        self._marks: dict[Mark, list[int]] = {mark: [] for mark in Mark}
        self._acts: list[_Act] = []
        self._n_acts = 0
        """Acts that are part of the present state."""
        self._at = 0
        """Where what happens now belongs."""
        self._is_again = False
        """What happens now has happened before."""
        self._is_between = True
        """No row is being played."""
        self._is_stale = False
        """The present state holds acts that have been undone."""

    def attach(
        self, rows: RecordedRows, world: Restorable, obey: Callable[[Command], CommandResult]
    ) -> None:
        """
        Get what is played; before anything happens.

        Args:
            rows: Played one after another.
            world: Put back to where it was.
            obey: Does a command of a person.
        """
        self.rows, self._world, self._obey = rows, world, obey

    def begin(self) -> None:
        """Take the first moment: before the first row, with the venue there."""
        self._frames = Frames(
            self._world.save(),
            size_of=size_of,
            spacing=self._spacing,
            budget_bytes=self._budget_bytes,
        )

    @property
    def position(self) -> int:
        """Rows that have happened."""
        return self.rows.position

    @property
    def memory_bytes(self) -> int:
        """Of all moments."""
        return self._frames.bytes

    @property
    def state(self) -> KernelState:
        """What viewers see."""
        return self._world.state

    def is_away(self, target: int) -> bool:
        """Whether the way to there leads through what has been, which nobody has to see."""
        return self._is_stale or self.position > target or self.position < min(target, self.known)

    def count(self, mark: Mark) -> int:
        """Rows at which there is one, as far as is known."""
        return len(self._marks[mark])

    def find(self, mark: Mark, here: int, *, is_back: bool) -> int | None:
        """Find the next or previous place with a mark, as far as is known."""
        return neighbor(self._marks[mark], here, is_back=is_back)

    def play_next(self) -> bool:
        """Let a row happen, and what people did after it; False if nobody hears it."""
        self._at = self.position + 1
        self._is_again = self._at <= self.known
        self._is_between = False
        try:
            if not self.rows.play_next():
                return False
            if self._n_acts < len(self._acts):
                self._act_again()
        finally:
            self._is_between, self._is_again = True, False
        if self._at > self.known:
            self.known = self._at
            if self._frames.is_due(self._at):
                self._frames.keep(self._at, self._world.save())
        return True

    def act(self, command: Command) -> CommandResult:
        """Let a person do something here; what had come after this place is forgotten."""
        self.forget_after(self.position)
        self._at = self.position
        answer = self._obey(command)
        self._acts.append(_Act(self.position, command, answer.accepted))
        self._n_acts = len(self._acts)
        if answer.accepted:
            self._mark(Mark.NOTE)
        return answer

    def undo_after(self, position: int) -> bool:
        """Undo what people did behind a place; True if there was something that counts."""
        first = bisect_right(self._acts, position, key=lambda act: act.position)
        undone = self._acts[first:]
        if not undone:
            return False
        self._is_stale = self._is_stale or self._n_acts > first
        self.forget_after(position)
        return any(act.is_done for act in undone)

    def start_for(self, target: int) -> None:
        """Go to the moment nearest before a place, if where it is is not nearer."""
        place, moment = self._frames.nearest(min(target, self.known))
        if not self._is_stale and place <= self.position <= target:
            return
        self._world.load(moment)
        self.rows.position = place
        self._is_stale = False
        self._n_acts = bisect_left(self._acts, place, key=lambda act: act.position)
        self._at, self._is_again = place, True
        try:
            self._act_again()
        finally:
            self._is_again = False

    def hide(self) -> None:
        """Have viewers see what is there now, until `show`."""
        self._world.hide()

    def show(self, *, is_played: bool) -> None:
        """Have viewers see what is there, with what had been said by then."""
        self._world.show()
        said = bisect_right(self._notice_places, self.position)
        self._told.show(self._notices, said, is_played=is_played)

    def forget_after(self, position: int) -> None:
        """Forget what was known of all that comes after a place."""
        if position >= self.known:
            return
        self.known = position
        self._frames.forget_after(position)
        said = bisect_right(self._notice_places, position)
        del self._notices[said:], self._notice_places[said:]
        for places in self._marks.values():
            del places[bisect_right(places, position) :]
        del self._acts[bisect_right(self._acts, position, key=lambda act: act.position) :]

    def hear(self, notice: Notice) -> None:
        """Take in what is said of what happens now."""
        if self._is_again:
            return
        if self._is_between:
            self.forget_after(self._at)
        self._notices.append(replace(notice, number=len(self._notices) + 1))
        self._notice_places.append(self._at)
        if notice.severity != "info":
            self._mark(Mark.ALERT)
        if self._is_between:
            self.show(is_played=True)

    def on_applied(self, row: EventRow, intents: Sequence[IntentTuple]) -> None:
        """Note where orders are sent and filled."""
        if self._is_again:
            return
        if row[_KIND] == EventKind.FILL:
            self._mark(Mark.FILL)
        if intents and any(intent[0] == IntentKind.PLACE for intent in intents):
            self._mark(Mark.ORDER)

    def _mark(self, mark: Mark) -> None:
        places = self._marks[mark]
        if not places or places[-1] != self._at:
            places.append(self._at)

    def _act_again(self) -> None:
        """Do again what people did at this place."""
        self._is_again = True
        while self._n_acts < len(self._acts) and self._acts[self._n_acts].position == self._at:
            self._obey(self._acts[self._n_acts].command)
            self._n_acts += 1
