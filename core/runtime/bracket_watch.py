"""Says what becomes of stops and targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from core.domain.enums import BracketState, Side
from core.domain.instrument import Instrument
from core.domain.memory import Rows
from core.domain.records import MAX_BRACKETS
from core.kernel.state import KernelState
from core.runtime.recovery import BRACKETS

Say = Callable[[str, str, str, str], None]
"""Kind, severity, text and instrument of a notice."""

Note = Callable[[Mapping[str, object]], None]
"""Writes a note to the journal."""


class BracketWatch:
    """Compares the brackets with what was said of them last."""

    MEMORY = ("_known", "_count")
    """What changes while it watches."""

    def __init__(
        self,
        state: KernelState,
        instruments: Sequence[Instrument],
        say: Say,
        note: Note | None = None,
    ) -> None:
        self._account = state.account
        self._rows = state.brackets
        self._books = state.instruments
        self._instruments = instruments
        self._say = say
        self._note = note
        self._known: list[tuple[int, int, int]] = [(0, 0, 0)] * MAX_BRACKETS
        """By row: number, state and target in ticks."""
        self._count = 0

    def look(self) -> None:
        """Say what an event has changed."""
        count = int(self._account["brackets"][0])
        numbers = self._rows["bracket_id"].tolist()
        states = self._rows["state"].tolist()
        targets = self._rows["target_ticks"].tolist()
        for row, now in enumerate(zip(numbers, states, targets, strict=True)):
            if now != self._known[row]:
                before, self._known[row] = self._known[row], now
                self._say_row(row, before, now)
        if count != self._count and self._note is not None:
            # In words, so that another version of the program can read it.
            self._note({BRACKETS: count})
        self._count = count

    def _say_row(self, row: int, before: tuple[int, int, int], now: tuple[int, int, int]) -> None:
        if before[0] and before[0] != now[0]:
            self._tell(row, "info", f"bracket {before[0]} is over: nothing is left to close")
        if not now[0]:
            return
        bracket = self._rows[row]
        if before[0] != now[0]:
            self._tell(row, "info", f"bracket {now[0]}: {self._words(bracket)}")
        elif now[1] != before[1] and now[1] == BracketState.CLOSING:
            self._tell(row, "warning", f"bracket {now[0]}: {self._touched(bracket)}")
        elif now[1] == before[1] and now[2] != before[2]:
            self._tell(row, "info", f"bracket {now[0]}: {self._new_target(bracket)}")

    def _words(self, bracket: Rows) -> str:
        instrument = self._instruments[int(bracket["instrument"])]
        named = (("stop", int(bracket["stop_ticks"])), ("target", int(bracket["target_ticks"])))
        exits = " and ".join(
            f"{name} {instrument.to_price(ticks):f}" for name, ticks in named if ticks
        )
        what = "bought" if bracket["side"] == Side.BUY else "sold"
        if bracket["state"] == BracketState.WAITING:
            return f"{exits} for what order {int(bracket['entry_order'])} is {what}"
        return f"{exits} for {instrument.to_quantity(int(bracket['left_lots'])):f} {what}"

    def _touched(self, bracket: Rows) -> str:
        index = int(bracket["instrument"])
        instrument, book = self._instruments[index], self._books[index]
        is_long = bracket["side"] == Side.BUY
        best = int(book["bid_ticks" if is_long else "ask_ticks"][0])
        return (
            f"stop {instrument.to_price(int(bracket['stop_ticks'])):f} touched by the "
            f"{'bid' if is_long else 'ask'} at {instrument.to_price(best):f}; closing "
            f"{instrument.to_quantity(int(bracket['left_lots'])):f} at once"
        )

    def _new_target(self, bracket: Rows) -> str:
        instrument = self._instruments[int(bracket["instrument"])]
        ticks = int(bracket["target_ticks"])
        if ticks:
            return f"target {instrument.to_price(ticks):f}"
        stop = int(bracket["stop_ticks"])
        rest = f"; the stop {instrument.to_price(stop):f} is still watched" if stop else ""
        return f"target taken away{rest}"

    def _tell(self, row: int, severity: str, text: str) -> None:
        index = int(self._rows["instrument"][row])
        self._say("order", severity, text, self._instruments[index].symbol)
