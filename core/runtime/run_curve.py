"""What an account was worth and which regimes ruled, sampled over all of a run."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from core.domain.enums import EventKind
from core.domain.events import EventRow
from core.domain.instrument import NANOS
from core.domain.memory import IntArray
from core.kernel.state import KernelState
from core.reports.session import SessionCurve
from core.runtime.engine import IntentTuple


class RunCurve:
    """
    Watches a run; implements `Observer`. An event that is no timer costs one comparison.

    The kernel's own samples, one a second, kept for all of the run: 17 bytes each and one
    more for every instrument.

    Args:
        state: What is watched.
    """

    def __init__(self, state: KernelState) -> None:
        self._state = state
        self._head = int(state.account["history_head"][0])
        self._ts_ns = array("q")
        self._equity_nanos = array("q")
        self._peak_nanos = array("q")
        self._regimes = bytearray()

    def on_applied(self, row: EventRow, _intents: Sequence[IntentTuple]) -> None:
        """Take a new sample in, if there is one."""
        if row[24] != EventKind.TIMER:
            return
        account = self._state.account[0]
        head = int(account["history_head"])
        if head == self._head:
            return
        self._head = head
        self._ts_ns.append(int(account["ts_ns"]))
        self._equity_nanos.append(int(account["equity_nanos"]))
        self._peak_nanos.append(int(account["peak_equity_nanos"]))
        self._regimes += bytes(self._state.instruments["regime"].tolist())

    @property
    def curve(self) -> SessionCurve:
        """All samples so far."""
        count = len(self._ts_ns)
        regimes = np.frombuffer(bytes(self._regimes), np.uint8).astype(np.int64)
        return SessionCurve(
            ts_ns=_ints(self._ts_ns),
            equity=_ints(self._equity_nanos) / NANOS,
            peak=_ints(self._peak_nanos) / NANOS,
            regimes=regimes.reshape(count, len(self._state.instruments)),
        )


def _ints(values: array[int]) -> IntArray:
    return np.array(values, np.int64)
