"""What is still done when an event could not be applied: say so, and cancel."""

from __future__ import annotations

import numpy as np

from core.domain.enums import EventKind, IntentKind, OrderStatus
from core.domain.errors import FatalError
from core.domain.memory import Rows, allocate
from core.domain.records import INTENT, MAX_INTENTS

_LIVE = (
    OrderStatus.PENDING_NEW,
    OrderStatus.OPEN,
    OrderStatus.PARTIALLY_FILLED,
    # Asked for by a step that may have broken before its requests left.
    OrderStatus.PENDING_CANCEL,
    OrderStatus.PENDING_REPLACE,
    OrderStatus.UNKNOWN,
)

_RISKY = (IntentKind.PLACE.value, IntentKind.REPLACE.value)


class EngineFault(FatalError):
    """An event could not be applied, so nobody knows any more what the state is worth."""

    def __init__(self, seq: int, kind: int, error: Exception) -> None:
        self.seq = seq
        name = EventKind(kind).name if kind in set(EventKind) else str(kind)
        super().__init__(
            f"event {seq} ({name}) could not be applied: {type(error).__name__}: {error}; "
            "trading is halted and orders are canceled: restart the engine to trade again"
        )


def without_new_risk(intents: Rows, count: int) -> tuple[Rows, int]:
    """Leave out of the first `count` intents what could make the venue trade."""
    kept = allocate(INTENT, MAX_INTENTS)
    safe = intents[:count][~np.isin(intents["kind"][:count], _RISKY)]
    kept[: len(safe)] = safe
    return kept, len(safe)


def cancels_of(orders: Rows) -> tuple[Rows, int]:
    """Ask for every order that may still trade to be canceled, without the kernel."""
    intents = allocate(INTENT, MAX_INTENTS)
    live = [row for row in orders if int(row["status"]) in _LIVE]
    for intent, order in zip(intents, live, strict=False):
        intent["kind"] = IntentKind.CANCEL.value
        for name in ("instrument", "order_id", "side", "price_ticks", "terms", "origin"):
            intent[name] = order[name]
    return intents, len(live)
