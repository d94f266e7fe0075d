"""An engine with a journal in memory, a venue that only writes down, and a clock by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.api.notice_log import NoticeLog
from core.domain import events
from core.domain.commands import Command, CommandName, CommandResult
from core.domain.enums import VenueState
from core.domain.errors import JournalError
from core.domain.events import EventRow
from core.domain.snapshot import Notice
from core.kernel.state import make_state
from core.runtime.desk import CommandDesk
from core.runtime.engine import Engine
from core.runtime.observers import Observers
from core.runtime.reporter import Reporter
from core.runtime.session_ledger import SessionLedger
from core.settings.loader import load_settings
from core.venues.port import LIMIT_ORDERS_ONLY, VenueAbilities
from tests.unit.kernel.kernel_rig import CAPITAL, EISBACH, ETF, NANOS, make_params


class MemoryJournal:
    """Keeps what it is given; fails when told to."""

    def __init__(self) -> None:
        self.stored: list[bytes] = []
        self.notes: list[Mapping[str, object]] = []
        self.checkpoints: list[tuple[int, bytes]] = []
        self.decisions: list[tuple[int, bytes]] = []
        self.log: list[str] = []
        self.is_broken = False

    @property
    def rows(self) -> int:
        return len(self.stored)

    @property
    def bytes(self) -> int:
        return sum(map(len, self.stored))

    @property
    def lag_ms(self) -> float:
        return 0.0

    def append(self, rows: Sequence[EventRow]) -> None:
        self._check()
        self.log.append(f"journal {len(rows)}")
        self.stored += [bytes(row) for row in rows]

    def decide(self, seq: int, intents: Any) -> None:
        self.log.append(f"decide {seq}")
        self.decisions.append((seq, intents))

    def note(self, seq: int, ts_ns: int, fields: Mapping[str, object]) -> None:
        self._check()
        self.notes.append({"seq": seq, **fields})

    def checkpoint(self, seq: int, ts_ns: int, state: Any) -> None:
        self._check()
        self.checkpoints.append((seq, state))

    def close(self) -> None:
        pass

    def _check(self) -> None:
        if self.is_broken:
            raise JournalError("journal.db: the disk is full")


class EngineRig:
    """Everything around the loop, with nothing behind it."""

    def __init__(self, *, abilities: VenueAbilities = LIMIT_ORDERS_ONLY, **params: float) -> None:
        self.ts_ns = 1_763_800_000 * NANOS
        self.journal = MemoryJournal()
        self.sent: list[dict[str, int]] = []
        self.logged: list[Notice] = []
        self.stopped: list[str] = []
        state = make_state([EISBACH, ETF], make_params(**params), CAPITAL * NANOS)
        self.notices = NoticeLog()
        self.reporter = Reporter(self.notices, state, [EISBACH, ETF], self.logged.append)
        self.ledger = SessionLedger(state, [EISBACH, ETF], self.reporter.reason_of)
        observers = Observers(self.reporter, self.ledger)
        self.engine = Engine(
            state, self.journal, self._submit, observers, now_ns=lambda: self.ts_ns
        )
        self.desk = CommandDesk(
            self.engine,
            self.reporter,
            [EISBACH, ETF],
            load_settings().settings,
            stop=self.stopped.append,
            abilities=abilities,
        )

    @property
    def account(self) -> Any:
        return self.engine.state.account[0]

    def _submit(self, intents: Any, count: int) -> None:
        self.journal.log.append(f"submit {count}")
        names = intents.dtype.names
        self.sent += [dict(zip(names, values, strict=True)) for values in intents[:count].tolist()]

    def feed(self, *rows: EventRow, after_ms: float = 10) -> None:
        self.ts_ns += int(after_ms * 1e6)
        for row in rows:
            self.engine.put(row)
        self.engine.flush()

    def connect(self) -> None:
        self.feed(events.venue_state(VenueState.CONNECTED))
        self.feed(events.venue_state(VenueState.SYNCED))

    def book(self, bid: int = 3400, ask: int = 3402, index: int = 0) -> None:
        self.feed(events.book(index, [(bid, 10), (bid - 1, 4)], [(ask, 7), (ask + 1, 9)]))

    def ask(self, name: CommandName, **args: str) -> CommandResult:
        return self.desk.submit(Command(name, "test:1", 5, args))

    def texts(self) -> list[str]:
        return [notice.text for notice in self.logged]
