"""Recorded rows keep their own time, with the timers of a backtest in between."""

from __future__ import annotations

from core.data.dataset import DataSet
from core.domain import events
from core.domain.enums import EventKind
from core.kernel.post import NEVER
from core.runtime.replay_rows import RecordedClock, RecordedRows
from tests.unit.kernel.kernel_rig import EISBACH

START_NS = 1_763_800_000_100_000_000


class Listener:
    """Stands for venue and engine, and writes down what comes when."""

    is_connected = True

    def __init__(self, clock: RecordedClock) -> None:
        self.clock = clock
        self.seen: list[tuple[str, int]] = []
        self.is_deaf = False

    def feed(self, rows, row: int, venue_ns: int) -> bool:
        if self.is_deaf:
            return False
        self.seen.append(("book", self.clock.now_ns - START_NS))
        return True

    def venue_time(self, rows, row: int) -> int:
        return int(rows[row]["ts_ns"])

    def next_due_ns(self, venue_ns: int) -> int:
        return NEVER

    def deliver(self, venue_ns: int) -> None:
        raise AssertionError("nothing is on its way")

    def put(self, row: bytearray) -> None:
        assert row[24] == EventKind.TIMER
        self.seen.append(("timer", self.clock.now_ns - START_NS))

    def flush(self) -> None:
        pass


def recording(*offsets_ms: int) -> DataSet:
    rows = []
    for number, offset_ms in enumerate(offsets_ms, start=1):
        row = events.book(0, [(3400, 5)], [(3402, 6)])
        events.stamp(row, number, START_NS + offset_ms * 1_000_000)
        rows.append(row)
    return DataSet((EISBACH,), "prosperity", events.load(rows), ())


def make(*offsets_ms: int) -> tuple[RecordedRows, Listener]:
    data = recording(*offsets_ms)
    clock = RecordedClock(data.first_ts_ns)
    listener = Listener(clock)
    looks = lambda: listener.seen.append(("look", clock.now_ns - START_NS))  # noqa: E731
    return RecordedRows(data, listener, clock, listener, looks), listener


def test_events_happen_at_their_own_time_with_timers_in_between() -> None:
    rows, listener = make(0, 40, 600)
    while rows.position < rows.length:
        assert rows.play_next()
    # The first timer comes with the first event, then one every quarter of a second.
    timers = [("timer", 0), ("timer", 250_000_000), ("timer", 500_000_000)]
    books = [("book", 0), ("book", 40_000_000), ("book", 600_000_000)]
    seen = [entry for entry in listener.seen if entry[0] != "look"]
    assert seen == [timers[0], books[0], books[1], timers[1], timers[2], books[2]]


def test_after_each_timer_others_may_look() -> None:
    rows, listener = make(0, 300)
    while rows.position < rows.length:
        rows.play_next()
    assert [kind for kind, _ in listener.seen] == ["timer", "look", "book", "timer", "look", "book"]


def test_a_silence_is_filled_with_timers_for_a_minute() -> None:
    rows, listener = make(0, 40, 3_600_000)
    while rows.position < rows.length:
        rows.play_next()
    assert [kind for kind, _ in listener.seen].count("timer") == 242


def test_a_venue_that_is_not_connected_loses_nothing() -> None:
    rows, listener = make(0, 10)
    listener.is_deaf = True
    assert not rows.play_next()
    assert rows.position == 0
    listener.is_deaf = False
    assert rows.play_next()
    assert listener.seen.count(("timer", 0)) == 1
