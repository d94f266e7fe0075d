"""States of a run at some of its events, so that any other is near one of them."""

from __future__ import annotations

FIRST_SPACING = 1_024
"""Events between two states at first; doubled whenever there are too many."""

BUDGET_BYTES = 64_000_000

_FEWEST = 8


class Frames:
    """
    Saved states by position, in bounded memory.

    However long a run is, its states are spaced evenly: where there are too many, every
    other one is forgotten. The state before the first event always stays.
    """

    def __init__(
        self, first: bytes, *, spacing: int = FIRST_SPACING, budget_bytes: int = BUDGET_BYTES
    ) -> None:
        """
        Begin with the state before the first event.

        Args:
            first: That state.
            spacing: Events between two states, at first.
            budget_bytes: Memory for all of them; room for eight there is in any case.
        """
        self._states = {0: first}
        self._spacing = spacing
        self._most = max(_FEWEST, budget_bytes // max(1, len(first)))

    def __len__(self) -> int:
        return len(self._states)

    @property
    def spacing(self) -> int:
        """Most events between any position and the state before it."""
        return self._spacing

    def is_due(self, position: int) -> bool:
        """Whether the state after so many events is one to keep."""
        return position % self._spacing == 0

    def keep(self, position: int, state: bytes) -> None:
        """Remember the state after `position` events."""
        self._states[position] = state
        if len(self._states) > self._most:
            self._spacing *= 2
            self._states = {
                seq: kept for seq, kept in self._states.items() if seq % self._spacing == 0
            }

    def nearest(self, position: int) -> tuple[int, bytes]:
        """Newest state at `position` or before it, and where it is."""
        seq = position - position % self._spacing
        while seq not in self._states:
            # Beyond the last one kept, where a journal ended early.
            seq -= self._spacing
        return seq, self._states[seq]
