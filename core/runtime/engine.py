"""
The loop: stamp, journal, step, dispatch, tell.

One `Engine` applies every event, whether it comes from a venue, a timer, a person or a
recorded data set. All of it runs on one event loop, and no event waits for a viewer.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from loguru import logger

from core.domain import events
from core.domain.enums import CommandKind, EventKind, StateReason
from core.domain.errors import JournalError
from core.domain.events import EVENT, EventRow
from core.domain.memory import Rows, allocate
from core.domain.records import INTENT, MAX_INTENTS
from core.jit import entry_of
from core.kernel.state import KernelState, to_bytes
from core.kernel.step import step
from core.runtime.clock import AnchoredClock
from core.runtime.inbox import Inbox
from core.runtime.latency import LatencyRecorder
from core.runtime.rescue import EngineFault, cancels_of, without_new_risk

IntentTuple = tuple[int, ...]
"""An INTENT row as plain numbers, in the order of its fields."""

IntentBytes = bytes
"""INTENT rows, one after another."""

StateBytes = bytes
"""The kernel's state, as `core.kernel.state.to_bytes` writes it."""


Noted = tuple[int, int, Mapping[str, object]]
"""Number of the event, when, and what was noted."""

_NOTES_KEPT = 500
_KIND = 24
"""Offset of an event's kind; little-endian, and no kind needs a second byte."""

_BOOK = EventKind.BOOK.value


