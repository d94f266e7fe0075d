"""Says what is not known for sure: orders without an answer, corrections, fees, the identity."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from core.domain.enums import OrderStatus
from core.domain.instrument import NANOS, Instrument
from core.kernel.state import KernelState

Say = Callable[[str, str, str, str], None]
"""Kind, severity, text and instrument of a notice."""

Note = Callable[[Mapping[str, object]], None]
"""Writes a note to the journal."""

_ANSWERS = {
    OrderStatus.NONE: "it is gone",
    OrderStatus.PENDING_NEW: "it is being sent",
    OrderStatus.OPEN: "it is open",
    OrderStatus.PARTIALLY_FILLED: "it is partly filled",
    OrderStatus.PENDING_CANCEL: "it is being canceled",
    OrderStatus.PENDING_REPLACE: "it is being replaced",
    OrderStatus.FILLED: "it was filled",
    OrderStatus.CANCELED: "it does not rest there",
    OrderStatus.REJECTED: "it was refused",
    OrderStatus.EXPIRED: "it has expired",
    OrderStatus.DENIED: "it was never sent",
}
"""What the venue said of an order that had been UNKNOWN."""


def _ignore(_: Mapping[str, object]) -> None:
    pass


class Doubts:
    """Compares counts of the account with what was said of them last."""

    MEMORY = ("_unknown", "_corrections", "_break_nanos", "_unpriced")
    """What changes while it watches."""

    def __init__(
        self,
        state: KernelState,
        instruments: Sequence[Instrument],
        say: Say,
        note: Note | None = None,
    ) -> None:
        self._account = state.account
        self._rows = state.instruments
        self._orders = state.orders
        self._instruments = instruments
        self._say = say
        self._note = note or _ignore
        self._unknown: dict[int, str] = {}
        self._corrections = self._value("corrections")
        self._break_nanos = self._value("identity_break_nanos")
        self._unpriced = self._value("unpriced_fees")

    def look(self, index: int) -> None:
        """
        Say what an event has brought.

        Args:
            index: Its instrument; negative for none.
        """
        if self._unknown or self._value("unknown_orders"):
            self._look_at_orders()
        if self._value("corrections") != self._corrections:
            self._corrections = self._value("corrections")
            self._say_correction(index)
        if self._value("identity_break_nanos") != self._break_nanos:
            self._break_nanos = self._value("identity_break_nanos")
            self._say_identity(index)
        if self._value("unpriced_fees") != self._unpriced:
            self._unpriced = self._value("unpriced_fees")
            self._say_fees(index)

    def _look_at_orders(self) -> None:
        status, numbers = self._orders["status"], self._orders["order_id"]
        unknown = {
            int(numbers[row]): self._symbol(int(self._orders["instrument"][row]))
            for row in np.flatnonzero(status == OrderStatus.UNKNOWN).tolist()
        }
        before, self._unknown = self._unknown, unknown
        for number, symbol in unknown.items():
            if number not in before:
                text = f"order {number}: no answer from the venue; asking it"
                self._say("order", "warning", text, symbol)
        for number, symbol in before.items():
            if number not in unknown:
                text = f"order {number}: the venue has answered: {self._answer(number)}"
                self._say("order", "info", text, symbol)

    def _answer(self, number: int) -> str:
        found = np.flatnonzero(self._orders["order_id"] == number)
        status = OrderStatus(int(self._orders["status"][found[0]])) if found.size else 0
        return _ANSWERS[OrderStatus(status)]

    def _say_correction(self, index: int) -> None:
        """The venue's word on a position has replaced ours."""
        instrument, row = self._instruments[index], self._rows[index]
        held, changed = int(row["position_lots"]), int(row["corrected_lots"])
        before = float(instrument.to_quantity(held - changed))
        after = float(instrument.to_quantity(held))
        self._say(
            "venue",
            "alarm",
            f"position corrected by the venue: {before:+g} -> {after:+g}; "
            "what the difference cost is not known, it is booked at the mark",
            instrument.symbol,
        )
        self._note(
            {
                "correction": instrument.symbol, "before": before, "after": after,
                "reason": "the venue reports another position",
            }
        )  # fmt: skip

    def _say_identity(self, index: int) -> None:
        symbol = self._symbol(index)
        if not self._break_nanos:
            self._say("risk", "info", "equity and its parts agree again", symbol)
            return
        self._say(
            "risk",
            "alarm",
            f"identity broken: equity and its parts differ by {self._break_nanos / NANOS:+,.9g} "
            f"after an event of {symbol or 'no instrument'}",
            symbol,
        )

    def _say_fees(self, index: int) -> None:
        """At the first one, and then each time there are ten times as many."""
        digits = str(self._unpriced)
        if digits.rstrip("0") != "1":
            return
        self._say(
            "risk",
            "warning",
            f"{self._unpriced} fees in an asset without a rate are missing in the profit; "
            "name its worth in venue.fee_rates",
            self._symbol(index),
        )

    def _symbol(self, index: int) -> str:
        return self._instruments[index].symbol if index >= 0 else ""

    def _value(self, name: str) -> int:
        return int(self._account[name][0])
