"""
What if a parameter had been another: the rest of a run once more, with a simulated venue.

From one state of the run, two engines trade the recorded books and trades: one with the
parameter changed, one without. Both lose the orders that rested at the real venue and
keep the position. The recorded fills are not used, so what the two differ by comes from
the parameter alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core.domain.enums import CommandKind, EventKind, StateReason, TradingState, VenueState
from core.domain.errors import DataError
from core.domain.events import command, load, stamp, venue_state
from core.domain.instrument import NANOS, Instrument
from core.domain.memory import Rows, as_records
from core.domain.records import SAMPLE_NS
from core.domain.whatif import Curve
from core.journal.reader import JournalReader
from core.kernel.batch import Desk, make_desk
from core.kernel.batch import run_backtest as run_chunk
from core.kernel.recorder import Recorder, make_recorder, take_sample
from core.kernel.state import KernelState, from_bytes, to_bytes
from core.runtime.rewind import Traveler
from core.runtime.run_index import RunIndex

_CHUNK = 512
"""Events between two looks at something else: a few milliseconds for all three."""

_FILLS = 4_096

_MARKET = (EventKind.BOOK, EventKind.TRADE, EventKind.OBSERVATION, EventKind.MODEL_UPDATED)
_WISHES = (
    CommandKind.HALT,
    CommandKind.RESUME,
    CommandKind.PAUSE,
    CommandKind.CANCEL_ALL,
    CommandKind.FLATTEN,
    CommandKind.SET_PARAMETER,
)
"""Commands that mean the same in another life; one for a single order does not."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where the lives part."""

    position: int
    ts_ns: int
    state: bytes


@dataclass(frozen=True, slots=True)
class WhatIfResult:
    """How the same stretch went three times; see `core.domain.whatif.WhatIfView`."""

    recorded: Curve
    base: Curve
    changed: Curve


class WhatIf:
    """
    One comparison, done bit by bit.

    Args:
        journal: Of the run.
        index: What was found when it was gone through.
        make_state: Makes a state of the run's instruments.
        position: From where; moved on to where the venue was connected.
        parameter: Place of the parameter in the PARAMS record.
        value: What it is set to.
    """

    def __init__(
        self,
        journal: JournalReader,
        index: RunIndex,
        make_state: Callable[[], KernelState],
        position: int,
        parameter: int,
        value: float,
    ) -> None:
        self._index = index
        self._traveler = Traveler(journal, index.frames, make_state())
        self._journal = journal
        self._position = position
        self._parameter = parameter
        self._value = value
        self._make_state = make_state
        self.beginning: Beginning | None = None
        """None until the run has been brought there."""
        self.result: WhatIfResult | None = None
        """None until it is done."""

    def run(self) -> Iterator[float]:
        """
        Go through the rest of the run.

        Yields:
            How much of it is done, 0 to 1, every few milliseconds.

        Raises:
            DataError: If there is nothing left of the run, or it cannot be read.
        """
        yield from self._find_beginning()
        beginning = self.beginning
        assert beginning is not None
        instruments, length = self._index.instruments, self._index.length
        samples = (self._index.ts_at(length) - beginning.ts_ns) // SAMPLE_NS + 3
        recorded = _Recorded(self._traveler, samples)
        base = _Life(self._make_state(), beginning, instruments, samples)
        changed = _Life(
            self._make_state(), beginning, instruments, samples, (self._parameter, self._value)
        )
        done = beginning.position
        for stored in self._journal.events(after=done, chunk=_CHUNK):
            # A running engine writes on, and the journal may be damaged further on.
            rows = stored[: length - done]
            recorded.go(len(rows))
            base.go(rows)
            changed.go(rows)
            done += len(rows)
            yield (done - beginning.position) / (length - beginning.position)
            if done == length:
                break
        end_ns = self._index.ts_at(length)
        self.result = WhatIfResult(*(life.end(end_ns) for life in (recorded, base, changed)))

    def _find_beginning(self) -> Iterator[float]:
        """Without a venue nothing is comparable: find the next moment that has one."""
        traveler = self._traveler
        traveler.start_for(self._position)
        while not self._is_there():
            if traveler.position >= self._index.length:
                raise DataError(
                    self._journal.path, "nothing is left of the run with a venue connected"
                )
            for _ in range(_CHUNK):
                traveler.apply_next()
                if self._is_there() or traveler.position >= self._index.length:
                    break
            yield 0.0
        if traveler.position >= self._index.length:
            raise DataError(self._journal.path, "the run ends here: nothing is left to compare")
        self.beginning = Beginning(
            traveler.position, self._index.ts_at(traveler.position), to_bytes(traveler.state)
        )

    def _is_there(self) -> bool:
        traveler = self._traveler
        is_synced = int(traveler.state.account["venue_state"][0]) == VenueState.SYNCED
        return traveler.position >= self._position and is_synced


