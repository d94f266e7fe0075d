"""
A user's own signal, called inside the compiled step.

The function is compiled apart and handed over as an address, so the kernel's cached code
serves with and without it. An exception in it is a value here, not a crash.
"""

from __future__ import annotations

import math
from typing import Any

from core.domain.enums import SignalFault
from core.domain.records import InstrumentState
from core.jit import is_jit_disabled, njit

_UNCOMPILED: dict[int, Any] = {}
"""Functions by address where nothing is compiled."""


def register_uncompiled(function: Any) -> int:
    """Give a plain function an address, for kernels that run without the JIT."""
    address = id(function)
    _UNCOMPILED[address] = function
    return address


if is_jit_disabled():

    def call_mine(address: int, instrument: InstrumentState) -> tuple[float, float]:
        """Call the function at `address`: (1.0, value), or (0.0, 0.0) if it raised."""
        try:
            return 1.0, float(_UNCOMPILED[address](instrument))
        except Exception:  # noqa: BLE001  whatever a user's function raises is its fault
            return 0.0, 0.0

else:
    from core.kernel.plugin_call import call_compiled

    @njit
    def call_mine(address: int, instrument: InstrumentState) -> tuple[float, float]:
        """Call the function at `address`: (1.0, value), or (0.0, 0.0) if it raised."""
        return call_compiled(address, instrument)  # type: ignore[no-any-return]


@njit
def fault_of(is_well: float, value: float) -> int:
    """Say what is wrong with an answer of `call_mine`, as a SignalFault; NONE if nothing is."""
    if is_well == 0.0:
        return SignalFault.RAISED.value
    if not math.isfinite(value):
        return SignalFault.NOT_FINITE.value
    if abs(value) > 1.0:
        return SignalFault.OUT_OF_BOUNDS.value
    return SignalFault.NONE.value
