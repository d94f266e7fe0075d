"""Any state of a recorded run, by the shortest way: the state before it, and the events between."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from core.domain.errors import DataError
from core.domain.memory import Rows, allocate
from core.domain.records import INTENT, MAX_INTENTS
from core.journal.reader import JournalReader
from core.kernel.state import KernelState, from_bytes
from core.kernel.step import step
from core.runtime.frames import Frames

_WINDOW = 1_024
"""Events read at once: about two milliseconds of reading."""


class EventWindow:
    """The events of a journal, a window at a time."""

    def __init__(self, journal: JournalReader) -> None:
        self._journal = journal
        self._rows: Rows = None
        self._first = 0
        self._last = -1

    def find(self, seq: int) -> tuple[Rows, int]:
        """
        EVENT rows and the place of event `seq` among them.

        Raises:
            DataError: If it is not there, or damaged.
        """
        if not self._first <= seq <= self._last:
            rows = next(self._journal.events(after=seq - 1, chunk=_WINDOW), None)
            if rows is None:
                raise DataError(self._journal.path, f"event {seq} is not there any more")
            self._rows, self._first, self._last = rows, seq, seq + len(rows) - 1
        return self._rows, seq - self._first


class Traveler:
    """
    A state on its way through a run.

    Whatever way it takes, it is the same bits at the same position: every state that it
    starts from was made by the same events.
    """

    def __init__(self, journal: JournalReader, frames: Frames[bytes], state: KernelState) -> None:
        """
        Begin before the first event.

        Args:
            journal: Of the run.
            frames: Its states.
            state: Of the run's instruments; overwritten.
        """
        self.state = state
        self.position = 0
        self._frames = frames
        self._window = EventWindow(journal)
        self._intents = allocate(INTENT, MAX_INTENTS)
        from_bytes(state, frames.nearest(0)[1])

    def start_for(self, position: int) -> None:
        """Go to the state nearest before a position, which may be where it is."""
        seq, stored = self._frames.nearest(position)
        if not seq <= self.position <= position:
            from_bytes(self.state, stored)
            self.position = seq

    def advance(self, position: int, is_enough: Callable[[], bool]) -> bool:
        """
        Go on towards a position.

        Args:
            position: Not before the present one.
            is_enough: Asked after every event; True to come back to it later.

        Returns:
            True once it is there.

        Raises:
            DataError: If an event can no longer be read.
        """
        while self.position < position:
            self.apply_next()
            if is_enough():
                break
        return self.position >= position

    def apply_next(self) -> None:
        """
        Apply the next event. One that the engine could not apply is passed over, as it was.

        Raises:
            DataError: If it cannot be read.
        """
        rows, index = self._window.find(self.position + 1)
        # What could not be applied was said when the run was gone through.
        with suppress(Exception):
            step(self.state, rows, index, self._intents)
        self.position += 1
