"""
A recorded run, gone through once: what happened at which event, and whether it fits.

Going through it makes everything that a replay needs to be anywhere at once: states to
start from, the times of all events, what was said to people, and where something worth
looking at happened. Decisions and saved states are compared on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.api.notice_log import NoticeLog
from core.domain.enums import EventKind, IntentKind
from core.domain.errors import DataError
from core.domain.events import EVENT_BYTES
from core.domain.instrument import Instrument
from core.domain.memory import IntArray, Rows
from core.domain.snapshot import Notice
from core.journal.beginning import Beginning
from core.journal.reader import JournalReader, Note
from core.kernel.state import KernelState, to_bytes
from core.runtime.difference import Difference
from core.runtime.engine import IntentTuple, Observer
from core.runtime.frames import Frames
from core.runtime.replay_marks import Mark
from core.runtime.reporter import Reporter
from core.runtime.retold import is_by_a_person, retell
from core.runtime.session_ledger import SessionLedger
from core.runtime.verify import Comparison, Verification

_KIND = 24
"""Offset of an event's kind; little-endian, and no kind needs a second byte."""

_FILL = EventKind.FILL.value

_ORDERS_KEPT = 20_000
"""Of those that ended, for the page of them."""

CHUNK = 1_024
"""Events gone through between two looks at something else: a few milliseconds."""


@dataclass(frozen=True, slots=True)
class RunIndex:
    """What there is to know of a run without stepping through it again."""

    instruments: tuple[Instrument, ...]
    verification: Verification
    ts_ns: IntArray
    """Recorded time of event n at n - 1."""
    notices: tuple[Notice, ...]
    """Numbered from 1, oldest first."""
    notice_seqs: IntArray
    """Event of each of them."""
    marks: dict[Mark, IntArray]
    """Events at which there is one, in order, each once."""
    frames: Frames[bytes]
    notes: tuple[Note, ...]
    """Of the journal, oldest first."""
    note_seqs: IntArray
    ledger: SessionLedger
    """Of the whole run."""

    @property
    def length(self) -> int:
        """Events that can be played."""
        return len(self.ts_ns)

    def ts_at(self, position: int) -> int:
        """Recorded time after `position` events; that of the first event at the start."""
        if not self.length:
            return 0
        return int(self.ts_ns[max(position, 1) - 1])

    def notices_until(self, position: int) -> int:
        """How many notices have been said after `position` events."""
        return int(np.searchsorted(self.notice_seqs, position, side="right"))

    def notes_until(self, position: int) -> list[tuple[int, int, dict[str, Any]]]:
        """Notes of the journal after `position` events: seq, ts_ns and fields."""
        count = int(np.searchsorted(self.note_seqs, position, side="right"))
        return [(note.seq, note.ts_ns, note.fields) for note in self.notes[:count]]

    def counts(self) -> dict[str, int]:
        """Events at which there is something of each kind."""
        return {f"{mark.value}s": len(self.marks[mark]) for mark in Mark}


