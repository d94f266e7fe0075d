"""Compiling the loops of backtests before anybody waits for them."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from core.domain.events import EVENT
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import allocate
from core.domain.records import INTENT, MAX_INTENTS, PARAMS
from core.kernel.batch import backtest_of, make_desk, run_events
from core.kernel.prosperity import make_floor, tick_of
from core.kernel.recorder import make_recorder
from core.kernel.state import KernelState, make_state

_INSTRUMENTS = (Instrument(Symbol("WARM"), Decimal(1)),)


def warm_loop() -> None:
    """Make the loop of a backtest ready, and with it the matching."""
    backtest_of(_state(), make_desk(_INSTRUMENTS), make_recorder(1, 1, 1))


def warm_loops() -> None:
    """Make all loops ready: that one, the one without a venue, and that of an IMC Trader."""
    warm_loop()
    rows = allocate(EVENT, 1)
    run_events(_state(), rows, 0, 0, allocate(INTENT, MAX_INTENTS))
    floor = make_floor(_INSTRUMENTS, 1, 1, 1)
    tick_of(_state(), floor, make_recorder(1, 1, 1), rows, np.zeros((1, 3), np.int64))


def _state() -> KernelState:
    return make_state(_INSTRUMENTS, allocate(PARAMS, 1), 1)
