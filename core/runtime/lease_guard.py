"""No order leaves without the lease."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import numpy as np

from core.domain import events
from core.domain.enums import (
    CommandKind,
    IntentKind,
    RejectReason,
    StateReason,
    TradingState,
)
from core.domain.memory import Rows
from core.domain.refusals import refusals
from core.runtime.engine import Engine

CHECK_EVERY_S = 0.25
"""What was seen longer ago is looked at again before an order leaves."""

_NEW_RISK = (IntentKind.PLACE.value, IntentKind.REPLACE.value)


class Held(Protocol):
    """A right that may be taken from us at any time."""

    def is_held(self) -> bool:
        """Whether it is still ours."""
        ...


class LeaseGuard:
    """
    Stands between an engine and its venue.

    A process that was stopped for a while goes on with what has piled up on its socket:
    the guard looks at the lease before the first order that this brings about. Cancels
    pass in any case.

    Args:
        lease: Of the account that is traded, or of all accounts together.
        submit: The venue's.
        clock: Monotonic, in seconds.
    """

    def __init__(
        self,
        lease: Held,
        submit: Callable[[Rows, int], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lease = lease
        self._submit = submit
        self._clock = clock
        self._checked_s = clock()
        self._is_lost = False
        self._engine: Engine | None = None

    def attach(self, engine: Engine) -> None:
        """Name the engine that is halted when the lease is lost."""
        self._engine = engine

    def check(self) -> bool:
        """
        Look whether the lease is still held; queue a halt if it is not, never flush.

        Returns:
            Whether it is.
        """
        self._checked_s = self._clock()
        if self._lease.is_held():
            return True
        engine = self._engine
        assert engine is not None
        # A halt of the operator's is not enough: a re-arm would end it.
        is_halted = engine.state.account["trading_state"][0] == TradingState.HALTED
        if not (self._is_lost and is_halted):
            engine.put(events.command(CommandKind.HALT, key=StateReason.LEASE_LOST))
        self._is_lost = True
        return False

    def submit(self, intents: Rows, count: int) -> None:
        """Pass intents on; without the lease, refuse those that could open anything."""
        if self._is_lost or (self._clock() - self._checked_s > CHECK_EVERY_S and not self.check()):
            self._refuse(intents, count)
        else:
            self._submit(intents, count)

    def _refuse(self, intents: Rows, count: int) -> None:
        assert self._engine is not None
        wanted = intents[:count]
        is_new = np.isin(wanted["kind"], _NEW_RISK)
        for row in refusals(wanted[is_new].tolist(), RejectReason.FENCED):
            self._engine.put(row)
        kept = wanted[~is_new]
        if len(kept):
            self._submit(kept, len(kept))
