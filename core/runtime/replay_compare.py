"""
Recorded data traded twice, side by side: by the compiled loop and by the live engine's.

Both begin with the same state and take one row at a time. What each wanted and what was
filled at a row is compared, and so is the account; every so often, the whole state.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.data.dataset import DataSet
from core.domain.enums import EventKind
from core.domain.errors import FatalError
from core.domain.events import EventRow
from core.domain.memory import Rows
from core.kernel.batch import Desk, backtest_of
from core.kernel.recorder import make_recorder
from core.kernel.state import KernelState, to_bytes
from core.runtime.difference import (
    Difference,
    difference_of_decisions,
    difference_of_event,
    difference_of_states,
)
from core.runtime.engine import Engine, IntentBytes, IntentTuple
from core.runtime.replay_journal import NoJournal
from core.runtime.replay_rows import RecordedRows

_STATE_EVERY = 1_024
"""Rows between two whole states that are compared."""

_KIND = 24
_header = struct.Struct("<15q").unpack_from

Fill = tuple[int, int, int, int, int, int, int, int]
"""Time, order, instrument, side, ticks, lots, fee in nanos, liquidity."""


class Listening(NoJournal):
    """
    Keeps what is wanted and filled until somebody takes it.

    Implements `Journal` and `Observer`.
    """

    def __init__(self) -> None:
        self._wanted = bytearray()
        self._fills: list[Fill] = []

    def decide(self, seq: int, intents: IntentBytes) -> None:
        """Keep what is wanted."""
        del seq
        self._wanted += intents

    def on_applied(self, row: EventRow, intents: Sequence[IntentTuple]) -> None:
        """Keep fills."""
        del intents
        if row[_KIND] == EventKind.FILL:
            (_, ts, _, _, index, order_id, side, ticks, lots, _, _, how, _, fee, _) = _header(row)
            self._fills.append((ts, order_id, index, side, ticks, lots, fee, how))

    def take(self) -> tuple[IntentBytes, list[Fill]]:
        """Hand over what has come since it was asked last."""
        taken = bytes(self._wanted), self._fills
        self._wanted.clear()
        self._fills = []
        return taken


@dataclass(slots=True)
class LoopsCompared:
    """What the two lives had in common."""

    events: int = 0
    """Rows that both took, that of the difference included."""
    decisions: int = 0
    """Rows at which something was wanted by either."""
    fills: int = 0
    states: int = 0
    """Whole states compared."""
    position: int = 0
    """Row of the difference, counted from 1; 0 without one."""
    first_difference: Difference | None = None
    """`recorded` is the compiled loop's, `replayed` the live one's."""

    @property
    def identical(self) -> bool:
        """Nothing differs."""
        return self.first_difference is None


class Lockstep:
    """
    Two loops over one data set.

    Args:
        data: Whose rows are numbered in place.
        engine: The live loop's, with its venue connected and nothing played.
        rows: Which feed it.
        heard: Its journal and observer.
        state: The compiled loop's; the same as the engine's, byte for byte.
        desk: The compiled loop's venue, which nothing has happened to either.
    """

    def __init__(
        self,
        data: DataSet,
        engine: Engine,
        rows: RecordedRows,
        heard: Listening,
        state: KernelState,
        desk: Desk,
    ) -> None:
        self._data = data
        self._engine = engine
        self._rows = rows
        self._heard = heard
        self._state = state
        self._desk = desk
        self._recorder = make_recorder(len(data.instruments), 0, 1)
        self._run = backtest_of(self._state, self._desk, self._recorder)
        self._accounts = [each.account.view(np.int64) for each in (state, engine.state)]
        self.result = LoopsCompared()

    def run(self) -> Iterator[tuple[int, int]]:
        """
        Compare until the end or the first difference; then see `result`.

        Yields:
            Rows done and rows in all, now and then.

        Raises:
            FatalError: If kernel and venue answer each other without end.
        """
        self._heard.take()
        result, length = self.result, self._rows.length
        while result.events < length and result.identical:
            self._take_row(result.events)
            if result.events % _STATE_EVERY == 0 or result.events == length:
                self._compare_states()
                yield result.events, length

    def _take_row(self, row: int) -> None:
        wanted, fills = self._compiled(row)
        if not self._rows.play_next():
            raise FatalError(f"replay: row {row + 1} is of no instrument that is traded")
        result, event = self.result, self._data.events[row]
        result.events += 1
        live_wanted, live_fills = self._heard.take()
        result.decisions += bool(wanted or live_wanted)
        result.fills += len(fills)
        if wanted != live_wanted:
            self._differs(
                difference_of_decisions(
                    event, wanted or None, live_wanted or None, self._data.instruments
                )
            )
        elif fills != live_fills:
            self._differs(difference_of_event(event, "fill", _words(fills), _words(live_fills)))
        elif not np.array_equal(*self._accounts):
            self._compare_states()

    def _compiled(self, row: int) -> tuple[IntentBytes, list[Fill]]:
        """Take a row in the compiled loop; what it wanted, and what was filled."""
        post, clock = self._desk.post, self._recorder.clock[0]
        before = int(post.line["intents_sent"][0])
        self._run(self._data.events, row, row + 1)
        if clock["unfinished"]:
            raise FatalError(
                f"replay: row {row + 1} caused more orders than can be carried out; "
                "kernel and venue answer each other without end"
            )
        sent = np.arange(before, int(post.line["intents_sent"][0])) % len(post.intents)
        wanted = post.intents[sent].tobytes() if len(sent) else b""
        count = int(clock["fills"])
        if not count:
            return wanted, []
        clock["fills"] = 0
        return wanted, [_fill(each) for each in self._recorder.fills[:count]]

    def _compare_states(self) -> None:
        if self.result.first_difference is not None:
            return
        compiled, live = to_bytes(self._state), to_bytes(self._engine.state)
        self.result.states += 1
        if compiled != live:
            event = self._data.events[self.result.events - 1]
            self._differs(difference_of_states(event, compiled, live, self._data.instruments))

    def _differs(self, difference: Difference) -> None:
        self.result.first_difference = difference
        self.result.position = self.result.events


_FILL_FIELDS = (
    "ts_ns", "order_id", "instrument", "side", "price_ticks", "lots", "fee_nanos", "liquidity",
)  # fmt: skip


def _fill(row: Rows) -> Fill:
    return tuple(int(row[name]) for name in _FILL_FIELDS)  # type: ignore[return-value]  # that many


def _words(fills: Sequence[Fill]) -> str:
    told = [
        f"{lots} lots of order {order_id} at {ticks} ticks, fee {fee} nanos, at {ts_ns} ns"
        for ts_ns, order_id, _, _, ticks, lots, fee, _ in fills[:3]
    ]
    return "; ".join(told) or "nothing"
