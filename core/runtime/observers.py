"""Several observers of one engine, told in turn."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.events import EventRow
from core.runtime.engine import IntentTuple, Observer


class Observers:
    """
    Implements `Observer` for several.

    Args:
        observers: Told in this order: a later one may ask an earlier one about the event.
    """

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def add(self, observer: Observer) -> None:
        """Tell one more, last of all."""
        self._observers = (*self._observers, observer)

    def on_applied(self, row: EventRow, intents: Sequence[IntentTuple]) -> None:
        """Pass an event on."""
        for observer in self._observers:
            observer.on_applied(row, intents)
