"""A position of the user's own wish, in place of what the signals would make of it."""

from __future__ import annotations

import math

from core.domain.enums import SignalFault
from core.domain.records import WINDOW
from core.jit import njit
from core.kernel.plugin import call_mine
from core.kernel.state import TARGET, KernelState


@njit
def read_target(state: KernelState, index: int) -> None:
    """
    Ask the user's target, in [-1, 1], for the share of the position cap that is wanted.

    It stands where the signals' combination would: as `combined`, with full confidence.
    One that misbehaves wants nothing until the next start.
    """
    address = state.addresses[TARGET]
    if address == 0:
        return
    instrument = state.instruments[index]
    instrument.has_target = 1
    instrument.combined = 0.0
    instrument.confidence = 1.0
    if instrument.target_code != 0 or instrument.bars < WINDOW:
        return
    is_well, share = call_mine(address, instrument)
    if is_well == 0.0:
        instrument.target_code = SignalFault.RAISED.value
    elif not math.isfinite(share):
        instrument.target_code = SignalFault.NOT_FINITE.value
    elif abs(share) > 1.0:
        instrument.target_code = SignalFault.OUT_OF_BOUNDS.value
    else:
        instrument.combined = share
