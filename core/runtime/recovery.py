"""
Start-up is crash recovery: what the last run left is read back before anything new.

The last state comes from its journal, by the same `step` that made it: newest saved
state, then every event after it. There is no second way to know a position. Whatever
cannot be read leaves trading halted: it might have been what halted it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.domain import events
from core.domain.enums import BracketState, OrderOrigin, StateReason, TradingState
from core.domain.errors import DataError
from core.domain.events import EventRow
from core.domain.memory import Rows, allocate
from core.domain.records import INTENT, MAX_INTENTS, MAX_VENUES
from core.journal.manifest import JOURNAL, runs_of
from core.journal.reader import JournalReader
from core.kernel.state import KernelState, from_bytes
from core.kernel.step import step

EXCHANGE_SESSION = "exchange_session"
"""Field of a note of the journal: which life of the exchange the run trades on."""

BEGAN = "began"
"""Field of a note: the run before it is carried over. Without it the run has traded nothing."""

SWITCH = "trading_state"
"""Field of a note: the trading state as it was set, readable by every version."""

BRACKETS = "brackets"
"""Field of a note: how many stops and targets are watched, readable by every version."""

_PART_FIELDS = ("part_lots", "part_cost_nanos", "part_realized_nanos", "part_fees_nanos")
_NOT_STRATEGY = [origin for origin in OrderOrigin if origin is not OrderOrigin.STRATEGY]

LAYOUT = "layout"
SYMBOLS = "symbols"


@dataclass(frozen=True, slots=True)
class Switch:
    """The latched trading state, with why and since when."""

    state: TradingState = TradingState.ACTIVE
    reason: StateReason = StateReason.NONE
    since_ns: int = 0

    def note(self) -> dict[str, object]:
        """Fields of a note that every version of the program can read back."""
        return {SWITCH: self.state.name, "reason": self.reason.name, "since_ns": self.since_ns}


@dataclass(frozen=True, slots=True)
class LastRun:
    """What the run before this one left behind."""

    run_id: str
    switch: Switch
    state: KernelState | None
    """None where only the switch can be carried over; `damage` says why."""
    exchange_session: str
    damage: str
    """What of its journal could not be used; empty if all of it could."""
    brackets: int = 0
    """Stops and targets that it watched last, as it had noted."""

    @property
    def last_trade_ids(self) -> tuple[int, ...]:
        """By venue: each execution up to here is booked; those after it are still to be told."""
        if self.state is None:
            return (0,) * MAX_VENUES
        return tuple(self.state.account["last_trade_ids"][0].tolist())

    @property
    def positions(self) -> tuple[int, ...]:
        """Lots in its books, by instrument; empty where they cannot be read."""
        if self.state is None:
            return ()
        return tuple(self.state.instruments["position_lots"].tolist())

    def events(self, *, keep_books: bool) -> list[EventRow]:
        """
        Make the first events of the new run.

        Args:
            keep_books: Carry positions and profit over too. False where the venue's
                account is another one, as after a restart of the practice exchange.
        """
        switch = self.switch
        if self.state is None or not keep_books:
            return [
                events.restored(
                    trading_state=switch.state,
                    state_reason=switch.reason,
                    state_since_ns=switch.since_ns,
                )
            ]
        account = self.state.account[0]
        head = events.restored(
            trading_state=switch.state,
            state_reason=switch.reason,
            state_since_ns=switch.since_ns,
            flatten_state=int(account["flatten_state"]),
            peak_nanos=int(account["peak_equity_nanos"]),
        )
        rows = [head, *self._fills(account)]
        for index, instrument in enumerate(self.state.instruments):
            rows += _books(index, instrument)
        return rows + _brackets(self.state.brackets)

    def _fills(self, account: Rows) -> list[EventRow]:
        """Executions that are booked, so that none is counted again when it is told again."""
        last_ids = self.last_trade_ids
        last = [
            events.restored_fill(trade_id, venue=venue, is_last=True)
            for venue, trade_id in enumerate(last_ids)
            if trade_id > 0
        ]
        booked = zip(account["fill_ids"].tolist(), account["fill_venues"].tolist(), strict=True)
        beyond = [
            events.restored_fill(trade_id, venue=venue)
            for trade_id, venue in booked
            if trade_id > last_ids[venue]
        ]
        return [*last, *beyond]


def _books(index: int, row: Rows) -> list[EventRow]:
    """Carry over one instrument: the whole, and its parts where not all is the strategy's."""
    whole = events.restored(
        instrument=index,
        lots=int(row["position_lots"]),
        cost_nanos=int(row["cost_nanos"]),
        realized_nanos=int(row["realized_nanos"]),
        fees_nanos=int(row["fees_nanos"]),
    )
    if not any(row[name][_NOT_STRATEGY].any() for name in _PART_FIELDS):
        return [whole]
    parts = [
        events.restored_part(
            index,
            origin,
            lots=int(row["part_lots"][origin]),
            cost_nanos=int(row["part_cost_nanos"][origin]),
            realized_nanos=int(row["part_realized_nanos"][origin]),
            fees_nanos=int(row["part_fees_nanos"][origin]),
        )
        for origin in OrderOrigin
    ]
    return [whole, *parts]


