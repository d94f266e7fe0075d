"""States of a recording at some of its places, so that any other is near one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

FIRST_SPACING = 1_024
"""Events between two states at first; doubled whenever there are too many."""

BUDGET_BYTES = 64_000_000

_FEWEST = 8

Kept = TypeVar("Kept")


class Frames(Generic[Kept]):
    """
    Saved states by position, in bounded memory.

    However long a recording is, its states are spaced evenly: where there are too many,
    every other one is forgotten. The state before the first event always stays.
    """

    def __init__(
        self,
        first: Kept,
        *,
        size_of: Callable[[Kept], int] = len,  # type: ignore[assignment]  # bytes, unless said
        spacing: int = FIRST_SPACING,
        budget_bytes: int = BUDGET_BYTES,
    ) -> None:
        """
        Begin with the state before the first event.

        Args:
            first: That state.
            size_of: Bytes of a state.
            spacing: Events between two states, at first.
            budget_bytes: Memory for all of them; room for eight there is in any case.
        """
        self._states = {0: first}
        self._size_of = size_of
        self._spacing = spacing
        self._budget_bytes = budget_bytes
        self._bytes = size_of(first)

    def __len__(self) -> int:
        return len(self._states)

    @property
    def bytes(self) -> int:
        """Of all states that are kept."""
        return self._bytes

    @property
    def spacing(self) -> int:
        """Most events between any position and the state before it."""
        return self._spacing

    def is_due(self, position: int) -> bool:
        """Whether the state after so many events is one to keep."""
        return position % self._spacing == 0

    def keep(self, position: int, state: Kept) -> None:
        """Remember the state after `position` events."""
        self._states[position] = state
        self._bytes += self._size_of(state)
        while self._bytes > self._budget_bytes and len(self._states) > _FEWEST:
            self._spacing *= 2
            self._keep_only(lambda seq: seq % self._spacing == 0)

    def forget_after(self, position: int) -> None:
        """Forget the states behind a position: what led there is not so any more."""
        self._keep_only(lambda seq: seq <= position)

    def nearest(self, position: int) -> tuple[int, Kept]:
        """Newest state at `position` or before it, and where it is."""
        seq = position - position % self._spacing
        while seq not in self._states:
            # Beyond the last one kept, where a journal ended early.
            seq -= self._spacing
        return seq, self._states[seq]

    def _keep_only(self, is_kept: Callable[[int], bool]) -> None:
        self._states = {seq: kept for seq, kept in self._states.items() if is_kept(seq)}
        self._bytes = sum(map(self._size_of, self._states.values()))