class _Recorded:
    """What really happened, with a sample a second."""

    def __init__(self, traveler: Traveler, samples: int) -> None:
        self._traveler = traveler
        self._recorder = make_recorder(len(traveler.state.instruments), samples, 1)
        self._start = _Start(traveler.state)
        take_sample(traveler.state, self._recorder, int(traveler.state.account["ts_ns"][0]))

    def go(self, events: int) -> None:
        """Apply some events."""
        traveler, clock = self._traveler, self._recorder.clock[0]
        for _ in range(events):
            traveler.apply_next()
            now_ns = int(traveler.state.account["ts_ns"][0])
            if now_ns >= clock["next_sample_ns"]:
                take_sample(traveler.state, self._recorder, now_ns)

    def end(self, ts_ns: int) -> Curve:
        """Sum it up."""
        take_sample(self._traveler.state, self._recorder, ts_ns)
        return _curve(self._traveler.state, self._recorder, self._start)


class _Life:
    """One engine on the simulated venue, from the beginning on."""

    def __init__(
        self,
        state: KernelState,
        beginning: Beginning,
        instruments: tuple[Instrument, ...],
        samples: int,
        change: tuple[int, float] | None = None,
    ) -> None:
        from_bytes(state, beginning.state)
        self._state = state
        self._desk: Desk = make_desk(instruments)
        self._recorder: Recorder = make_recorder(len(instruments), samples, _FILLS)
        self._changed = -1
        self._start = _Start(state)
        # The venue's numbers must be new to the state, which ignores a fill that it knows.
        account = state.account[0]
        self._desk.simulation.tape["trade_id"] = max(
            int(account["last_trade_ids"].max()), int(account["fill_ids"].max())
        )
        first = [venue_state(VenueState.CONNECTED), venue_state(VenueState.SYNCED)]
        if change is not None:
            self._changed, value = change
            first.insert(0, command(CommandKind.SET_PARAMETER, key=self._changed, value=value))
        for row in first:
            stamp(row, 0, beginning.ts_ns)
        self._run(load(first))

    def go(self, rows: Rows) -> None:
        """Trade a stretch of the recording."""
        kinds, codes = rows["kind"], rows["code"]
        keys = rows["key"]
        is_wish = (kinds == EventKind.COMMAND) & np.isin(codes, _WISHES)
        # The engine's own halts had reasons that need not exist here.
        is_wish &= (codes != CommandKind.HALT) | np.isin(keys, (0, StateReason.OPERATOR))
        is_wish &= (codes != CommandKind.SET_PARAMETER) | (keys != self._changed)
        wanted = rows[np.isin(kinds, _MARKET) | is_wish]
        if len(wanted):
            self._run(as_records(wanted))

    def end(self, ts_ns: int) -> Curve:
        """Sum it up."""
        take_sample(self._state, self._recorder, ts_ns)
        return _curve(self._state, self._recorder, self._start)

    def _run(self, events: Rows) -> None:
        clock = self._recorder.clock[0]
        start = 0
        while start < len(events):
            start = run_chunk(self._state, self._desk, self._recorder, events, start, len(events))
            clock["fills"] = 0
            if clock["unfinished"]:
                # An event with orders without end: what it has caused stands, and on it goes.
                clock["unfinished"] = 0
                start += 1


class _Start:
    """What there was before the stretch."""

    def __init__(self, state: KernelState) -> None:
        account = state.account[0]
        self.equity_nanos = int(account["equity_nanos"])
        self.fees_nanos = int(account["fees_nanos"])
        self.fills = int(account["fills"])


def _curve(state: KernelState, recorder: Recorder, start: _Start) -> Curve:
    samples = int(recorder.clock[0]["samples"])
    ts_ns = recorder.curves.ts_ns[:samples]
    equity = recorder.curves.equity_nanos[:samples] / NANOS
    account = state.account[0]
    return Curve(
        ts_ns=tuple(ts_ns.tolist()),
        equity=tuple(equity.tolist()),
        pnl=(int(account["equity_nanos"]) - start.equity_nanos) / NANOS,
        fees=(int(account["fees_nanos"]) - start.fees_nanos) / NANOS,
        fills=int(account["fills"]) - start.fills,
        max_drawdown_pct=_drawdown_pct(equity),
        trading_state=TradingState(int(account["trading_state"])).name,
    )


def _drawdown_pct(equity: Rows) -> float:
    peaks = np.maximum.accumulate(equity)
    falls = np.where(peaks > 0, (peaks - equity) / np.where(peaks > 0, peaks, 1.0), 0.0)
    return float(falls.max(initial=0.0)) * 100.0
