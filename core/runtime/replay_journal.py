"""The journals of those that write none: a replay's input is the recording it plays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.domain.events import EventRow
from core.runtime.engine import IntentBytes, StateBytes


class NoJournal:
    """Implements `Journal`, and keeps nothing."""

    rows = 0
    bytes = 0
    lag_ms = 0.0

    def append(self, rows: Sequence[EventRow]) -> None:
        """Keep nothing."""

    def decide(self, seq: int, intents: IntentBytes) -> None:
        """Keep nothing."""

    def note(self, seq: int, ts_ns: int, fields: Mapping[str, object]) -> None:
        """Keep nothing."""

    def checkpoint(self, seq: int, ts_ns: int, state: StateBytes) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Nothing is open."""
