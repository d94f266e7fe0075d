"""Recorded rows through the live engine, one after another, with the timers of a backtest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from core.data.dataset import DataSet
from core.domain import events
from core.domain.events import EventRow
from core.domain.memory import Rows
from core.kernel.batch import PAUSE_NS, TIMER_NS


class RecordedVenue(Protocol):
    """A venue that recorded events are fed into."""

    @property
    def is_connected(self) -> bool:
        """Whether events can be fed into it."""
        ...

    def feed(self, events: Rows, row: int, venue_ns: int) -> bool:
        """Let one recorded event happen, there at `venue_ns`; False if it is not connected."""
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


class Sink(Protocol):
    """What timers are put into."""

    def put(self, row: EventRow) -> None:
        """Queue one event."""
        ...

    def flush(self) -> None:
        """Apply what is queued."""
        ...


class RecordedClock:
    """The time of the recording, which the engine takes for the present."""

    def __init__(self, now_ns: int) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        """Nanoseconds, UTC."""
        return self.now_ns


class RecordedRows:
    """
    A data set, and how much of it has happened.

    Args:
        data: In order of time.
        venue: Takes the rows.
        clock: Set to the time of each event before it happens.
        engine: Takes the timers.
        on_timer: Called after each of them.
    """

    MEMORY = ("next_timer_ns",)
    """What it has in mind between two rows, besides where it is and what time it is."""

    def __init__(
        self,
        data: DataSet,
        venue: RecordedVenue,
        clock: RecordedClock,
        engine: Sink,
        on_timer: Callable[[], None] | None = None,
    ) -> None:
        self._data = data
        self._venue = venue
        self._engine = engine
        self._on_timer = on_timer
        self.clock = clock
        self.ts_ns = data.events["ts_ns"]
        self.times = self.ts_ns.tolist()
        """The same as plain numbers."""
        self.position = 0
        """Rows that have happened."""
        self.next_timer_ns = 0

    @property
    def length(self) -> int:
        """Rows in all."""
        return len(self.times)

    @property
    def is_ready(self) -> bool:
        """Whether rows can happen: there is somebody to hear them."""
        return self._venue.is_connected

    def play_next(self) -> bool:
        """Let the next row happen, and before it what is due; False if the venue is not there."""
        row, rows = self.position, self._data.events
        ts_ns = self.times[row]
        venue_ns = self._venue.venue_time(rows, row)
        self._let_time_pass(ts_ns, venue_ns)
        self.clock.now_ns = ts_ns
        if not self._venue.feed(rows, row, venue_ns):
            return False
        self.position += 1
        return True

    def _let_time_pass(self, now_ns: int, venue_ns: int) -> None:
        """Let happen what is due, in order of time, exactly as `kernel.batch` does."""
        if self.next_timer_ns == 0:
            self.next_timer_ns = now_ns
        last_ns = min(now_ns, self.next_timer_ns + PAUSE_NS)
        while True:
            due_ns = self._venue.next_due_ns(venue_ns)
            is_ringing = self.next_timer_ns <= last_ns
            if due_ns <= now_ns and not (is_ringing and self.next_timer_ns < due_ns):
                self.clock.now_ns = max(self.clock.now_ns, due_ns)
                self._venue.deliver(min(due_ns, venue_ns))
            elif is_ringing:
                self.clock.now_ns = self.next_timer_ns
                self._ring()
            else:
                break
        if self.next_timer_ns <= now_ns:
            # After a long silence, they go on at full quarters of a second.
            self.next_timer_ns = (now_ns // TIMER_NS + 1) * TIMER_NS

    def _ring(self) -> None:
        self._engine.put(events.timer())
        self._engine.flush()
        if self._on_timer is not None:
            self._on_timer()
        self.next_timer_ns += TIMER_NS