def _brackets(rows: Rows) -> list[EventRow]:
    """Carry over what is watched, oldest first; an entry of the last run is not."""
    used = rows[(rows["bracket_id"] != 0) & (rows["left_lots"] > 0)]
    return [
        events.restored_bracket(
            int(row["instrument"]),
            BracketState(int(row["state"])),
            int(row["side"]),
            int(row["left_lots"]),
            stop_ticks=int(row["stop_ticks"]),
            target_ticks=int(row["target_ticks"]),
        )
        for row in used[np.argsort(used["bracket_id"])]
    ]


def find_last_run(run_dir: Path, profile: str) -> Path | None:
    """
    Find the folder of the youngest run that had begun.

    One that died before it had taken over the run before it has traded nothing, and what
    it would have carried over still stands in its predecessor. One that cannot be read
    counts: nobody knows what it did.
    """
    for folder in runs_of(run_dir, profile):
        try:
            with JournalReader(folder / JOURNAL) as journal:
                if any(BEGAN in note.fields for note in journal.notes()):
                    return folder
        except DataError:
            return folder
    return None


def read_last_run(folder: Path, empty: KernelState, layout: str, symbols: str) -> LastRun:
    """
    Rebuild the state a run ended in.

    Args:
        folder: Of the run.
        empty: A fresh state of the same instruments; filled and returned.
        layout: Fingerprint of this program's state.
        symbols: Instruments, joined; of a run of others only the switch is carried over.
    """
    try:
        with JournalReader(folder / JOURNAL) as journal:
            notes = [note.fields for note in journal.notes()]
            session = _newest(notes, EXCHANGE_SESSION)
            brackets = _count(_newest(notes, BRACKETS))
            if journal.meta.get(LAYOUT) != layout:
                damage = "another version of the program wrote it"
                return LastRun(folder.name, _noted(notes), None, session, damage, brackets)
            if journal.meta.get(SYMBOLS) != symbols:
                damage = "it traded other instruments"
                return LastRun(folder.name, _noted(notes), None, session, damage, brackets)
            damage = _drive(journal, empty)
    except (DataError, ValueError) as error:
        return LastRun(folder.name, _halted(StateReason.JOURNAL_FAILED), None, "", str(error))
    switch = _halted(StateReason.JOURNAL_FAILED) if damage else switch_of(empty)
    return LastRun(folder.name, switch, empty, session, damage, brackets)


def _drive(journal: JournalReader, state: KernelState) -> str:
    """Bring a state to the end of a journal. Returns what of it could not be used."""
    saved = journal.checkpoint()
    after = 0
    if saved is not None:
        from_bytes(state, saved.state)
        after = saved.seq
    intents = allocate(INTENT, MAX_INTENTS)
    try:
        for chunk in journal.events(after=after):
            for index in range(len(chunk)):
                step(state, chunk, index, intents)
    except DataError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  what broke the last run must not break this one
        seq = int(state.account["seq"][0])
        return f"event {seq} cannot be applied: {type(error).__name__}: {error}"
    return ""


def switch_of(state: KernelState) -> Switch:
    """Read the latched trading state."""
    account = state.account[0]
    return Switch(
        TradingState(int(account["trading_state"])),
        StateReason(int(account["state_reason"])),
        int(account["state_since_ns"]),
    )


def _halted(reason: StateReason) -> Switch:
    return Switch(TradingState.HALTED, reason)


def _newest(notes: list[dict[str, Any]], field: str) -> str:
    return next((str(fields[field]) for fields in reversed(notes) if field in fields), "")


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _noted(notes: list[dict[str, Any]]) -> Switch:
    """Read the switch as it was written down last; one that says nothing known is halted."""
    for fields in reversed(notes):
        if SWITCH in fields:
            try:
                return Switch(
                    TradingState[str(fields[SWITCH])],
                    StateReason[str(fields.get("reason", ""))],
                    int(fields.get("since_ns", 0)),
                )
            except (KeyError, ValueError):
                return _halted(StateReason.RESTORED)
    return Switch()
