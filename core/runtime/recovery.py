"""
Start-up is crash recovery: what the last run left is read back before anything new.

The last state comes from its journal, by the same `step` that made it: newest saved
state, then every event after it. There is no second way to know a position.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.domain import events
from core.domain.enums import TradingState
from core.domain.errors import DataError
from core.domain.events import EventRow
from core.domain.memory import allocate
from core.domain.records import INTENT, MAX_INTENTS
from core.journal.manifest import JOURNAL
from core.journal.reader import JournalReader
from core.kernel.state import KernelState, from_bytes
from core.kernel.step import step

EXCHANGE_SESSION = "exchange_session"
"""Field of a note of the journal: which life of the exchange the run trades on."""

LAYOUT = "layout"
SYMBOLS = "symbols"


@dataclass(frozen=True, slots=True)
class LastRun:
    """What the run before this one left behind."""

    run_id: str
    state: KernelState
    exchange_session: str
    damage: str
    """What of its journal could not be read; empty if all of it could."""

    @property
    def trading_state(self) -> TradingState:
        """The latched switch."""
        return TradingState(int(self.state.account["trading_state"][0]))

    @property
    def last_trade_id(self) -> int:
        """Largest execution id booked; fills after it are still to be told."""
        return int(self.state.account["fill_ids"].max())

    def events(self, *, keep_books: bool) -> list[EventRow]:
        """
        Make the first events of the new run.

        Args:
            keep_books: Carry positions and profit over too. False where the venue's
                account is another one, as after a restart of the practice exchange.
        """
        account = self.state.account[0]
        rows = [
            events.restored(
                trading_state=self.trading_state,
                state_reason=int(account["state_reason"]),
                state_since_ns=int(account["state_since_ns"]),
                flatten_state=int(account["flatten_state"]) if keep_books else 0,
                peak_nanos=int(account["peak_equity_nanos"]) if keep_books else 0,
                last_trade_id=self.last_trade_id if keep_books else 0,
            )
        ]
        if not keep_books:
            return rows
        return rows + [
            events.restored(
                instrument=index,
                lots=int(row["position_lots"]),
                cost_nanos=int(row["cost_nanos"]),
                realized_nanos=int(row["realized_nanos"]),
                fees_nanos=int(row["fees_nanos"]),
            )
            for index, row in enumerate(self.state.instruments)
        ]


def read_last_run(folder: Path, empty: KernelState, layout: str, symbols: str) -> LastRun | None:
    """
    Rebuild the state a run ended in.

    Args:
        folder: Of the run.
        empty: A fresh state of the same instruments; filled and returned.
        layout: Fingerprint of this program's state.
        symbols: Instruments, joined; a run of others is not continued.

    Returns:
        None if the run traded other instruments or was written by another version.

    Raises:
        DataError: If its journal cannot be opened at all.
    """
    with JournalReader(folder / JOURNAL) as journal:
        if journal.meta.get(LAYOUT) != layout or journal.meta.get(SYMBOLS) != symbols:
            return None
        saved = journal.checkpoint()
        after = 0
        if saved is not None:
            from_bytes(empty, saved.state)
            after = saved.seq
        intents = allocate(INTENT, MAX_INTENTS)
        damage = ""
        try:
            for chunk in journal.events(after=after):
                for index in range(len(chunk)):
                    step(empty, chunk, index, intents)
        except DataError as error:
            damage = str(error)
        return LastRun(folder.name, empty, _exchange_session(journal), damage)


def _exchange_session(journal: JournalReader) -> str:
    for note in journal.notes():
        if EXCHANGE_SESSION in note.fields:
            return str(note.fields[EXCHANGE_SESSION])
    return ""
