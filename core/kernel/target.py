"""A position of the user's own wish, in place of what the signals would make of it."""

from __future__ import annotations

from core.domain.enums import SignalFault
from core.domain.records import WINDOW
from core.jit import njit
from core.kernel.plugin import call_mine, fault_of
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
    fault = fault_of(is_well, share)
    if fault == SignalFault.NONE:
        instrument.combined = share
    else:
        instrument.target_code = fault