class Indexer:
    """
    Goes through a run.

    Args:
        journal: Of the run.
        beginning: What it began with.
        state: As `verify.first_state` makes it; driven to the end of the run.
        observers: Told of every event too, after all else has been.
    """

    def __init__(
        self,
        journal: JournalReader,
        beginning: Beginning,
        state: KernelState,
        *observers: Observer,
    ) -> None:
        self._observers = observers
        self._beginning = beginning
        self._state = state
        self._comparison = Comparison(journal, state, beginning, self._on_applied)
        self._frames = Frames(to_bytes(state))
        self._times: list[int] = []
        self._notices: list[Notice] = []
        self._notice_seqs: list[int] = []
        self._fills: list[int] = []
        self._orders: list[int] = []
        self._alerts: list[int] = []
        self._by_people: list[int] = []
        self._log = NoticeLog(1)
        self._reporter = Reporter(self._log, state, beginning.instruments, self._keep)
        self._ledger = SessionLedger(
            state, beginning.instruments, self._reporter.reason_of, orders_kept=_ORDERS_KEPT
        )
        self._notes, self._lost_notes = _by_event(journal)
        self._seq = 0
        self._rows: Rows = None
        self._first = 0
        self._chunk_times: list[int] = []
        self._chunk = bytearray()
        self._difference: Difference | None = None

    def run(self) -> Iterator[tuple[int, int]]:
        """
        Go through it; then ask for `index`.

        Yields:
            Events done and events in all, every few milliseconds.
        """
        self._tell_notes(0)
        yield from self._comparison.chunks(CHUNK)
        damage = self._verification.damage
        if damage:
            self._reporter.say("engine", "alarm", f"the recording ends here: {damage}")

    @property
    def index(self) -> RunIndex:
        """What was found."""
        seqs = np.array(self._notice_seqs, np.int64)
        notes = [note for seq in sorted(self._notes) for note in self._notes[seq]]
        return RunIndex(
            instruments=self._beginning.instruments,
            verification=self._verification,
            # Searched by time: a clock that went back must not hide what came after.
            ts_ns=np.maximum.accumulate(np.array(self._times, np.int64)),
            notices=tuple(self._notices),
            notice_seqs=seqs,
            marks={
                Mark.FILL: np.array(self._fills, np.int64),
                Mark.ORDER: np.array(self._orders, np.int64),
                Mark.ALERT: np.unique(np.array(self._alerts, np.int64)),
                Mark.NOTE: np.unique(np.array(self._by_people, np.int64)),
            },
            frames=self._frames,
            notes=tuple(notes),
            note_seqs=np.array([note.seq for note in notes], np.int64),
            ledger=self._ledger,
        )

    @property
    def _verification(self) -> Verification:
        return self._comparison.result

    def _on_applied(self, rows: Rows, index: int, intents: Rows) -> None:
        if rows is not self._rows:
            self._begin_chunk(rows)
        self._seq = seq = self._first + index
        self._times.append(self._chunk_times[index])
        row = self._chunk[index * EVENT_BYTES : (index + 1) * EVENT_BYTES]
        if row[_KIND] == _FILL:
            self._fills.append(seq)
        listed: list[IntentTuple] = intents.tolist() if len(intents) else []
        if listed and any(intent[0] == IntentKind.PLACE for intent in listed):
            self._orders.append(seq)
        if seq == 1:
            self._tell_doubts()
        self._reporter.on_applied(row, listed)
        self._ledger.on_applied(row, listed)
        for observer in self._observers:
            observer.on_applied(row, listed)
        if seq in self._notes:
            self._tell_notes(seq)
        if self._verification.first_difference is not self._difference:
            self._tell_difference()
        if self._frames.is_due(seq):
            self._frames.keep(seq, to_bytes(self._state))

    def _begin_chunk(self, rows: Rows) -> None:
        """Field by field is ten times as slow as all of a chunk at once."""
        self._rows = rows
        self._first = int(rows["seq"][0])
        self._chunk_times = rows["ts_ns"].tolist()
        self._chunk = bytearray(rows.tobytes())

    def _keep(self, notice: Notice) -> None:
        self._notices.append(notice)
        self._notice_seqs.append(self._seq)
        if notice.severity != "info":
            self._alerts.append(self._seq)

    def _tell_notes(self, seq: int) -> None:
        for note in self._notes.get(seq, ()):
            if is_by_a_person(note):
                self._by_people.append(seq)
            said = retell(note, self._beginning.run_id)
            if said is not None:
                kind, severity, text = said
                self._keep(self._log.append(Notice(0, note.ts_ns, kind, severity, text)))

    def _tell_doubts(self) -> None:
        """Say at the very beginning what may not be as it was."""
        if self._verification.kernel_recorded != self._verification.kernel_now:
            self._reporter.say(
                "engine",
                "warning",
                "the program has changed since this run: decisions may differ from the recorded",
            )
        if self._lost_notes:
            self._reporter.say(
                "engine", "alarm", f"what people asked for is not all here: {self._lost_notes}"
            )

    def _tell_difference(self) -> None:
        difference = self._difference = self._verification.first_difference
        assert difference is not None
        self._reporter.say(
            "engine",
            "alarm",
            f"this replay differs from the run in a {difference.what} at event "
            f"{difference.seq:,}: recorded {difference.recorded}; replayed {difference.replayed}",
        )


def _by_event(journal: JournalReader) -> tuple[dict[int, list[Note]], str]:
    """Notes by the event they belong to, and why there are no more of them."""
    notes: dict[int, list[Note]] = {}
    try:
        for note in journal.notes():
            notes.setdefault(note.seq, []).append(note)
    except DataError as error:
        return notes, error.reason
    return notes, ""
