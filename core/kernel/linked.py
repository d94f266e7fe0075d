"""
`step` for the loops around it, which are compiled apart from it.

Numba optimizes whatever a compiled function calls together with it, all over again: each
loop would cost the time of the kernel once more. Called through its address the step is
compiled once, and a loop in a second.
"""

from __future__ import annotations

from core.domain.events import EVENT
from core.domain.memory import Rows, allocate
from core.domain.records import INTENT, MAX_INTENTS
from core.jit import address_of, is_jit_disabled, njit
from core.kernel.state import STEP, KernelState
from core.kernel.step import step

if is_jit_disabled():

    def link(state: KernelState) -> None:
        """Make a state ready for `apply`."""

    def apply(state: KernelState, events: Rows, index: int, intents: Rows) -> int:
        """Do what `step` does."""
        return step(state, events, index, intents)

else:
    from core.kernel.plugin_call import call_step

    def link(state: KernelState) -> None:
        """Make a state ready for `apply`."""
        if state.addresses[STEP] == 0:
            example = allocate(EVENT, 1), 0, allocate(INTENT, MAX_INTENTS)
            state.addresses[STEP] = address_of(step, state, *example)

    @njit
    def apply(state: KernelState, events: Rows, index: int, intents: Rows) -> int:
        """Do what `step` does, for a state that has been linked."""
        return call_step(state.addresses[STEP], state, events, index, intents)  # type: ignore[no-any-return]