class Journal(Protocol):
    """Where events are written before they count."""

    @property
    def rows(self) -> int:
        """Events written."""
        ...

    @property
    def bytes(self) -> int:
        """Bytes written."""
        ...

    @property
    def lag_ms(self) -> float:
        """Age of what is not in the database yet."""
        ...

    def append(self, rows: Sequence[EventRow]) -> None:
        """Write stamped events or raise JournalError."""
        ...

    def decide(self, seq: int, intents: IntentBytes) -> None:
        """Remember what was wanted at an event, to be written with what comes next."""
        ...

    def note(self, seq: int, ts_ns: int, fields: Mapping[str, object]) -> None:
        """Write what a person wants to know of an event."""
        ...

    def checkpoint(self, seq: int, ts_ns: int, state: StateBytes) -> None:
        """Save the whole state."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


def _seq(row: EventRow) -> int:
    return int.from_bytes(row[:8], "little")


class Observer(Protocol):
    """Told of every event after its intents have left."""

    def on_applied(self, row: EventRow, intents: Sequence[IntentTuple]) -> None:
        """Read the state; never change it."""
        ...


class Engine:
    """
    Applies events in order of arrival and hands their intents on.

    Implements `EventSink`: venues `put` and then `flush`.
    """

    MEMORY = ("seq", "notes")
    """What it has in mind between two events, besides the state."""

    def __init__(
        self,
        state: KernelState,
        journal: Journal,
        submit: Callable[[Rows, int], None],
        observer: Observer,
        *,
        now_ns: Callable[[], int] | None = None,
    ) -> None:
        self.state = state
        self.seq = 0
        self.step_latency = LatencyRecorder()
        self.wire_latency = LatencyRecorder()
        self.journal_failure = ""
        """Why the journal is no longer written; empty while it is."""
        self.fault: EngineFault | None = None
        """The first event that could not be applied; None while all could."""
        self.notes: deque[Noted] = deque(maxlen=_NOTES_KEPT)
        """The newest notes, for screens."""
        self._watcher: asyncio.Future[EngineFault] | None = None
        self._has_given_up = False
        self._are_cancels_lost = False
        self._journal = journal
        self._submit = submit
        self._observer = observer
        self._now_ns = now_ns or AnchoredClock()
        self._inbox = Inbox()
        self._is_draining = False
        self._event = allocate(EVENT, 1)
        self._event_bytes = memoryview(self._event.view(np.uint8)).cast("B")
        self._intents = allocate(INTENT, MAX_INTENTS)
        self._apply_event = entry_of(step, state, self._event, 0, self._intents)

    @property
    def merged_books(self) -> int:
        """Book updates that a newer one overtook."""
        return self._inbox.merged_books

    @property
    def journal(self) -> Journal:
        """Where events are written."""
        return self._journal

    def put(self, row: EventRow) -> None:
        """Queue one event."""
        self._inbox.put(row)

    def flush(self, received_ns: int = 0) -> None:
        """
        Apply what is queued, and what that causes to be queued.

        Args:
            received_ns: `time.perf_counter_ns` when the bytes behind it came off the
                socket; 0 if there were none. Measured up to each order's bytes.

        Raises:
            EngineFault: If an event could not be applied, once and while nobody watches:
                see `watch`. All others were applied, and orders are asked to be canceled.
        """
        if self._is_draining:
            return
        self._is_draining = True
        try:
            while self._inbox:
                self._apply(self._inbox.take(), received_ns)
                # What an order causes at once did not come over the wire.
                received_ns = 0
        finally:
            self._is_draining = False
        if self.fault is not None and not self._has_given_up:
            self._give_up(self.fault)

    async def watch(self) -> None:
        """
        Wait for an event that cannot be applied.

        While this waits, `flush` does not raise: who brought the event may be the venue's
        connection, which has cancels to send and answers to hear.

        Raises:
            EngineFault: When there was one.
        """
        self._watcher = asyncio.get_running_loop().create_future()
        if self.fault is not None:
            raise self.fault
        raise await self._watcher

    def checkpoint(self) -> None:
        """Save the state, so that a restart has less to replay."""
        if self.journal_failure:
            return
        try:
            self._journal.checkpoint(self.seq, self._now_ns(), to_bytes(self.state))
        except JournalError as error:
            self._halt_without_journal(error)

    def note(self, fields: Mapping[str, object]) -> None:
        """Write a note to the event that was applied last."""
        if self.journal_failure:
            return
        now_ns = self._now_ns()
        self.notes.append((self.seq, now_ns, fields))
        try:
            self._journal.note(self.seq, now_ns, fields)
        except JournalError as error:
            self._halt_without_journal(error)

    def _apply(self, rows: list[EventRow], received_ns: int) -> None:
        """Journal a batch, step through it, and talk about it when its orders are out."""
        now_ns = self._now_ns()
        seq = self.seq
        for row in rows:
            seq += 1
            events.stamp(row, seq, now_ns)
        if not self.journal_failure:
            try:
                self._journal.append(rows)
            except JournalError as error:
                self._halt_without_journal(error)
        self.seq = seq
        decided = []
        for row in rows:
            try:
                intents = self._step(row, received_ns)
                if row[_KIND] == _BOOK:
                    # The inbox holds one book of an instrument, so its signals will stand.
                    decided.append((row, intents))
                else:
                    self._observer.on_applied(row, intents)
            except Exception as error:  # noqa: BLE001  whatever it was, the rest is applied
                self._break(row, error)
        for row, intents in decided:
            try:
                self._observer.on_applied(row, intents)
            except Exception as error:  # noqa: BLE001  as above
                self._break(row, error)

    def _step(self, row: EventRow, received_ns: int) -> Sequence[IntentTuple]:
        """Apply one event and send what it wants done."""
        self._event_bytes[: len(row)] = row
        started_ns = time.perf_counter_ns()
        count = self._apply_event(self.state, self._event, 0, self._intents)
        self.step_latency.record(time.perf_counter_ns() - started_ns)
        if not count:
            return ()
        try:
            if self.fault is None:
                self._submit(self._intents, count)
            else:
                self._submit(*without_new_risk(self._intents, count))
            if received_ns:
                self.wire_latency.record(time.perf_counter_ns() - received_ns)
        finally:
            if not self.journal_failure:
                self._journal.decide(_seq(row), self._intents[:count].tobytes())
        intents: Sequence[IntentTuple] = self._intents[:count].tolist()
        return intents

    def _halt_without_journal(self, error: JournalError) -> None:
        """
        Trade no further without a record: halt, outside the journal because it is gone.

        Events are still applied, so that the screen stays true and the cancels' answers
        are seen. Only a restart trades again.
        """
        self.journal_failure = str(error)
        halt = events.command(CommandKind.HALT, key=StateReason.JOURNAL_FAILED)
        events.stamp(halt, self.seq, self._now_ns())
        try:
            self._observer.on_applied(halt, self._step(halt, 0))
        except Exception as failure:  # noqa: BLE001  as for any other event
            self._break(halt, failure)

    def _break(self, row: EventRow, error: Exception) -> None:
        """Halt through the inbox, so that the journal has it; once, whatever else breaks."""
        fault = EngineFault(_seq(row), row[_KIND], error)
        logger.opt(exception=error).critical("{}", fault)
        if self.fault is not None:
            self._are_cancels_lost = True
            return
        fault.__cause__ = error
        self.fault = fault
        self._inbox.put(events.command(CommandKind.HALT, key=StateReason.INTERNAL_ERROR))

    def _give_up(self, fault: EngineFault) -> None:
        """Make sure that cancels have left, then tell who watches."""
        self._has_given_up = True
        if self._are_cancels_lost:
            try:
                self._submit(*cancels_of(self.state.orders))
            except Exception as error:  # noqa: BLE001  nothing is left but to say so
                logger.opt(exception=error).critical("orders could not be canceled")
        if self._watcher is None:
            raise fault
        if not self._watcher.done():
            self._watcher.set_result(fault)
